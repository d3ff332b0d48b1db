"""Made differences, and what one rule tells of them."""

from __future__ import annotations

from typing import Any

from ctmonitor.alerts import Alert
from ctmonitor.changes import Difference, compare
from ctmonitor.records import Facts
from ctmonitor.rules import Tuning, judge_difference
from tests.builders import a_record

Fields = dict[str, Any]


def a_difference(before: Fields, after: Fields) -> Difference:
    """What is found between two made records, each given by the fields that matter."""
    one, other = a_record(**before), a_record(**after)
    return Difference(one.facts, other.facts, compare(one, other))


def facts(**fields: Any) -> Facts:
    """The facts of a made record."""
    return a_record(**fields).facts


def told(before: Fields, after: Fields, **tables: Any) -> tuple[Alert, ...]:
    """Everything the change rules tell; tables of settings by rule, `_` for `-`."""
    tuning = Tuning.read({name.replace("_", "-"): table for name, table in tables.items()})
    return judge_difference(a_difference(before, after), tuning)


def headlines(before: Fields, after: Fields) -> list[str]:
    """The headlines of everything the change rules tell."""
    return [alert.headline for alert in told(before, after)]
