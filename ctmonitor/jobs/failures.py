"""What follows when a message does not leave: when it is tried again, and who hears of it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from ctmonitor.alerts import Told
from ctmonitor.delivery import Occasion
from ctmonitor.errors import DeliveryFailed
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.following import owe_again
from ctmonitor.rules import Failing, Tuning, judge_failing
from ctmonitor.store import Transaction, alerts, destinations
from ctmonitor.store.destinations import Destination
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


def note_failure(
    tx: Transaction, problem: DeliveryFailed, operator: str | None, tuning: Tuning, clock: Clock
) -> None:
    """Count a failure of a way out, and tell the operator when it came to be left alone by it."""
    broken = destinations.failed(
        tx, problem.address, problem.why, is_for_good=problem.is_gone, now=clock.now()
    )
    if broken is not None:
        _tell_operator(tx, broken, operator, tuning, clock)


def _tell_operator(
    tx: Transaction, broken: Destination, operator: str | None, tuning: Tuning, clock: Clock
) -> None:
    """Raise that a way out does not work, and owe it to the operator, by another way."""
    failing = Failing(
        address=broken.address,
        state=broken.state,
        failing_since=moment(broken.since).date(),
        why=broken.why,
    )
    told = [Told(one) for one in alerts.not_raised(tx, judge_failing(failing, tuning))]
    if not told:
        return
    ids = alerts.raise_alerts(tx, told, None, clock.at())
    if operator is not None and operator != broken.address:
        raised = alerts.alerts_by_id(tx, list(ids.values()))
        owe_again(tx, operator, Occasion.OPERATOR, raised, clock)
