"""Patterns with `*` for any text and `?` for one character, in upper or lower case alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands between two stars, of a length that is fixed."""

    length: int
    pattern: re.Pattern[str]


def within(pattern: str) -> Test:
    """Whether a text holds the pattern anywhere."""
    parts = _parts(f"*{folded(pattern)}*")
    return lambda text: _fits(parts, folded(text))


def whole(pattern: str) -> Test:
    """Whether a text is all that the pattern says, from its beginning to its end."""
    parts = _parts(folded(pattern))
    return lambda text: _fits(parts, folded(text))


def folded(text: str) -> str:
    """The text in one case, its white space single: what people would call the same text."""
    return " ".join(text.casefold().split())


def _parts(pattern: str) -> list[_Part]:
    """The pattern's parts, each to be looked for behind the one before.

    Nothing in a part repeats, so that looking for it never goes back in the text: one expression
    for a whole pattern of many stars could take longer than anybody waits.
    """
    return [_Part(len(part), _compiled(part)) for part in pattern.split("*")]


def _compiled(part: str) -> re.Pattern[str]:
    return re.compile("".join("." if sign == "?" else re.escape(sign) for sign in part), re.DOTALL)


def _fits(parts: list[_Part], text: str) -> bool:
    """Whether the parts come in turn, the first at the beginning and the last at the end."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return first.pattern.fullmatch(text) is not None
    found = first.pattern.match(text)
    for part in parts[1:-1]:
        found = part.pattern.search(text, found.end()) if found else None
    start = len(text) - last.length
    return found is not None and start >= found.end() and bool(last.pattern.match(text, start))
