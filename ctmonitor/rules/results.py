"""Results that come to be shown."""

from __future__ import annotations

from collections.abc import Iterator

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Difference
from ctmonitor.rules.rule import Chosen, change_rule
from ctmonitor.rules.telling import by, of_change, told

POSTING = (
    "42 CFR 11.44(a): results are probably due one year after the primary completion date; "
    "42 CFR 11.52: they are to be posted within 30 days of being sent"
)


@change_rule(Severity.HIGH, source=POSTING, fields=("has_results", "results_first_posted_date"))
def results_posted(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The registry shows results for the first time."""
    shown = told(difference, "has_results")
    posted = told(difference, "results_first_posted_date")
    changes = [
        change
        for change in (posted, shown)
        if change is not None and not change.before and change.after
    ]
    if not changes:
        return
    day = difference.after.results_first_posted_date
    headline = f"Results posted {day}" if day else "Results posted"
    also = tuple(change.plain() for change in changes[1:])
    yield of_change(chosen, difference, changes[0], f"{headline}{by(changes[0])}", also=also)
