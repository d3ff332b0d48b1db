"""Records that nobody has verified for a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ctmonitor.alerts import Alert, Severity
from ctmonitor.records import Facts
from ctmonitor.rules.calendar import (
    IS_FINISHED,
    IS_UNKNOWN,
    WHERE_APPLICABLE,
    because,
    is_told,
    when,
)
from ctmonitor.rules.rule import Chosen, Due, calendar_rule, days_ahead
from ctmonitor.rules.telling import of_facts

TWELVE_MONTHS = (
    "42 CFR 11.64(a)(1): the whole record is to be verified at least once every 12 months, "
    "where the rule probably applies"
)


@calendar_rule(
    Severity.LOW,
    source=TWELVE_MONTHS,
    due=Due(
        "verification_due_on",
        prevented_by="an update from the sponsor that verifies the record",
        probably=WHERE_APPLICABLE,
    ),
    told=days_ahead(0),
    inhibited_by=(IS_UNKNOWN, IS_FINISHED),
)
def verification_stale(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
    """An unfinished record has not been verified for twelve months."""
    due_on, verified = facts.verification_due_on, facts.status_verified_date
    if due_on is None or not is_told(due_on, today, chosen):
        return
    if today <= due_on:
        headline = f"To be verified by {due_on} ({when(due_on, today)}); last verified {verified}"
    else:
        headline = f"Not verified since {verified}; was due by {due_on}"
    evidence = {**because(facts, "verification_due_on"), "verification_due_on": str(due_on)}
    yield of_facts(chosen, facts, headline, basis=str(due_on), evidence=evidence)
