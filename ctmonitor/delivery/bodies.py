"""The two bodies of a message: plain text of at most 78 columns, and HTML that fetches nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from ctmonitor.delivery.digest import Digest
from ctmonitor.delivery.sheet import Limits, Link, Sheet, Study, sheet_of

WIDTH = 78
HTML_BYTES = 80_000
TEXT_BYTES = 1_000_000
"""Of the rows that it shows, text says all; only what mail servers refuse for its size is cut."""
MOST_ROWS = 50
"""So many alerts are shown; beyond, a table of all of them is attached."""

_HTML_LIMITS = (
    Limits(MOST_ROWS, 20, 1_000),
    Limits(MOST_ROWS, 10, 300),
    Limits(MOST_ROWS, 5, 120),
    Limits(MOST_ROWS, 3, 60),
    Limits(MOST_ROWS, 1, 40),
    Limits(20, 1, 40),
    Limits(5, 1, 40),
)
_TEXT_LIMITS = (
    Limits(MOST_ROWS, 2_000, 8_000),
    Limits(MOST_ROWS, 1_000, 1_000),
    Limits(MOST_ROWS, 100, 200),
    Limits(MOST_ROWS, 20, 120),
    Limits(MOST_ROWS, 3, 60),
)


def text_of(digest: Digest) -> str:
    """The text body; every line ends with a line feed."""
    return _fitting(digest, _print, _TEXT_LIMITS, most=TEXT_BYTES)[0]


def html_of(digest: Digest) -> str:
    """The HTML body: at most 50 alerts and 80 kB, long values cut first."""
    return _fitting(digest, _render, _HTML_LIMITS, most=HTML_BYTES)[0]


@dataclass(frozen=True, slots=True)
class Bodies:
    """Both bodies of a message; `is_whole` says that either shows every alert."""

    text: str
    html: str
    is_whole: bool


def bodies_of(digest: Digest) -> Bodies:
    """Both bodies of a message."""
    html, limits = _fitting(digest, _render, _HTML_LIMITS, most=HTML_BYTES)
    return Bodies(text_of(digest), html, is_whole=len(digest.rows) <= limits.rows)


def _fitting(
    digest: Digest, body: Callable[[Sheet], str], limits: tuple[Limits, ...], *, most: int
) -> tuple[str, Limits]:
    """The body by the first limits that make it fit, and those limits."""
    for limit in limits[:-1]:
        if _least_size(digest, limit) > most:
            continue
        made = body(sheet_of(digest, limit))
        if len(made.encode()) <= most:
            return made, limit
    return body(sheet_of(digest, limits[-1])), limits[-1]


def _least_size(digest: Digest, limits: Limits) -> int:
    """No body within these limits is smaller; saves printing what is too long anyway."""
    rows = digest.rows[: limits.rows]
    return 10 * sum(1 + min(len(row.alert.evidence), limits.lines) for row in rows)


@cache
def _template() -> Template:
    source = files("ctmonitor.delivery").joinpath("digest.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source)


def _render(sheet: Sheet) -> str:
    return _template().render(sheet=sheet)


def _print(sheet: Sheet) -> str:
    lines = [*_wrapped(sheet.gist), ""]
    if sheet.lead:
        lines += [*_wrapped(sheet.lead), ""]
    for group in sheet.groups:
        if group.heading:
            lines += [group.heading, "-" * len(group.heading), ""]
        for study in group.studies:
            lines += [*_printed(study), ""]
    if sheet.more:
        lines += [*_wrapped(sheet.more), ""]
    lines.append("-" * 40)
    for sentence in sheet.footer:
        lines += _wrapped(sentence, hang="")
    for link in sheet.ways_to_stop:
        lines += _linked(link)
    return "\n".join(lines) + "\n"


def _printed(study: Study) -> list[str]:
    lines = _wrapped(f"{study.who}  {study.title}")
    if study.link:
        lines.append(study.link)
    for entry in study.entries:
        lines += _wrapped(entry.headline, "  ")
        for line in entry.lines:
            lines += _wrapped(str(line), "    ")
        if entry.more_lines:
            lines += _wrapped(entry.more_lines, "    ")
        lines += _wrapped(f"({entry.because})", "  ")
        if entry.in_hand:
            lines += _linked(entry.in_hand, "  ")
    return lines


def _linked(link: Link, indent: str = "") -> list[str]:
    """A link on a line of its own, since one that is broken leads nowhere."""
    return [*_wrapped(f"{link.words}:", indent), f"{indent}{link.url}"]


def _wrapped(text: str, indent: str = "", hang: str = "  ") -> list[str]:
    return textwrap.wrap(
        text.rstrip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + hang,
        break_on_hyphens=False,
    )
