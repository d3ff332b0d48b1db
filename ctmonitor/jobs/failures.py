"""What follows when a message does not leave: when it is tried again, and who hears of it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from ctmonitor.alerts import Told
from ctmonitor.delivery import Occasion
from ctmonitor.errors import DeliveryFailed, ServerUnreachable
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.following import owe_again
from ctmonitor.rules import Failing, Tuning, judge_failing
from ctmonitor.store import Transaction, alerts, destinations
from ctmonitor.store.outbox import Delivery
from ctmonitor.store.values import moment

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between the ten tries; the schedule of the Standard Webhooks specification."""
LONGEST_ASKED = timedelta(hours=24)
"""Whoever asks to be left alone for longer is asked again after so long."""
MAIL_SERVER = "the mail server"
"""What it is called among the addresses that fail."""
OUT_OF_ORDER = "out of order"


def again_at(delivery: Delivery, problem: DeliveryFailed, now: datetime) -> datetime | None:
    """When to try again what failed; None when it is over.

    By the schedule, each wait lengthened by chance to at most twice, so that what failed together
    does not come back together; or when the other side asks for it. Where nobody is there, what is
    owed waits until somebody says otherwise.
    """
    if not problem.is_gone and (problem.permanent or delivery.tries >= len(WAITS)):
        return None
    usual = WAITS[min(delivery.tries, len(WAITS) - 1)] * random.uniform(1, 2)
    asked = min(timedelta(seconds=problem.retry_after or 0), LONGEST_ASKED)
    return now + max(usual, asked)


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom to tell that messages do not leave, and how."""

    operator: str | None
    tuning: Tuning
    clock: Clock

    def failed(self, tx: Transaction, problem: DeliveryFailed) -> None:
        """Count a failure of a way out, and tell when it came to be left alone by it."""
        way, is_gone = problem.address, problem.is_gone
        if isinstance(problem, ServerUnreachable):
            # It says nothing of the addresses behind the server.
            way, is_gone = MAIL_SERVER, False
        now = self.clock.now()
        broken = destinations.failed(tx, way, problem.why, is_for_good=is_gone, now=now)
        if broken is not None:
            since = moment(broken.since).date()
            state = OUT_OF_ORDER if way == MAIL_SERVER else broken.state
            self._tell(tx, Failing(way, state, since, broken.why))

    def gave_up(self, tx: Transaction, delivery: Delivery, why: str) -> None:
        """Tell that a message will never leave by itself."""
        made = delivery.made_at.date()
        self._tell(tx, Failing(delivery.address, "dead", made, why, delivery.id))

    def _tell(self, tx: Transaction, failing: Failing) -> None:
        """Raise it, and owe it to the operator by another way than the one that fails."""
        judged = judge_failing(failing, self.tuning)
        told = [Told(one) for one in alerts.not_raised(tx, judged)]
        if not told:
            return
        ids = alerts.raise_alerts(tx, told, None, self.clock.at())
        if self.operator is not None and self.operator != failing.address:
            raised = alerts.alerts_by_id(tx, list(ids.values()))
            owe_again(tx, self.operator, Occasion.OPERATOR, raised, self.clock)
