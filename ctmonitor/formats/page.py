"""A study page as text: a heading, then `Label: value` lines in a known order.

The layout is that of a mirror of the registry (ignite-sd.com, pages of 2024 and 2025). Its prose
is not marked off from its labels, so `page_lines` decides which lines are labels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ctmonitor.errors import RecordRejected
from ctmonitor.formats.canonical import NotCanonical, canonical_content, facts_of, record_from
from ctmonitor.formats.page_lines import (
    SLOTS,
    Kind,
    Slot,
    heading_number,
    is_label_like,
    place,
    second_page_at,
)
from ctmonitor.records import NCT_ID, OverallStatus, PartialDate, Record, field_at

MAX_PAGE = 1_000_000
"""Bytes; the registry's longest texts have 32,000 characters."""

_NOTHING = frozenset({"None", "N/A"})
_NOTHING_AT = {"If Stopped, Why?": "Not Stopped"}
_TRUTHS = {"True": True, "Yes": True, "False": False, "No": False}
_CUT = ("...", "\N{HORIZONTAL ELLIPSIS}")
_LAST_WORDS = frozenset({*_TRUTHS, *_NOTHING})
_BEGINNING = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?(?:\s|\xc2\xa0)*"
    rb"(?:Viewing Study\b|(?:Ignite (?:Creation|Modification) Date|Last Modification Date"
    rb"|Study NCT ID)\s*:)"
)
_NUMBER = re.compile(rb"(?:Viewing Study|Study NCT ID\s*:)\s*(NCT\d{8})")
_DELAYED = "protocolSection.statusModule.delayedPosting"


@dataclass(frozen=True, slots=True)
class _Said:
    """What a page says at one label: a value, None for the page's word for nothing."""

    slot: Slot
    value: Any


def is_page(payload: bytes) -> bool:
    """Whether the bytes begin like a study page."""
    return _BEGINNING.match(payload) is not None


def read_page(payload: bytes) -> Record:
    """The record in a study page; RecordRejected with the label and the reason."""
    lines = _lines(payload)
    if second_page_at(lines) is not None:
        raise RecordRejected("the page", "a second page begins in it; give each its own file")
    placed = place(lines)
    number = _number(lines, placed)
    if not placed:
        raise RecordRejected("the page", "has none of the labels of a study page", number)
    said = [_said(slot, text, number) for slot, text in _values(lines, placed)]
    tree, coverage = _tree(said, number)
    try:
        content = canonical_content(tree)
        facts = facts_of(content)
    except NotCanonical as problem:
        raise RecordRejected(problem.where, problem.why, number) from None
    return record_from(content, facts=facts, coverage=coverage)


def _lines(payload: bytes) -> list[str]:
    why = None
    try:
        text = payload[: MAX_PAGE + 1].decode().lstrip().removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        text, why = "", f"is not UTF-8 text (byte {problem.start + 1})"
    if len(payload) > MAX_PAGE:
        why = f"is longer than {MAX_PAGE:,} bytes"
    elif payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        why = "is UTF-16 text; save it as UTF-8"
    elif "\0" in text:
        why = "holds a NUL character"
    if why:
        number = _NUMBER.search(payload[:MAX_PAGE])
        raise RecordRejected("the page", why, number[1].decode() if number else None)
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _number(lines: list[str], placed: list[tuple[int, int]]) -> str:
    heading = heading_number(lines)
    given = {"Viewing Study": heading} if heading else {}
    for slot, line in placed:
        if SLOTS[slot].kind is Kind.NUMBER and (text := _after_colon(lines[line])):
            given[SLOTS[slot].label] = text
    if not given:
        raise RecordRejected("Study NCT ID", "there is no study number")
    for label, text in given.items():
        if not NCT_ID.fullmatch(text):
            raise RecordRejected(label, f"{text[:40]!r} is not NCT and eight digits")
    if len(set(given.values())) > 1:
        raise RecordRejected("Study NCT ID", f"says {text}, the heading {heading}", heading)
    return text


