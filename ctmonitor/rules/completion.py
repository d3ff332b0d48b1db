"""Studies whose completion date has passed while their status is still open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

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

AFTER_COMPLETION = (
    "42 CFR 11.64(a)(1)(ii): the overall recruitment status and the study completion date are to "
    "be sent within 30 calendar days of a change, where the rule probably applies"
)


@calendar_rule(
    Severity.NORMAL,
    source=AFTER_COMPLETION,
    due=Due(
        "completion_passed_on",
        prevented_by="an update from the sponsor that ends the study or moves the completion date",
        probably=WHERE_APPLICABLE,
    ),
    told=days_ahead(0),
    inhibited_by=(IS_UNKNOWN, IS_FINISHED),
)
def completion_passed_still_open(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
    """The completion date passed more than 30 days ago, yet the status is still an open one."""
    due_on, completion = facts.completion_passed_on, facts.completion_date
    if due_on is None or completion is None or not is_told(due_on, today, chosen):
        return
    if today < due_on:
        last = due_on - timedelta(days=1)
        headline = (
            f"{facts.overall_status}, completion date {completion}: "
            f"to be changed by {last} ({when(last, today)})"
        )
    else:
        passed = (today - completion.last).days
        headline = f"Still {facts.overall_status} {passed} days after completion date {completion}"
    evidence = {**because(facts, "completion_passed_on"), "completion_passed_on": str(due_on)}
    yield of_facts(chosen, facts, headline, basis=str(due_on), evidence=evidence)
