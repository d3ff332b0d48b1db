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
    Failing,
    Fate,
    HeldBack,
    Looked,
    Membership,
    Merger,
    Removal,
    Return,
    Tally,
    Tuning,
    at_snapshot,
    judge_difference,
    judge_due,
    judge_failing,
    judge_fate,
    judge_first_sight,
    judge_held,
    judge_membership,
    judge_sweep,
    why_held,
)
from tests.builders import NUMBER, a_record
from tests.spec.cells import members
from tests.spec.tables import rows_of

Told = dict[str, list[str]]
APPLICABLE = {
    "study_type": "INTERVENTIONAL",
    "phases": ["PHASE3"],
    "is_fda_regulated_drug": True,
}


@pytest.fixture
def history() -> Callable[..., Told]:
    """The rules that spoke on each day of a history; each fact once, as a store would keep it.

    `seen` is the day of the look and of the release; other columns are fields by our names.
    Members of a list stand in one cell, as `cells.py` says. What a weightier rule inhibits is not
    told. `fdaaa_since` stands for all that makes a trial probably applicable, and its start date.
    With `due=True` the calendar rules are asked on every day too.
    """
    return _history


@pytest.fixture
def sweeps() -> Callable[..., Told]:
    """The fields that `mass-change` names after each sweep; columns are counts of studies."""
    return _sweeps


@pytest.fixture
def fates() -> Callable[..., Told]:
    """The rules that spoke each time one study was found to be gone, or led elsewhere.

    `asked_on` is the data date on which it was asked for by number; `missing_on` the first without
    it, `into` the number that it leads to.
    """
    return _fates


@pytest.fixture
def memberships() -> Callable[..., Told]:
    """The rules that spoke of one study; `turn` is `joined` or `left`."""
    return _memberships


@pytest.fixture
def ways_out() -> Callable[..., Told]:
    """The rules that spoke each time one address was found not to work."""
    return _ways_out


@pytest.fixture
def looks() -> Callable[..., Told]:
    """The looks, each a listing of everything at one release, whose alerts were held.

    A column that is none of the counts is a field, and in how many studies the registry changed it.
    """
    return _looks


def _history(table: str, *, due: bool = False, rules: dict[str, Any] | None = None) -> Told:
    tuning, told, keys = Tuning.read(rules or {}), {}, set()
    before, number = None, 1
    for row in rows_of(table):
        today = date.fromisoformat(row.pop("seen"))
        after = a_record(data_date=today, **_fields(row))
        found, is_new = _look(before, after, today, tuning)
        number += is_new
        alerts = [at_snapshot(alert, number) for alert in found] if before else [*found]
        alerts += judge_due(after.facts, today, tuning) if due else ()
        heard = [alert for alert in alerts if alert.inhibited_by is None]
        fresh = [alert.rule for alert in heard if alert.key not in keys]
        keys.update(alert.key for alert in alerts)
        if fresh:
            told[str(today)] = fresh
        before = after
    return told


def _fields(row: dict[str, str]) -> dict[str, Any]:
    bound = {"start_date": since, **APPLICABLE} if (since := row.pop("fdaaa_since", "")) else {}
    return bound | {name: _value(name, cell) for name, cell in row.items()}


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


def _fates(table: str, *, rules: dict[str, Any] | None = None) -> Told:
    told, facts = _Once(rules), a_record(overall_status="RECRUITING").facts
    for row in rows_of(table):
        asked_on = date.fromisoformat(row["asked_on"])
        if "into" in row:
            fate: Fate = Merger(facts, row["into"], asked_on)
        elif "gone_on" in row:
            fate = Return(facts, date.fromisoformat(row["gone_on"]), asked_on)
        else:
            fate = Removal(facts, date.fromisoformat(row["missing_on"]), asked_on)
        told.hear(row["asked_on"], judge_fate(fate, told.tuning))
    return told.days


def _memberships(table: str, *, rules: dict[str, Any] | None = None) -> Told:
    told = _Once(rules)
    for row in rows_of(table):
        membership = Membership(
            watch_list=row["watch_list"],
            nct_id=NUMBER,
            facts=None,
            is_joined={"joined": True, "left": False}[row["turn"]],
            reason="as the registry now answers",
            data_date=date.fromisoformat(row["data_date"]),
        )
        told.hear(row["data_date"], judge_membership(membership, told.tuning))
    return told.days


def _ways_out(table: str, *, rules: dict[str, Any] | None = None) -> Told:
    told = _Once(rules)
    for row in rows_of(table):
        since = date.fromisoformat(row["failing_since"])
        failing = Failing("ada@hospital.example", row["state"], since, "nobody is there")
        told.hear(row["on"], judge_failing(failing, told.tuning))
    return told.days


def _looks(table: str, *, rules: dict[str, Any] | None = None) -> Told:
    told, last_received, last_release = _Once(rules), None, None
    for number, row in enumerate(rows_of(table), start=1):
        release, received = row.pop("release"), int(row.pop("received"))
        missing = int(row.pop("missing", 0))
        changed = {name: int(count) for name, count in row.items()}
        looked = Looked(
            received=received,
            last_received=last_received,
            missing=missing,
            tally=Tally(received, changed, date.fromisoformat(release)),
            is_listing=True,
            release=release,
            last_release=last_release,
        )
        reasons = why_held(looked, told.tuning)
        if reasons:
            told.hear(release, judge_held(HeldBack(number, reasons, release), told.tuning))
        else:
            last_received, last_release = received, release
    return told.days


class _Once:
    """What was told on each day; each fact once, as a store would keep it."""

    def __init__(self, rules: dict[str, Any] | None) -> None:
        self.tuning = Tuning.read(rules or {})
        self.days: Told = {}
        self.keys: set[str] = set()

    def hear(self, day: str, alerts: tuple[Alert, ...]) -> None:
        for alert in alerts:
            if alert.key not in self.keys:
                self.keys.add(alert.key)
                self.days.setdefault(day, []).append(alert.rule)


def _value(name: str, cell: str) -> Any:
    field = field_named(name)
    if field is None:
        raise ValueError(f"the catalogue has no field named {name}")
    listed = members(name, cell)
    if listed is not None:
        return listed
    if name == "secondary_id_infos":
        return [
            {"id": f"made {place}", "type": type_} for place, type_ in enumerate(cell.split("+"))
        ]
    if field.is_list and field.type == "enum":
        return cell.split("+")
    if field.type == "boolean":
        return {"true": True, "false": False}[cell]
    return int(cell) if field.type == "integer" else cell
