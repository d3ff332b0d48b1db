"""What the registry shows of the law: violations found, certificates filed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Difference
from ctmonitor.rules.rule import Chosen, change_rule
from ctmonitor.rules.several import of_changes
from ctmonitor.rules.telling import by, of_change, said, told

NOTICE = (
    "42 CFR 11.66; 42 USC 282(j)(5)(E): the FDA finds, the registry shows; a notice stays in the "
    "record when the violation is corrected"
)
CERTIFICATE = (
    "42 CFR 11.44(b), (c): a certificate, filed before results are due, delays them where initial "
    "approval or approval of a new use is sought"
)
_EVENTS = "violation_annotation.violation_events"
_DAYS = ("issuedDate", "creationDate", "releaseDate", "postedDate")


@change_rule(Severity.CRITICAL, source=NOTICE, fields=("fdaaa801_violation", _EVENTS))
def violation_found(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The record now bears a notice that the FDA found a violation, or what became of one."""
    flag = told(difference, "fdaaa801_violation")
    changes = [
        change
        for change in difference.changes
        if change.field == _EVENTS and change.before is None and not change.is_noise
    ]
    notices = [_notice(change.after) for change in changes]
    if flag is not None and flag.after and not flag.before:
        changes.append(flag)
    if not changes:
        return
    told_of = ", ".join(notices) or "the record is now marked"
    headline = f"FDAAA 801 violation: {told_of}"
    yield of_changes(chosen, difference, changes, headline)


@change_rule(Severity.NORMAL, source=CERTIFICATE, fields=("disp_first_submit_date",))
def certificate_filed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The sponsor filed a certificate, or asked for an extension, that delays its results."""
    change = told(difference, "disp_first_submit_date")
    if change is None or change.before is not None:
        return
    posted = told(difference, "disp_first_posted_date")
    due = said(difference.after, "primary_completion_date", "results_due_on")
    until = f"; results probably due by {due['results_due_on']}" if "results_due_on" in due else ""
    headline = f"Certificate to delay results filed {change.after}{until}{by(change)}"
    also = tuple(piece for piece in (posted and posted.plain(), due) if piece)
    yield of_change(chosen, difference, change, headline, also=also)


def _notice(entry: Any) -> str:
    """`VIOLATION_IDENTIFIED 2026-02-01`, as far as the registry says it."""
    if not isinstance(entry, dict):
        return "an entry"
    day = next((entry[name] for name in _DAYS if entry.get(name)), None)
    return " ".join(str(part) for part in (entry.get("type", "an entry"), day) if part)
