"""Raise what fell due though nothing changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from ctmonitor.alerts import Alert
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.settle import Occasion, raise_found, take_over_abandoned
from ctmonitor.rules import Forecast, RuleKind, Tuning, forecast, judge_due, lead_days, rules_of
from ctmonitor.store import Store, Transaction, journal, studies


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
        for rule in rules_of(RuleKind.CALENDAR)
        for one in studies.due(tx, str(rule.due_field), until, nct_ids)
    }
    found = [
        one
        for study in facts.values()
        for one in forecast(study, today, tuning)
        if today <= one.due_on <= until
    ]
    return sorted(found, key=lambda one: (one.due_on, one.nct_id, one.rule))


def _due(tx: Transaction, tuning: Tuning, clock: Clock) -> list[Alert]:
    facts = {}
    for rule in rules_of(RuleKind.CALENDAR):
        until = clock.today + timedelta(days=lead_days(rule, tuning))
        for one in studies.due(tx, str(rule.due_field), until, None):
            facts[one.nct_id] = one
    return [alert for one in facts.values() for alert in judge_due(one, clock.today, tuning)]
