"""Dates that slip, and plans that become facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Difference, Kind
from ctmonitor.records import DateType, PartialDate
from ctmonitor.rules.rule import Chosen, Inhibition, Parameter, change_rule
from ctmonitor.rules.telling import by, days, of_change, told

DATES = (
    "42 CFR 11.64(a)(1)(ii): start, primary completion and study completion are to be sent within "
    "30 calendar days of being reached, where the rule probably applies"
)
SLIPS = (
    "https://clinicaltrials.gov/policy/protocol-definitions: the dates as the sponsor plans or "
    "reports them"
)
_LABELS = {
    "start_date": "Start date",
    "primary_completion_date": "Primary completion date",
    "completion_date": "Completion date",
}
_FINISHED = tuple(
    Inhibition(by, "the study is finished, so that its plan no longer matters")
    for by in ("stopped", "completed")
)
_MOVED_FAR = Inhibition("completion-moved-far", "the same date moved so far that it is told there")
_IN_RETROSPECT = Inhibition("retroactive-start", "the move is told there, as one in retrospect")
_MIN_DAYS = Parameter(
    "min_days",
    1,
    "days",
    "the least slip that is told, between the last days that both dates can mean",
    1,
    3650,
)


@change_rule(
    Severity.NORMAL,
    source=SLIPS,
    fields=("start_date",),
    parameters=(_MIN_DAYS,),
    inhibited_by=(*_FINISHED, _IN_RETROSPECT),
)
def start_slipped(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The start date moved to a later day."""
    yield from _slip(difference, chosen, "start_date")


@change_rule(
    Severity.NORMAL,
    source=SLIPS,
    fields=("primary_completion_date",),
    parameters=(_MIN_DAYS,),
    inhibited_by=(*_FINISHED, _MOVED_FAR),
)
def primary_completion_slipped(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The primary completion date moved to a later day."""
    yield from _slip(difference, chosen, "primary_completion_date")


@change_rule(
    Severity.NORMAL,
    source=SLIPS,
    fields=("completion_date",),
    parameters=(_MIN_DAYS,),
    inhibited_by=(*_FINISHED, _MOVED_FAR),
)
def completion_slipped(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The completion date moved to a later day."""
    yield from _slip(difference, chosen, "completion_date")


@change_rule(Severity.LOW, source=DATES, fields=tuple(f"{field}_type" for field in _LABELS))
def date_became_actual(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """A planned start or completion date is now given as one that has happened."""
    for field, label in _LABELS.items():
        change = told(difference, f"{field}_type")
        actual = getattr(difference.after, field)
        if change is None or change.after != DateType.ACTUAL or actual is None:
            continue
        plan = getattr(difference.before, field)
        headline = f"{label} is ACTUAL: {actual}, {_against(plan, actual)}{by(change)}"
        moved = difference.of(field)
        also: dict[str, Any] = moved.plain() if moved else {field: str(actual)}
        yield of_change(chosen, difference, change, headline, also=(also,))


def _slip(difference: Difference, chosen: Chosen, field: str) -> Iterator[Alert]:
    change = told(difference, field)
    if change is None or change.kind is not Kind.LATER:
        return
    before, after = PartialDate.parse(change.before), PartialDate.parse(change.after)
    later = (after.last - before.last).days
    if later < chosen.numbers["min_days"]:
        return
    headline = f"{_LABELS[field]} {days(later)} later: {after}, was {before}{by(change)}"
    type_ = getattr(difference.after, f"{field}_type")
    also = {"days_later": later} | ({f"{field}_type": str(type_)} if type_ else {})
    yield of_change(chosen, difference, change, headline, also=(also,))


def _against(plan: PartialDate | None, actual: PartialDate) -> str:
    if plan is None:
        return "no plan before"
    if plan == actual:
        return "as planned"
    if actual.refines(plan):
        return f"within the planned {plan}"
    if plan.refines(actual):
        return f"planned {plan}"
    later = (actual.last - plan.last).days
    return f"planned {plan}, {days(abs(later))} {'later' if later > 0 else 'earlier'}"
