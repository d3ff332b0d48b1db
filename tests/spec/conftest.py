"""Histories and sweeps written as tables, and what the rules tell of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ctmonitor.alerts import Alert
from ctmonitor.changes import Difference, compare
from ctmonitor.records import Record, field_named
from ctmonitor.rules import (
    Tally,
    Tuning,
    at_snapshot,
    judge_difference,
    judge_due,
    judge_first_sight,
    judge_sweep,
)
from tests.builders import a_record
from tests.spec.tables import rows_of

Told = dict[str, list[str]]


@pytest.fixture
def history() -> Callable[..., Told]:
    """The rules that spoke on each day of a history; each fact once, as a store would keep it.

    `seen` is the day of the look and of the release; other columns are fields by our names.
    With `due=True` the calendar rules are asked on every day too.
    """
    return _history


@pytest.fixture
def sweeps() -> Callable[..., Told]:
    """The fields that `mass-change` names after each sweep; columns are counts of studies."""
    return _sweeps


def _history(table: str, *, due: bool = False, rules: dict[str, Any] | None = None) -> Told:
    tuning, told, keys = Tuning.read(rules or {}), {}, set()
    before, number = None, 1
    for row in rows_of(table):
        today = date.fromisoformat(row.pop("seen"))
        after = a_record(data_date=today, **{name: _value(name, row[name]) for name in row})
        found, is_new = _look(before, after, today, tuning)
        number += is_new
        alerts = [at_snapshot(alert, number) for alert in found] if before else [*found]
        alerts += judge_due(after.facts, today, tuning) if due else ()
        fresh = [alert.rule for alert in alerts if alert.key not in keys]
        keys.update(alert.key for alert in alerts)
        if fresh:
            told[str(today)] = fresh
        before = after
    return told


def _look(
    before: Record | None, after: Record, today: date, tuning: Tuning
) -> tuple[tuple[Alert, ...], bool]:
    if before is None:
        return judge_first_sight(after.facts, today, tuning), False
    changes = compare(before, after)
    return judge_difference(Difference(before.facts, after.facts, changes), tuning), bool(changes)


def _sweeps(table: str, *, rules: dict[str, Any] | None = None) -> Told:
    tuning, told, keys = Tuning.read(rules or {}), {}, set()
    for row in rows_of(table):
        data_date, compared = date.fromisoformat(row.pop("data_date")), int(row.pop("compared"))
        tally = Tally(compared, {name: int(count) for name, count in row.items()}, data_date)
        alerts = judge_sweep(tally, tuning)
        fresh = [alert.evidence[0]["field"] for alert in alerts if alert.key not in keys]
        keys.update(alert.key for alert in alerts)
        if fresh:
            told[str(data_date)] = fresh
    return told


def _value(name: str, cell: str) -> Any:
    field = field_named(name)
    if field is None:
        raise ValueError(f"the catalogue has no field named {name}")
    if field.type == "boolean":
        return {"true": True, "false": False}[cell]
    return int(cell) if field.type == "integer" else cell
