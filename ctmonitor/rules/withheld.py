"""Records of which the registry withheld all but the number, and that come to light."""

from __future__ import annotations

from collections.abc import Iterator

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Difference
from ctmonitor.records import OverallStatus
from ctmonitor.rules.rule import Chosen, Rule, change_rule
from ctmonitor.rules.status import status_changed, turn, turned
from ctmonitor.rules.telling import by, of_change, said

DELAYED = (
    "42 CFR 11.35(b)(2)(i): a device trial is probably not posted before the device is cleared or "
    "approved; until then the registry shows a stub, whose status is WITHHELD"
)
_SHOWN = (
    "brief_title",
    "lead_sponsor",
    "study_type",
    "why_stopped",
    "start_date",
    "primary_completion_date",
    "completion_date",
    "enrollment",
)


@change_rule(Severity.HIGH, source=DELAYED)
def record_revealed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The registry now shows a record that it had withheld; told in place of all that filled up."""
    change = turn(difference, chosen)
    if change is None:
        return
    fields = {one.field for one in difference.changes if not one.is_noise}
    also = {"fields_changed": len(fields), **said(difference.after, *_SHOWN)}
    headline = f"{turned(change)}{by(change)}: record revealed"
    yield of_change(chosen, difference, change, headline, also=(also,))


def alone(difference: Difference) -> Rule | None:
    """The rule that speaks alone when a record comes to be withheld or shown; None else.

    Most fields of such a record empty or fill up at once, and that is one fact.
    """
    change = difference.of("overall_status")
    if change is None:
        return None
    if change.before == OverallStatus.WITHHELD:
        return record_revealed
    return status_changed if change.after == OverallStatus.WITHHELD else None
