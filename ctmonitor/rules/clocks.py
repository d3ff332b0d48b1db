"""Results that fall due: clocks of law, which public data can follow only probably.

Two sets of numbers, one for each law: where the clock starts, how long it runs, whom it probably
binds (`Facts`), and what no public record says.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ctmonitor.alerts import Alert, Severity
from ctmonitor.records import Facts, OverallStatus
from ctmonitor.rules.calendar import HAS_RESULTS, HAS_RESULTS_PENDING, is_told, when
from ctmonitor.rules.rule import (
    Chosen,
    Due,
    Inhibition,
    calendar_rule,
    days_ahead,
    grace_days,
)
from ctmonitor.rules.telling import days, of_facts, said

US_LAW = (
    "42 CFR 11.44(a): results are due one year after the primary completion date of an applicable "
    "clinical trial; who is bound, and the 30 days of grace, as FDAAA TrialsTracker reckons it"
)
CERTIFIED = (
    "42 CFR 11.44(b), (c): a certified delay ends 30 days after the product is approved, and after "
    "two years at the latest; simplified, as FDAAA TrialsTracker does, to three years after the "
    "primary completion date"
)
EU_LAW = (
    "Regulation (EU) 536/2014, Article 37(4): a summary of results within one year of the end of "
    "the trial in all member states; six months for trials in children under earlier guidance"
)
_NOT_SAID_IN_US = (
    "whether the trial is bound by the rule (studied under an IND or IDE, product in US commerce)",
    "an extension for good cause (11.44(e)) or a waiver (11.54)",
    "when the product was approved, which ends a certified delay",
)
_NOT_SAID_IN_EU = (
    "the end of the trial in each member state",
    "whether the summary is in the EU's own register",
    "a delay that the protocol allows for scientific reasons",
)
_IN_US = f"no public record says: {'; '.join(_NOT_SAID_IN_US)}"
_IN_EU = f"no public record says: {'; '.join(_NOT_SAID_IN_EU)}"
_SENT = "results that the sponsor sends to the registry"
_SENT_OR_CERTIFIED = f"{_SENT}, or a certified delay"
IS_WITHDRAWN = Inhibition(
    "WITHDRAWN",
    "nobody was enrolled, so that there are no results",
    lambda facts: facts.overall_status is OverallStatus.WITHDRAWN,
)
_IS_CERTIFIED = Inhibition(
    "certificate-filed",
    "the sponsor certified a delay, and certificate-extended tells of its end",
    lambda facts: facts.is_certified,
)
_NOT_CERTIFIED = Inhibition(
    "no certificate",
    "the sponsor certified no delay, and results-due tells of the day",
    lambda facts: not facts.is_certified,
)
_INHIBITED = (HAS_RESULTS, HAS_RESULTS_PENDING, IS_WITHDRAWN)


@calendar_rule(
    Severity.NORMAL,
    source=US_LAW,
    due=Due("results_due_on", prevented_by=_SENT_OR_CERTIFIED, probably=_IN_US),
    told=days_ahead(60),
    inhibited_by=(*_INHIBITED, _IS_CERTIFIED),
)
def results_due(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
    """Results are probably due soon, one year after the primary completion date."""
    yield from _coming(facts, today, chosen, "Results are probably due by")


@calendar_rule(
    Severity.NORMAL,
    source=CERTIFIED,
    due=Due("results_due_on", prevented_by=_SENT, probably=_IN_US),
    told=days_ahead(60),
    inhibited_by=(*_INHIBITED, _NOT_CERTIFIED),
)
def certificate_extended(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
    """A certified delay of results probably ends soon."""
    yield from _coming(facts, today, chosen, "Certified delay of results probably ends by")


@calendar_rule(
    Severity.HIGH,
    source=US_LAW,
    due=Due("results_due_on", days_after=1, is_foretold=False),
    told=grace_days(30),
    inhibited_by=_INHIBITED,
)
def results_overdue(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
    """Results were probably due, the days of grace have passed, and nothing was sent."""
    yield from _late(facts, today, chosen, facts.results_due_on, _NOT_SAID_IN_US)


@calendar_rule(
    Severity.NORMAL,
    source=EU_LAW,
    due=Due("eu_results_due_on", days_after=1, prevented_by=_SENT, probably=_IN_EU),
    told=grace_days(0),
    inhibited_by=(HAS_RESULTS, IS_WITHDRAWN),
)
def eu_results_overdue(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
    """A summary of results was probably due under EU law, and the registry shows none."""
    yield from _late(facts, today, chosen, facts.eu_results_due_on, _NOT_SAID_IN_EU)


def _coming(facts: Facts, today: date, chosen: Chosen, what: str) -> Iterator[Alert]:
    due_on = facts.results_due_on
    # From the day after on, it is for the overdue rule to tell.
    if due_on is None or due_on < today or not is_told(due_on, today, chosen):
        return
    evidence = _evidence(facts, due_on, _NOT_SAID_IN_US) | {"days_left": (due_on - today).days}
    headline = f"{what} {due_on} ({when(due_on, today)})"
    yield of_facts(chosen, facts, headline, basis=str(due_on), evidence=evidence)


def _late(
    facts: Facts, today: date, chosen: Chosen, due_on: date | None, not_said: tuple[str, ...]
) -> Iterator[Alert]:
    if due_on is None or today <= due_on or not is_told(due_on, today, chosen, days_after=1):
        return
    late = (today - due_on).days
    evidence = _evidence(facts, due_on, not_said) | {
        "days_late": late,
        "grace_days": int(chosen.numbers["grace_days"]),
    }
    headline = f"Results probably {days(late)} late: were due by {due_on}, none sent or shown"
    yield of_facts(chosen, facts, headline, basis=str(due_on), evidence=evidence)


def _evidence(facts: Facts, due_on: date, not_said: tuple[str, ...]) -> dict[str, Any]:
    return {
        **said(
            facts,
            "overall_status",
            "primary_completion_date",
            "primary_completion_date_type",
            "completion_date",
            "is_probably_applicable",
            "is_certified",
            "is_eu_trial",
        ),
        "due_on": str(due_on),
        "not_public": list(not_said),
    }
