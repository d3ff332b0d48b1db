"""When a study started, and what its record says of that afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Difference, Kind
from ctmonitor.records import DateType, Facts, OverallStatus, PartialDate
from ctmonitor.rules.rule import Chosen, Parameter, change_rule
from ctmonitor.rules.telling import by, days, of_change, said, told

REGISTRATION = (
    "42 CFR 11.24(a): registration within 21 days of the first enrollment, where the rule probably "
    "applies; ICMJE: registration at or before the first enrollment"
)
_NOT_STARTED = frozenset(
    {OverallStatus.NOT_YET_RECRUITING, OverallStatus.WITHDRAWN, OverallStatus.WITHHELD}
)
_MOVED = frozenset({Kind.LATER, Kind.EARLIER})
_MIN_DAYS = Parameter(
    "min_days",
    7,
    "days",
    "the least move that is told, between the last days that both dates can mean; one across the "
    "day of registration always is",
    1,
    3650,
)


def is_start_past(facts: Facts) -> bool:
    """Whether the start date lies before the record's release or its last update."""
    known = [] if facts.data_date is None else [facts.data_date]
    if facts.last_update_posted_date is not None:
        known.append(facts.last_update_posted_date.last)
    return facts.start_date is not None and bool(known) and facts.start_date.last <= max(known)


def has_started(facts: Facts) -> bool:
    """Whether the record shows that the study had started.

    Its status says so, or its start date is past. A planned start that passed while the sponsor
    still says that the study does not recruit yet is no start.
    """
    if facts.submitted_status is not None and facts.submitted_status not in _NOT_STARTED:
        return True
    is_plan = facts.start_date_type is DateType.ESTIMATED
    is_withdrawn = facts.submitted_status is OverallStatus.WITHDRAWN
    return is_start_past(facts) and not is_plan and not is_withdrawn


@change_rule(
    Severity.HIGH,
    source=REGISTRATION,
    fields=("start_date", "start_date_type"),
    parameters=(_MIN_DAYS,),
)
def retroactive_start(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """A start date that the record had shown as past is now another day.

    A plan that becomes a fact is none of this, unless the day of registration comes to lie on the
    other side of it.
    """
    change = told(difference, "start_date")
    if change is None or change.kind not in _MOVED or not is_start_past(difference.before):
        return
    before, after = PartialDate.parse(change.before), PartialDate.parse(change.after)
    crossed = _crossed(difference, before, after)
    moved = (after.last - before.last).days
    if not crossed and (not _was_said(difference) or abs(moved) < chosen.numbers["min_days"]):
        return
    direction = "later" if moved > 0 else "earlier"
    headline = f"Start {days(abs(moved))} {direction} in retrospect: {after}, was {before}"
    facts = {
        "days_moved": moved,
        "start_date_type_before": str(difference.before.start_date_type),
        **said(difference.after, "start_date_type", "study_first_posted_date"),
        **({"makes_registration_look": crossed} if crossed else {}),
    }
    looks = f"; registration now looks {crossed}" if crossed else ""
    yield of_change(chosen, difference, change, f"{headline}{looks}{by(change)}", also=(facts,))


def _was_said(difference: Difference) -> bool:
    """Whether the sponsor had said that the study started then, and not only planned it so."""
    before, after = difference.before, difference.after
    if before.start_date_type is not DateType.ESTIMATED:
        return True
    return has_started(before) and after.start_date_type is DateType.ESTIMATED


def _crossed(difference: Difference, before: PartialDate, after: PartialDate) -> str | None:
    """What the move makes the registration look like; None where it stays what it was."""
    if difference.before.start_date_type is DateType.ESTIMATED and not has_started(
        difference.before
    ):
        return None
    posted = difference.before.study_first_posted_date
    if posted is None:
        return None
    if before.last < posted.first and after.first >= posted.last:
        return "prospective"
    return "late" if before.first >= posted.last and after.last < posted.first else None
