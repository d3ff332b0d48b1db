"""Changes of the overall status; each is told by exactly one rule."""

from __future__ import annotations

from collections.abc import Iterator

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Change, Difference, Kind
from ctmonitor.records import ENDED, LAPSING, STOPPED, OverallStatus
from ctmonitor.rules.rule import Chosen, change_rule
from ctmonitor.rules.telling import by, of_change, said, told

THIRTY_DAYS = (
    "42 CFR 11.64(a)(1)(ii): a change of the overall recruitment status is to be sent within "
    "30 calendar days, where the rule probably applies"
)
WHY_STOPPED = (
    "https://clinicaltrials.gov/policy/protocol-definitions#WhyStopped: the sponsor's reason "
    "for SUSPENDED, TERMINATED or WITHDRAWN"
)
_OPEN = LAPSING | {OverallStatus.AVAILABLE}
_CLOSED = STOPPED | ENDED | {OverallStatus.TEMPORARILY_NOT_AVAILABLE}
_SAME_WORDS = frozenset({Kind.MARKUP, Kind.COSMETIC})


def teller(before: OverallStatus | None, after: OverallStatus | None) -> str:
    """The name of the one rule that tells this change of status.

    A record that is withheld, or comes to light, says nothing of the study's course. Else a stop
    weighs most, for it carries the sponsor's reason; then UNKNOWN, which is the registry's own
    and says nothing about the study; then what the sponsor says of the study's course.
    """
    if before is OverallStatus.WITHHELD:
        return "record-revealed"
    if after is OverallStatus.WITHHELD:
        return "status-changed"
    if after in STOPPED:
        return "stopped"
    if after is OverallStatus.UNKNOWN:
        return "became-unknown"
    if before is OverallStatus.UNKNOWN:
        return "left-unknown"
    if after is OverallStatus.COMPLETED:
        return "completed"
    if before in _CLOSED and after in _OPEN:
        return "resumed"
    return "status-changed"


def turn(difference: Difference, chosen: Chosen) -> Change | None:
    """The change of status, when it is for the rule in `chosen` to tell it."""
    change = told(difference, "overall_status")
    if change is None:
        return None
    return change if teller(_read(change.before), _read(change.after)) == chosen.rule else None


def turned(change: Change) -> str:
    """`Now COMPLETED; was RECRUITING`."""
    return f"Now {change.after or 'without a status'}; was {change.before or 'without a status'}"


@change_rule(Severity.NORMAL, source=THIRTY_DAYS, fields=("overall_status",))
def status_changed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The overall status changed in a way that no other rule tells."""
    change = turn(difference, chosen)
    if change is None:
        return
    yield of_change(chosen, difference, change, f"{turned(change)}{by(change)}")


@change_rule(Severity.CRITICAL, source=f"{THIRTY_DAYS}; {WHY_STOPPED}", fields=("overall_status",))
def stopped(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The study was suspended, terminated or withdrawn; the sponsor's reason, where there is one.

    Told also when the study was UNKNOWN before.
    """
    change = turn(difference, chosen)
    if change is None:
        return
    reason = difference.after.why_stopped
    why = f": {reason}" if reason else "; no reason given"
    also = ({"why_stopped": reason},) if reason else ()
    yield of_change(chosen, difference, change, f"{turned(change)}{by(change)}{why}", also=also)


@change_rule(Severity.NORMAL, source=THIRTY_DAYS, fields=("overall_status",))
def completed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The study is now shown as COMPLETED."""
    change = turn(difference, chosen)
    if change is None:
        return
    dates = said(
        difference.after,
        "primary_completion_date",
        "primary_completion_date_type",
        "completion_date",
        "completion_date_type",
    )
    also = (dates,) if dates else ()
    yield of_change(chosen, difference, change, f"{turned(change)}{by(change)}", also=also)


@change_rule(Severity.NORMAL, source=THIRTY_DAYS, fields=("overall_status",))
def resumed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """A study that had stopped or ended is open again."""
    change = turn(difference, chosen)
    if change is None:
        return
    earlier = said(difference.before, "why_stopped")
    also = ({"why_stopped_before": earlier["why_stopped"]},) if earlier else ()
    yield of_change(chosen, difference, change, f"{turned(change)}{by(change)}", also=also)


@change_rule(Severity.NORMAL, source=WHY_STOPPED, fields=("why_stopped",))
def why_stopped_changed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The sponsor's reason for stopping changed in its words, while the status stayed."""
    change = told(difference, "why_stopped")
    if change is None or change.kind in _SAME_WORDS or difference.of("overall_status"):
        return
    if change.before is None:
        headline = f"Reason for stopping now given{by(change)}: {change.after}"
    elif change.after is None:
        headline = f"Reason for stopping taken away{by(change)}; was: {change.before}"
    else:
        headline = f"Reason for stopping changed{by(change)}: {change.after}"
    also = said(difference.after, "overall_status")
    yield of_change(chosen, difference, change, headline, also=(also,) if also else ())


def _read(value: str | None) -> OverallStatus | None:
    return None if value is None else OverallStatus(value)
