"""UNKNOWN: the registry's own word for a study that nobody has verified for two years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Difference
from ctmonitor.records import Facts, OverallStatus
from ctmonitor.rules.calendar import IS_UNKNOWN, because, is_told, when
from ctmonitor.rules.rule import (
    Chosen,
    Due,
    calendar_rule,
    change_rule,
    days_ahead,
    state_rule,
)
from ctmonitor.rules.status import THIRTY_DAYS, turn, turned
from ctmonitor.rules.telling import by, of_change, of_facts, said

GLOSSARY = (
    "https://clinicaltrials.gov/study-basics/glossary (Unknown): an open study past its completion "
    "date whose status was not verified within the past 2 years; the day was fitted on real records"
)
_LAPSE = ("last_known_status", "status_verified_date", "completion_date", "unknown_due_on")
_PREVENTED_BY = (
    "an update from the sponsor that verifies the record, ends the study, "
    "or moves the completion date past this day"
)


@change_rule(Severity.HIGH, source=GLOSSARY, fields=("overall_status",))
def became_unknown(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The registry now shows UNKNOWN; the sponsor has said nothing new."""
    change = turn(difference, chosen)
    if change is None:
        return
    lapse = said(difference.after, *_LAPSE)
    yield of_change(chosen, difference, change, turned(change), also=(lapse,) if lapse else ())


@change_rule(Severity.NORMAL, source=THIRTY_DAYS, fields=("overall_status",))
def left_unknown(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """The sponsor spoke again: the study is no longer UNKNOWN, and did not stop."""
    change = turn(difference, chosen)
    if change is None:
        return
    known = difference.before.last_known_status
    last = f", last known {known}" if known else ""
    lapse = said(difference.before, *_LAPSE)
    headline = f"{turned(change)}{last}{by(change)}"
    yield of_change(chosen, difference, change, headline, also=(lapse,) if lapse else ())


@state_rule(Severity.HIGH, source=GLOSSARY)
def unknown_stale(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
    """The study is UNKNOWN when first seen; since when, as far as the record tells."""
    if facts.overall_status is not OverallStatus.UNKNOWN:
        return
    since, verified = facts.unknown_due_on, facts.status_verified_date
    is_past = since is not None and since <= today
    known = f"; last known {facts.last_known_status}" if facts.last_known_status else ""
    told_since = f" since {since}{_earliest(facts)}" if is_past else ""
    headline = f"UNKNOWN{told_since}{known}"
    evidence = said(facts, "overall_status", *(_LAPSE if is_past else _LAPSE[:-1]))
    yield of_facts(
        chosen,
        facts,
        f"{headline}, verified {verified}" if verified else headline,
        basis=str(verified),
        evidence=evidence,
    )


@calendar_rule(
    Severity.NORMAL,
    source=GLOSSARY,
    due=Due("unknown_due_on", prevented_by=_PREVENTED_BY),
    told=days_ahead(30),
    inhibited_by=(IS_UNKNOWN,),
)
def unknown_due(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
    """The registry will soon turn the study to UNKNOWN unless the sponsor acts."""
    due_on = facts.unknown_due_on
    if due_on is None or not is_told(due_on, today, chosen):
        return
    if today <= due_on:
        headline = f"Turns UNKNOWN on {due_on}{_earliest(facts)} unless verified"
        headline = f"{headline} ({when(due_on, today)})"
    else:
        headline = f"Was to turn UNKNOWN on {due_on}; last seen {facts.overall_status}"
    evidence = {
        **because(facts, "unknown_due_on"),
        "unknown_due_on": str(due_on),
        "days_left": (due_on - today).days,
        "prevented_by": _PREVENTED_BY,
    }
    yield of_facts(chosen, facts, headline, basis=str(due_on), evidence=evidence)


def _earliest(facts: Facts) -> str:
    """What must be said where the source does not tell the completion date."""
    return " at the earliest" if facts.is_partial else ""
