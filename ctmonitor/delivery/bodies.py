"""The two bodies of a message: plain text of at most 78 columns, and HTML that fetches nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from ctmonitor.delivery.digest import Digest
from ctmonitor.delivery.sheet import Entry, Limits, Sheet, sheet_of

WIDTH = 78
HTML_BYTES = 80_000
TEXT_BYTES = 1_000_000
"""Text is meant to be complete; only what some mail servers refuse for its size is cut."""

_HTML_LIMITS = (
    Limits(50, 20, 1_000),
    Limits(50, 10, 300),
    Limits(50, 5, 120),
    Limits(50, 3, 60),
    Limits(50, 1, 40),
    Limits(20, 1, 40),
    Limits(5, 1, 40),
)
_TEXT_LIMITS = (
    Limits(10_000, 2_000, 8_000),
    Limits(5_000, 1_000, 1_000),
    Limits(2_000, 100, 200),
    Limits(1_000, 20, 120),
    Limits(1_000, 3, 60),
    Limits(300, 1, 40),
)


def text_of(digest: Digest) -> str:
    """The text body; every line ends with a line feed."""
    return _fitting(digest, _print, _TEXT_LIMITS, most=TEXT_BYTES)


def html_of(digest: Digest) -> str:
    """The HTML body: at most 50 alerts and 80 kB, long values cut first."""
    return _fitting(digest, _render, _HTML_LIMITS, most=HTML_BYTES)


def _fitting(
    digest: Digest, body: Callable[[Sheet], str], limits: tuple[Limits, ...], *, most: int
) -> str:
    for limit in limits[:-1]:
        if _least_size(digest, limit) > most:
            continue
        made = body(sheet_of(digest, limit))
        if len(made.encode()) <= most:
            return made
    return body(sheet_of(digest, limits[-1]))


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
    for entry in sheet.entries:
        lines += [*_printed(entry), ""]
    if sheet.more:
        lines += [*_wrapped(sheet.more), ""]
    lines.append("-" * 40)
    for sentence in sheet.footer:
        lines += _wrapped(sentence, hang="")
    return "\n".join(lines) + "\n"


def _printed(entry: Entry) -> list[str]:
    lines = _wrapped(f"{entry.who}  {entry.title}")
    if entry.link:
        lines.append(entry.link)
    lines += _wrapped(f"{entry.severity}: {entry.headline}", "  ")
    for line in entry.lines:
        lines += _wrapped(str(line), "    ")
    if entry.more_lines:
        lines += _wrapped(entry.more_lines, "    ")
    return lines + _wrapped(f"({entry.because})", "  ")


def _wrapped(text: str, indent: str = "", hang: str = "  ") -> list[str]:
    return textwrap.wrap(
        text.rstrip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + hang,
        break_on_hyphens=False,
    )
