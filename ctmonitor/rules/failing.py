"""Ways out that do not work, so that somebody hears nothing and does not know it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ctmonitor.alerts import Alert, Severity
from ctmonitor.rules.rule import Chosen, guard_rule
from ctmonitor.rules.telling import BASIS_MARK, bounded, one_line

UNHEARD = (
    "a message that does not leave is a change that nobody hears of; told to the operator alone, "
    "by the way that the setting `operator` names"
)
LONGEST_ADDRESS = 50


@dataclass(frozen=True, slots=True)
class Failing:
    """A way out that was paused or suspended, since when it fails, and why, in words.

    `address` is as it may be shown: without what is secret in it.
    """

    address: str
    state: str
    failing_since: date
    why: str


@guard_rule(Severity.HIGH, source=UNHEARD, parameters=())
def delivery_failing(failing: Failing, chosen: Chosen) -> Iterator[Alert]:
    """A way out does not work; what is owed by it waits until it does."""
    address = one_line(failing.address, LONGEST_ADDRESS)
    suspended = failing.state == "suspended"
    until = "until somebody resumes it" if suspended else "and is tried again by itself"
    evidence = {
        "address": failing.address,
        "state": failing.state,
        "failing_since": str(failing.failing_since),
        "why": bounded(failing.why),
        "what_waits": "ctmonitor dispatch --list",
        "to_try_again": "ctmonitor dispatch --resume ADDRESS",
    }
    yield Alert(
        rule=chosen.rule,
        nct_id=None,
        headline=one_line(f"{address} is {failing.state} {until}"),
        severity=chosen.severity,
        basis=BASIS_MARK.join((failing.address, failing.state, str(failing.failing_since))),
        evidence=(evidence,),
    )
