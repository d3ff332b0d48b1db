"""Plans that change by so much that the study is hardly the one that was planned."""

from __future__ import annotations

from collections.abc import Iterator

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Change, Difference, Kind
from ctmonitor.records import PartialDate
from ctmonitor.rules.dates import DATES
from ctmonitor.rules.enrollment import ENROLLMENT
from ctmonitor.rules.rule import Chosen, Inhibition, Parameter, change_rule
from ctmonitor.rules.several import by_all, of_changes
from ctmonitor.rules.telling import by, days, of_change, said, told

_LABELS = {"primary_completion_date": "Primary completion", "completion_date": "Completion"}
_MOVED = frozenset({Kind.LATER, Kind.EARLIER})
_STOPPED = Inhibition("stopped", "the study stopped, which is why the plan was cut short")
_COMPLETED = Inhibition("completed", "the study is finished, so that its plan no longer matters")
_MIN_DAYS = Parameter(
    "min_days",
    730,
    "days",
    "the least move, later or earlier, between the last days that both dates can mean",
    1,
    36500,
)
_MIN_PERCENT = Parameter(
    "min_percent", 50.0, "percent", "the least cut that is told, of the earlier count", 1, 100
)


@change_rule(
    Severity.HIGH,
    source=DATES,
    fields=tuple(_LABELS),
    parameters=(_MIN_DAYS,),
    inhibited_by=(_STOPPED, _COMPLETED),
)
def completion_moved_far(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The primary completion or the completion date moved by years, later or earlier.

    Where one of both moved so far, the alert bears every move of the two.
    """
    moved = [
        change
        for field in _LABELS
        if (change := told(difference, field)) is not None and change.kind in _MOVED
    ]
    if all(abs(_days(change)) < chosen.numbers["min_days"] for change in moved):
        return
    first = max(moved, key=lambda change: abs(_days(change)))
    later = "later" if _days(first) > 0 else "earlier"
    headline = (
        f"{_LABELS[first.field]} moved {days(abs(_days(first)))} {later}: "
        f"{first.after}, was {first.before}{by_all(moved)}"
    )
    also = {f"{change.field}_days_moved": _days(change) for change in moved}
    types = said(difference.after, *(f"{change.field}_type" for change in moved))
    yield of_changes(chosen, difference, moved, headline, also=({**also, **types},))


@change_rule(
    Severity.HIGH,
    source=ENROLLMENT,
    fields=("enrollment",),
    parameters=(_MIN_PERCENT,),
    inhibited_by=(_STOPPED,),
)
def enrollment_cut(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The number enrolled, or to be enrolled, fell to a fraction of what it was."""
    change = told(difference, "enrollment")
    if change is None or not change.before or change.after is None:
        return
    percent = 100 * (change.before - change.after) / change.before
    if percent < chosen.numbers["min_percent"]:
        return
    before, after = difference.before.enrollment_type, difference.after.enrollment_type
    headline = (
        f"Enrollment cut by {percent:.0f} %: {change.after} {after or ''}".rstrip()
        + f", was {change.before} {before or ''}".rstrip()
    )
    type_ = told(difference, "enrollment_type")
    also = (type_.plain(),) if type_ else ()
    yield of_change(chosen, difference, change, f"{headline}{by(change)}", also=also)


def _days(change: Change) -> int:
    before, after = PartialDate.parse(change.before), PartialDate.parse(change.after)
    return (after.last - before.last).days
