"""Planned dates that come near, and planned dates that pass and stay plans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ctmonitor.alerts import Alert, Severity
from ctmonitor.records import Facts, PartialDate
from ctmonitor.records.facts import STATUS_UPDATE_DAYS
from ctmonitor.rules.calendar import IS_FINISHED, IS_UNKNOWN, WHERE_APPLICABLE, is_told, when
from ctmonitor.rules.rule import Chosen, Due, calendar_rule, days_ahead, grace_days
from ctmonitor.rules.telling import days, of_facts, said

THIRTY_DAYS = (
    "42 CFR 11.64(a)(1)(ii): the actual start date, and the actual primary completion date, are to "
    "be sent within 30 calendar days, where the rule probably applies"
)
PLANS = (
    "https://clinicaltrials.gov/policy/protocol-definitions: the dates as the sponsor plans them"
)
_RENEWED = "an update from the sponsor with the actual date, or with a later plan"
_MOVED = "an update from the sponsor that moves the date"
_TO_THE_DAY = -STATUS_UPDATE_DAYS - 1
"""From the first day on which a plan should be a fact back to the day that it named."""


@calendar_rule(
    Severity.NORMAL,
    source=THIRTY_DAYS,
    due=Due("start_passed_on", prevented_by=_RENEWED, probably=WHERE_APPLICABLE),
    told=grace_days(0),
    inhibited_by=(IS_UNKNOWN,),
)
def start_passed_still_estimated(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
    """The planned start passed more than 30 days ago, yet it is still given as a plan."""
    yield from _passed(facts, today, chosen, "start_date")


@calendar_rule(
    Severity.NORMAL,
    source=THIRTY_DAYS,
    due=Due("primary_completion_passed_on", prevented_by=_RENEWED, probably=WHERE_APPLICABLE),
    told=grace_days(0),
    inhibited_by=(IS_UNKNOWN,),
)
def primary_completion_passed_still_estimated(
    facts: Facts, today: date, chosen: Chosen
) -> Iterator[Alert]:
    """The planned primary completion passed more than 30 days ago, yet is still given as a plan."""
    yield from _passed(facts, today, chosen, "primary_completion_date")


@calendar_rule(
    Severity.LOW,
    source=PLANS,
    due=Due("primary_completion_passed_on", days_after=_TO_THE_DAY, prevented_by=_MOVED),
    told=days_ahead(30),
    inhibited_by=(IS_UNKNOWN, IS_FINISHED),
    is_quiet=True,
)
def primary_completion_due(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
    """The planned primary completion date is near."""
    yield from _near(facts, today, chosen, "primary_completion_date")


@calendar_rule(
    Severity.LOW,
    source=PLANS,
    due=Due("completion_passed_on", days_after=_TO_THE_DAY, prevented_by=_MOVED),
    told=days_ahead(30),
    inhibited_by=(IS_UNKNOWN, IS_FINISHED),
    is_quiet=True,
)
def completion_due(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
    """The planned completion date is near."""
    yield from _near(facts, today, chosen, "completion_date")


def _passed(facts: Facts, today: date, chosen: Chosen, field: str) -> Iterator[Alert]:
    planned: PartialDate | None = getattr(facts, field)
    due_on: date | None = getattr(facts, f"{field.removesuffix('_date')}_passed_on")
    if planned is None or due_on is None or not is_told(due_on, today, chosen):
        return
    passed = (today - planned.last).days
    headline = f"{_LABELS[field]} {planned} still ESTIMATED {days(passed)} after it"
    yield of_facts(chosen, facts, headline, basis=str(due_on), evidence=_evidence(facts, field))


def _near(facts: Facts, today: date, chosen: Chosen, field: str) -> Iterator[Alert]:
    planned: PartialDate | None = getattr(facts, field)
    passed_on: date | None = getattr(facts, f"{field.removesuffix('_date')}_passed_on")
    # Where it is no plan, or the study is not under way, no column leads to the day either.
    if planned is None or passed_on is None:
        return
    near = planned.last
    if near < today or not is_told(near, today, chosen):
        return
    headline = f"{_LABELS[field]} {planned} ({when(near, today)})"
    evidence = _evidence(facts, field) | {"days_left": (near - today).days}
    yield of_facts(chosen, facts, headline, basis=str(near), evidence=evidence)


_LABELS = {
    "start_date": "Start date",
    "primary_completion_date": "Primary completion date",
    "completion_date": "Completion date",
}


def _evidence(facts: Facts, field: str) -> dict[str, object]:
    return {**said(facts, "overall_status", "status_verified_date", field, f"{field}_type")}
