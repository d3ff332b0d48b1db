"""What an alert rests on, as lines that a person reads: `Overall Status: RECRUITING -> UNKNOWN`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ctmonitor.changes import Kind
from ctmonitor.delivery.words import cut, one_line
from ctmonitor.records import NCT_ID, field_named

NOTHING = "(nothing)"
_DEEPEST = 6
_CONTEXT = 40
_PLAIN_KINDS = {Kind.ADDED, Kind.REMOVED, Kind.CHANGED, ""}


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of evidence; `was` is None where nothing is compared."""

    label: str
    was: str | None
    now: str
    note: str = ""
    nct_id: str | None = None

    def __str__(self) -> str:
        said = self.now if self.was is None else f"{self.was} -> {self.now}"
        note = f" ({self.note})" if self.note else ""
        return f"{self.label}: {said}{note}" if self.label else f"{said}{note}"


def line_of(piece: Any, limit: int) -> Line:
    """A change, a named date, a row of a table or any other shape, each value cut to `limit`."""
    if not isinstance(piece, Mapping):
        return Line("", None, cut(_spoken(piece), limit))
    if "field" in piece and ("before" in piece or "after" in piece):
        return _change(piece, limit)
    if "nct_id" in piece and "headline" in piece:
        return _table_row(piece, limit)
    if "name" in piece and "date" in piece:
        rest = {key: value for key, value in piece.items() if key not in ("name", "date")}
        label, note = cut(_words(piece["name"]), limit), cut(_spoken(rest), limit) if rest else ""
        return Line(label, None, cut(_spoken(piece["date"]), limit), note)
    return Line("", None, cut(_spoken(piece), limit))


def study_number(text: str | None) -> str | None:
    """The text when it is a study's number and nothing else; only these become links."""
    return text if isinstance(text, str) and NCT_ID.fullmatch(text) else None


def _change(piece: Mapping[str, Any], limit: int) -> Line:
    label = _label(piece)
    if piece.get("item") is not None:
        label = f"{label} ({_spoken(piece['item'])})"
    was, now = _narrowed(_spoken(piece.get("before")), _spoken(piece.get("after")), limit)
    kind = piece.get("kind", "")
    notes = [] if kind in _PLAIN_KINDS else [one_line(str(kind)).replace("-", " ")]
    if piece.get("made_by") == "registry":
        notes.append("by the registry")
    return Line(cut(label, limit), was, now, cut(", ".join(notes), limit))


def _label(piece: Mapping[str, Any]) -> str:
    if piece.get("label"):
        return one_line(str(piece["label"]))
    known = field_named(str(piece["field"]))
    return _words(piece["field"]) if known is None else known.label


def _table_row(piece: Mapping[str, Any], limit: int) -> Line:
    number = study_number(piece["nct_id"])
    label = number or cut(_spoken(piece["nct_id"]), limit)
    return Line(label, None, cut(_spoken(piece["headline"]), limit), nct_id=number)


def _narrowed(was: str, now: str, limit: int) -> tuple[str, str]:
    """Both values cut to `limit`, from where they begin to differ when they are longer."""
    if max(len(was), len(now)) > limit:
        near = max(_same_start(was, now) - min(_CONTEXT, limit // 3), 0)
        start = was.rfind(" ", 0, near) + 1
        if start:
            was, now = f"… {was[start:]}", f"… {now[start:]}"
    return cut(was, limit), cut(now, limit)


def _same_start(one: str, other: str) -> int:
    """How many characters both begin with; halving, as texts of the registry run to 20,000."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _spoken(value: Any, depth: int = 0) -> str:
    """Any JSON value in words on one line."""
    if depth > _DEEPEST:
        return "…"
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        parts = (f"{_words(key)}: {_spoken(part, depth + 1)}" for key, part in value.items())
        return ", ".join(parts)
    if isinstance(value, list | tuple):
        return "; ".join(_spoken(part, depth + 1) for part in value)
    return one_line(str(value)) or NOTHING


def _words(name: Any) -> str:
    """`primary_completion_date` -> `Primary completion date`."""
    text = one_line(str(name)).replace("_", " ")
    return text[:1].upper() + text[1:]
