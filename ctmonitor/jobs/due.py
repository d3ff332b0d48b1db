"""Raise what fell due though nothing changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ctmonitor.alerts import Alert
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.settle import Occasion, raise_found, take_over_abandoned
from ctmonitor.records import Facts
from ctmonitor.rules import (
    Due,
    Forecast,
    Rule,
    RuleKind,
    Tuning,
    forecast,
    foretold,
    judge_due,
    told_after,
)
from ctmonitor.store import Store, Transaction, due_runs, journal, studies
from ctmonitor.store.due_runs import DueRun
from ctmonitor.store.manifest import last_snapshot
from ctmonitor.store.values import DUE

LONGEST_PARTIAL = timedelta(days=366)
"""A date known only to its year may mean a day so much later than its first."""


@dataclass(frozen=True, slots=True)
class DueReport:
    """What a due run came to."""

    studies: int
    alerts: int

    def plain(self) -> dict[str, int]:
        """The report as an object of JSON."""
        return {"studies": self.studies, "alerts": self.alerts}


def raise_due(store: Store, *, tuning: Tuning, flood_limit: int, clock: Clock) -> DueReport:
    """Ask the calendar rules about every study whose day has come; each fact is raised once."""
    take_over_abandoned(store, flood_limit=flood_limit, clock=clock, tuning=tuning)
    today = clock.today
    with store.writing() as tx:
        # Judged in the transaction that raises it, so that no sweep comes in between.
        due = _due(tx, tuning, clock)
        occasion = Occasion(f"due {today}")
        told = raise_found(tx, due, occasion, flood_limit=flood_limit, clock=clock)
        report = DueReport(len({alert.nct_id for alert in due}), len(told))
        detail = {**report.plain(), "today": today.isoformat()}
        journal.note(tx, "raised what was due", detail, who="ctmonitor due", at=clock.now())
    return report


def forecasts(
    tx: Transaction,
    *,
    days: int,
    nct_ids: Collection[str] | None,
    tuning: Tuning,
    clock: Clock,
) -> list[Forecast]:
    """What falls due within some days from today, soonest first."""
    today = clock.today
    until = today + timedelta(days=days)
    facts = {
        one.nct_id: one
        for rule in foretold(tuning)
        if rule.due is not None
        for one in _within(tx, rule.due, today, until, nct_ids)
    }
    found = [
        one
        for study in facts.values()
        for one in forecast(study, today, tuning)
        if today <= one.due_on <= until
    ]
    return sorted(found, key=lambda one: (one.due_on, one.nct_id, one.rule))


def _within(
    tx: Transaction, due: Due, today: date, until: date, nct_ids: Collection[str] | None
) -> Iterator[Facts]:
    """The studies of which something may fall due between two days."""
    moved = timedelta(days=due.days_after)
    after = today - moved - (timedelta(days=1) if due.field in DUE else LONGEST_PARTIAL)
    return studies.due(tx, due.field, until - moved, nct_ids, after=after)


def _due(tx: Transaction, tuning: Tuning, clock: Clock) -> list[Alert]:
    """What the calendar rules tell that they did not tell when they were last asked.

    Of a study that stays as it is, a rule speaks from one day on: since the last run that day came
    for few. Anything else that may be told now is of studies that changed or came back meanwhile.
    """
    today, digest = clock.today, _digest(tuning)
    last = due_runs.last(tx)
    since = last if last and last.tuning == digest and last.today <= today else None
    untils: dict[str, date] = {}
    found = {}
    for rule in _asked(tuning):
        field, until = _until(rule, tuning, today)
        untils[field] = max(until, untils.get(field, until))
        after = _until(rule, tuning, since.today)[1] if since else None
        if after and field not in DUE:
            after -= LONGEST_PARTIAL
        for one in studies.due(tx, field, until, None, after=after):
            found[one.nct_id] = one
    if since and untils:
        # One that was gone when its day came, and is back, is due as if it had changed.
        over, snapshot_id = since.passed_over, since.snapshot_id
        for one in studies.due_anew(tx, untils, snapshot_id=snapshot_id, nct_ids=over):
            found[one.nct_id] = one
    gone = studies.due_but_gone(tx, untils) if untils else []
    due_runs.remember(tx, DueRun(today, last_snapshot(tx), digest, gone))
    return [alert for one in found.values() for alert in judge_due(one, today, tuning)]


def _asked(tuning: Tuning) -> list[Rule]:
    return [rule for rule in tuning.rules_of(RuleKind.CALENDAR) if tuning.of(rule).enabled]


def _until(rule: Rule, tuning: Tuning, today: date) -> tuple[str, date]:
    """The column that a rule goes by, and the last day in it of which the rule speaks today."""
    assert rule.due is not None
    after = rule.due.days_after + told_after(tuning.of(rule))
    return rule.due.field, today - timedelta(days=after)


def _digest(tuning: Tuning) -> str:
    """A digest of how the calendar rules are asked; with another, all of them are asked anew."""
    asked = [
        (rule.name, str(rule.due), rule.written, str(sorted(tuning.of(rule).numbers.items())))
        for rule in _asked(tuning)
    ]
    return hashlib.sha256(repr(asked).encode()).hexdigest()
