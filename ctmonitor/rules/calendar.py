"""Days on which something falls due, though nothing changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ctmonitor.records import ENDED, Facts, OverallStatus, PartialDate
from ctmonitor.rules.rule import Chosen, Inhibition, Rule
from ctmonitor.rules.telling import days, said

WHERE_APPLICABLE = (
    "the law binds applicable clinical trials; public data cannot tell for sure which those are"
)
IS_UNKNOWN = Inhibition(
    "UNKNOWN",
    "the registry shows UNKNOWN already",
    lambda facts: facts.overall_status is OverallStatus.UNKNOWN,
)
IS_FINISHED = Inhibition(
    "a finished status",
    "a study that has ended has nothing more to update",
    lambda facts: facts.overall_status in ENDED,
)
HAS_RESULTS = Inhibition(
    "results-posted", "the registry shows results", lambda facts: facts.has_results
)
HAS_RESULTS_PENDING = Inhibition(
    "results-submitted",
    "results were sent to the registry and are under its review",
    lambda facts: facts.is_results_pending,
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a calendar rule will tell of a study, when, and the facts that lead to the day.

    `days_left` is negative when the day has passed. `prevented_by` says what would keep it from
    coming so, and `probably` why it is only probable; empty where it is sure.
    """

    nct_id: str
    rule: str
    due_on: date
    days_left: int
    because: dict[str, str]
    sponsor: str | None = None
    prevented_by: str = ""
    probably: str = ""


def due_day(rule: Rule, facts: Facts) -> date | None:
    """The day on which the rule's matter falls due; None if never, or if something inhibits it."""
    day = _day(rule, facts)
    if day is None or inhibition_of(rule, facts) is not None:
        return None
    return day


def inhibition_of(rule: Rule, facts: Facts) -> Inhibition | None:
    """What of how the study stands keeps a calendar rule silent; None when nothing does."""
    for inhibition in rule.inhibited_by:
        if inhibition.holds is not None and inhibition.holds(facts):
            return inhibition
    return None


def told_from(rule: Rule, facts: Facts, chosen: Chosen) -> date | None:
    """The first day on which the rule speaks of a study that stays as it is; None if never."""
    due_on = due_day(rule, facts)
    return None if due_on is None else due_on + timedelta(days=told_after(chosen))


def told_after(chosen: Chosen) -> int:
    """So many days after its due day a calendar rule speaks; negative before it."""
    return int(chosen.numbers.get("grace_days", 0) - chosen.numbers.get("days_ahead", 0))


def is_told(due_on: date, today: date, chosen: Chosen, *, days_after: int = 0) -> bool:
    """Whether the day has come as near as the rule is to tell it, or has passed long enough."""
    return (today - due_on).days >= told_after(chosen) + days_after


_LEADING: dict[str, tuple[str, ...]] = {
    "unknown_due_on": ("status_verified_date", "completion_date"),
    "verification_due_on": ("status_verified_date",),
    "completion_passed_on": ("completion_date",),
    "start_passed_on": ("start_date", "start_date_type"),
    "primary_completion_passed_on": ("primary_completion_date", "primary_completion_date_type"),
    "results_due_on": ("primary_completion_date", "is_probably_applicable", "is_certified"),
    "eu_results_due_on": ("completion_date", "is_eu_trial"),
}
"""The facts that lead to each due day, besides the status."""


def because(facts: Facts, field: str) -> dict[str, str]:
    """The facts from which a due day is computed; `field` is its property, or a date itself."""
    return said(facts, *leading_to(field))


def leading_to(field: str) -> tuple[str, ...]:
    """The names of the facts that lead to a due day, whether the registry says them or not."""
    return ("overall_status", *_LEADING.get(field, (field,)))


def when(due_on: date, today: date) -> str:
    """`today`, or `in 12 days`."""
    left = (due_on - today).days
    return "today" if left == 0 else f"in {days(left)}"


def _day(rule: Rule, facts: Facts) -> date | None:
    if rule.due is None:
        return None
    said_day: PartialDate | date | None = getattr(facts, rule.due.field)
    if said_day is None:
        return None
    day = said_day.last if isinstance(said_day, PartialDate) else said_day
    return day + timedelta(days=rule.due.days_after)
