"""Who answers for a study."""

from __future__ import annotations

from collections.abc import Iterator

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Difference
from ctmonitor.rules.rule import Chosen, change_rule
from ctmonitor.rules.several import SAME_WORDS
from ctmonitor.rules.telling import by, of_change, one_line, told

SPONSOR = (
    "https://clinicaltrials.gov/policy/protocol-definitions#LeadSponsor; an organization that is "
    "renamed changes over all its records at once"
)
NAME_LENGTH = 200
"""The registry allows 160 characters."""


@change_rule(Severity.NORMAL, source=SPONSOR, fields=("lead_sponsor",))
def sponsor_changed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The lead sponsor is another, or bears another name.

    The same two names at several studies in one look are one fact, told once to each subscriber.
    """
    change = told(difference, "lead_sponsor")
    if change is None or change.kind in SAME_WORDS:
        return
    before, after = (
        one_line(name or "not given", NAME_LENGTH) for name in (change.before, change.after)
    )
    class_ = told(difference, "lead_sponsor_class")
    headline = f"Lead sponsor now {after}; was {before}{by(change)}"
    also = (class_.plain(),) if class_ else ()
    alert = of_change(chosen, difference, change, headline, also=also)
    yield alert.of_one_fact(f"lead sponsor {before} -> {after}")
