"""Days on which something falls due, though nothing changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ctmonitor.records import Facts, OverallStatus
from ctmonitor.rules.rule import Chosen, Rule
from ctmonitor.rules.telling import days, said


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a calendar rule will tell of a study, when, and the facts that lead to the day.

    `days_left` is negative when the day has passed.
    """

    nct_id: str
    rule: str
    due_on: date
    days_left: int
    because: dict[str, str]


def due_day(rule: Rule, facts: Facts) -> date | None:
    """The day on which the rule's matter falls due; None if never, or if it is UNKNOWN already."""
    if rule.due_field is None or facts.overall_status is OverallStatus.UNKNOWN:
        return None
    day: date | None = getattr(facts, rule.due_field)
    return day


def is_near(due_on: date, today: date, chosen: Chosen) -> bool:
    """Whether the day has come as near as the rule is to tell it, or has passed."""
    return (due_on - today).days <= chosen.numbers["days_ahead"]


def because(facts: Facts) -> dict[str, str]:
    """The facts from which every due day is computed."""
    return said(facts, "overall_status", "status_verified_date", "completion_date")


def when(due_on: date, today: date) -> str:
    """`today`, or `in 12 days`."""
    left = (due_on - today).days
    return "today" if left == 0 else f"in {days(left)}"
