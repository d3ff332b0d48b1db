"""Text from outside, made fit for one line of a mail: it can steer no reader's program."""

from __future__ import annotations

import re
from http import HTTPStatus

_BREAKS = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f"
    "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_BROKEN = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def one_line(text: str) -> str:
    """The text on one line: control and bidi characters gone, halves of characters as U+FFFD.

    The joiners U+200C and U+200D stay, because Persian and Indic words are misspelled without.
    """
    spaced = _BREAKS.sub(" ", text)
    return _BROKEN.sub("\ufffd", _STEERING.sub("", spaced)).strip()


def cut(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis; never longer than `limit`."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def named(names: tuple[str, ...], most: int = 10) -> str:
    """`Oncology, Lung and 3 more`."""
    shown = ", ".join(cut(one_line(name), 60) for name in names[:most])
    more = len(names) - most
    return f"{shown} and {more:,} more" if more > 0 else shown


def counted(count: int, thing: str) -> str:
    """`1 alert`, `1,204 alerts`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def answered(code: int) -> str:
    """`it answered 503 Service Unavailable`; what the other side calls it may hold anything."""
    try:
        return f"it answered {code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"it answered {code}"
