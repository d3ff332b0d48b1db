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

    `address` is as it may be shown: without what is secret in it. `message` is the number of one
    that was given up.
    """

    address: str
    state: str
    failing_since: date
    why: str
    message: int | None = None

    @property
    def said(self) -> str:
        """What is wrong, in one line."""
        address = one_line(self.address, LONGEST_ADDRESS)
        if self.message is not None:
            return f"Message {self.message} to {address} was given up"
        if self.state == "suspended":
            return f"{address} is suspended until somebody resumes it"
        return f"{address} is {self.state} and is tried again by itself"


@guard_rule(Severity.HIGH, source=UNHEARD, parameters=())
def delivery_failing(failing: Failing, chosen: Chosen) -> Iterator[Alert]:
    """A way out does not work; what is owed by it waits until it does, or was given up."""
    given_up = failing.message is not None
    since = str(failing.message if given_up else failing.failing_since)
    again = f"--replay {failing.message}" if given_up else "--resume ADDRESS"
    evidence = {
        "address": failing.address,
        "state": failing.state,
        "failing_since": str(failing.failing_since),
        "why": bounded(failing.why),
        "what_waits": "ctmonitor dispatch --list",
        "to_try_again": f"ctmonitor dispatch {again}",
    }
    yield Alert(
        rule=chosen.rule,
        nct_id=None,
        headline=one_line(failing.said),
        severity=chosen.severity,
        basis=BASIS_MARK.join((failing.address, failing.state, since)),
        evidence=(evidence,),
    )
