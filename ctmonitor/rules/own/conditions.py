"""The conditions that an own rule may name: what each needs beside it, and which fields suit it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ctmonitor.records import DateType, Field, OverallStatus, PartialDate, catalogue
from ctmonitor.rules.faults import quoted, truth_of
from ctmonitor.rules.own import turns
from ctmonitor.rules.own.scope import STUDY_TYPES
from ctmonitor.rules.own.turns import Turn

Reader = Callable[[Any, Field], Any]
DATED = (
    "status_verified_date",
    "start_date",
    "primary_completion_date",
    "completion_date",
    "results_first_posted_date",
    "study_first_posted_date",
    "last_update_posted_date",
)
"""The dates by which all studies can be asked on any day; they are the columns of the store."""

LONGEST_TEXT = 1_000
LONGEST_PATTERN = 200
MOST = 10**12
MOST_DAYS = 36_500
_WORD = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
_STATUSES = ("overall_status", "last_known_status", "locations.status")
_NUMBERS = ("integer", "number")
_TEXTS = ("text", "markup", "enum")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition; `said` is how a sentence goes on after the field's label.

    `misfit` says why a field does not suit it; None when it does. `turn` is None for the one
    that asks about the calendar.
    """

    name: str
    said: str
    misfit: Callable[[Field], str | None]
    needs: Mapping[str, Reader] = field(default_factory=dict)
    may_take: Mapping[str, Reader] = field(default_factory=dict)
    turn: Callable[[Field, Mapping[str, Any]], Turn] | None = None

    @property
    def keys(self) -> dict[str, Reader]:
        """Every key of its own, with what reads it."""
        return {**self.needs, **self.may_take}

    def in_words(self, asked: Field, values: Mapping[str, Any]) -> str:
        """`Enrollment Count crosses 1000`, with all that was chosen."""
        rest = f" ({values['direction']})" if "direction" in values else ""
        return f"{asked.label} {self.said.format_map(values)}{rest}"


def _told(asked: Field) -> str | None:
    if asked.is_never_kept:
        return "it is never kept"
    return "it changes by itself, so that its changes are never told" if asked.is_noise else None


def _leaf(asked: Field) -> str | None:
    if asked.type == "struct":
        return f"it is made of other fields; name one of them, such as {_first_inside(asked)}"
    return _told(asked)


def _measured(asked: Field) -> str | None:
    if asked.type not in (*_NUMBERS, "date"):
        return "it is no number and no date, so that nothing can be crossed"
    return _told(asked)


def _worded(asked: Field) -> str | None:
    misfit = _leaf(asked)
    return misfit or (None if asked.type in _TEXTS else "it is no text, so that nothing can match")


def _dated(asked: Field) -> str | None:
    return None if asked.name in DATED else f"days are counted only from {', '.join(DATED)}"


def _first_inside(asked: Field) -> str:
    names = turns.inside(asked)
    plain = (one for one in catalogue().values() if one.name in names and one.type != "struct")
    return next((one.name for one in plain), "overall_status")


def _value(value: object, asked: Field) -> Any:
    if asked.type == "boolean":
        return truth_of(value)
    if asked.type in _NUMBERS:
        return _number(value, asked)
    if asked.type == "date":
        return _date_said(value)
    if not isinstance(value, str):
        raise ValueError(f"{quoted(value)} is not a text")
    return _word(value, asked) if asked.type == "enum" else _text(value)


def _word(value: str, asked: Field) -> str:
    known = _known_words(asked)
    if known and value not in known:
        raise ValueError(f"{quoted(value)} is not one of {', '.join(known)}")
    if not _WORD.fullmatch(value):
        why = "is not a word as the registry's API spells them, such as NOT_APPLICABLE"
        raise ValueError(f"{quoted(value)} {why}")
    return value


def _known_words(asked: Field) -> tuple[str, ...]:
    if asked.name in _STATUSES:
        return tuple(OverallStatus)
    if asked.name.endswith(("_date_type", "enrollment_type")):
        return tuple(DateType)
    return STUDY_TYPES if asked.name == "study_type" else ()


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("it is empty")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"it is longer than {LONGEST_TEXT:,} characters")
    return value


def _date_said(value: object) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return str(PartialDate.parse(value if isinstance(value, str) else ""))
    except ValueError:
        wanted = "a date as the registry says it, such as 2027-06-30 or 2027-06"
        raise ValueError(f"{quoted(value)} is not {wanted}") from None


def _number(value: object, asked: Field) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{quoted(value)} is not a number")
    if not -MOST <= value <= MOST:  # nor what is no number at all
        raise ValueError(f"{quoted(value)} is not between {-MOST:,} and {MOST:,}")
    return value


def _threshold(value: object, asked: Field) -> float | date:
    if asked.type != "date":
        return _number(value, asked)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(f"{quoted(value)} is not a day, such as 2027-06-30") from None


def _direction(value: object, asked: Field) -> str:
    if value not in ("up", "down"):
        raise ValueError(f"{quoted(value)} is neither up nor down")
    return str(value)


def _days(value: object, asked: Field) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{quoted(value)} is not a whole number of days")
    if not 1 <= value <= MOST_DAYS:
        raise ValueError(f"{quoted(value)} is not between 1 and {MOST_DAYS:,} (days)")
    return value


def _pattern(value: object, asked: Field) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{quoted(value)} is not a text")
    if len(value) > LONGEST_PATTERN:
        raise ValueError(f"it is longer than {LONGEST_PATTERN} characters")
    if not value.strip("*? \t\r\n"):
        raise ValueError(f"{quoted(value)} fits any text; give some of its words")
    return value


CONDITIONS = {
    one.name: one
    for one in (
        Condition("changed", "changed", _told, turn=turns.any_change),
        Condition(
            "changed-to",
            "changed to {value}",
            _leaf,
            needs={"value": _value},
            turn=turns.changed_to,
        ),
        Condition(
            "changed-from",
            "changed from {value}",
            _leaf,
            needs={"value": _value},
            turn=turns.changed_from,
        ),
        Condition(
            "crosses",
            "crosses {threshold}",
            _measured,
            needs={"threshold": _threshold},
            may_take={"direction": _direction},
            turn=turns.crosses,
        ),
        Condition("older-than", "is older than {days} days", _dated, needs={"days": _days}),
        Condition(
            "matches",
            "matches {pattern}",
            _worded,
            needs={"pattern": _pattern},
            turn=turns.matches,
        ),
    )
}