def _values(lines: list[str], placed: list[tuple[int, int]]) -> list[tuple[Slot, str]]:
    """The text of every label that can be trusted to be whole."""
    found = []
    ends = [line for _, line in placed[1:]] + [len(lines)]
    last = next((slot for slot, _ in reversed(placed) if not SLOTS[slot].is_heading), None)
    for (at, line), end in zip(placed, ends, strict=True):
        slot = SLOTS[at]
        if slot.path is None or slot.kind is Kind.NUMBER:
            continue
        text = _text(slot, lines[line:end])
        is_cut = text.endswith(_CUT) and slot.path.endswith("Title")
        if at == last:
            is_cut = is_cut or _may_be_cut(slot, text, is_at_end=line == len(lines) - 1)
        if text and not is_cut:
            found.append((slot, text))
    return found


def _text(slot: Slot, lines: list[str]) -> str:
    own, *more = lines
    own = _after_colon(own)
    if slot.kind is Kind.PROSE:
        mark = "\n" if field_at(slot.path or "").type == "markup" else " "
        parts = [own, *more] if mark == "\n" else [own, *(line.strip() for line in more)]
        return mark.join(part for part in parts if part or mark == "\n").strip()
    if slot.kind is not Kind.NAME:
        return own
    parts = [own]
    for line in more:
        if not line.strip() or is_label_like(line):
            break
        parts.append(line.strip())
    return " ".join(part for part in parts if part)


def _may_be_cut(slot: Slot, text: str, *, is_at_end: bool) -> bool:
    """Whether the last label's value may lack its end, because the page does.

    Only a whole page reaches the last label of all; even there a file may stop within a word.
    """
    if slot is not SLOTS[-1]:
        return is_at_end or slot.kind in (Kind.PROSE, Kind.NAME)
    begins_longer = any(word != text and word.startswith(text) for word in _LAST_WORDS)
    return is_at_end and begins_longer


def _after_colon(line: str) -> str:
    return line.partition(":")[2].strip()


def _said(slot: Slot, text: str, number: str) -> _Said:
    if text in _NOTHING or text == _NOTHING_AT.get(slot.label):
        return _Said(slot, None)
    try:
        return _Said(slot, _CHECKS.get(slot.kind, str)(text))
    except ValueError as problem:
        raise RecordRejected(slot.label, str(problem), number) from None


def _status(text: str) -> str:
    if text not in OverallStatus.__members__:
        raise ValueError(f"{text[:60]!r} is not a status the registry defines")
    return text


def _date(text: str) -> str:
    return str(PartialDate.parse(text))


def _truth(text: str) -> bool:
    if text not in _TRUTHS:
        raise ValueError(f"{text[:60]!r} is neither True nor False, Yes nor No")
    return _TRUTHS[text]


def _other_number(text: str) -> str:
    if not NCT_ID.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not NCT and eight digits")
    return text


_CHECKS = {
    Kind.STATUS: _status,
    Kind.DATE: _date,
    Kind.TRUTH: _truth,
    Kind.OTHER_NUMBER: _other_number,
}


def _tree(said: list[_Said], number: str) -> tuple[dict[str, Any], frozenset[str]]:
    number_path = "protocolSection.identificationModule.nctId"
    values: dict[str, Any] = {number_path: number}
    for one in said:
        path = one.slot.path or ""
        before = values.get(path)
        if before is not None and one.value not in (None, before):
            why = f"is given twice, as {before} and as {one.value}"
            raise RecordRejected(one.slot.label, why, number)
        values[path] = before if one.value is None else one.value
    tree: dict[str, Any] = {}
    for path, value in values.items():
        # The registry leaves out what it does not say, and a delayed posting that is not.
        if value is not None and (path, value) != (_DELAYED, False):
            _put(tree, path, value)
    return tree, frozenset(field_at(path).name for path in values)


def _put(tree: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.split(".")
    for name in above:
        tree = tree.setdefault(name, {})
    tree[last] = value
