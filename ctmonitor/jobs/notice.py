"""Messages beside the outbox, sent at once or not at all: what ails the monitor, and tests."""

from __future__ import annotations

import hashlib
from datetime import datetime

from ctmonitor.alerts import Alert, Severity
from ctmonitor.delivery import Digest, Occasion, Outlets, Row, deliver

RULE = "monitor-failed"
TEST_RULE = "test"
MOST_CHARACTERS = 2_000


def tell_operator(
    outlets: Outlets, address: str, headline: str, why: str = "", *, key: str, now: datetime
) -> None:
    """Send one message by the ways out that alerts take; DeliveryFailed when it did not leave.

    The store may be what ails, so nothing is asked of it. The same `key` makes the same message.
    """
    evidence = ({"why": why[:MOST_CHARACTERS]},) if why else ()
    alert = Alert(RULE, None, headline[:MOST_CHARACTERS], Severity.CRITICAL, key, evidence)
    _send(outlets, address, alert, Occasion.OPERATOR, now)


def send_test(outlets: Outlets, address: str, *, now: datetime) -> None:
    """Send one message that says that it is a test; DeliveryFailed when it did not leave."""
    said = "Alerts of ctmonitor reach you here"
    alert = Alert(TEST_RULE, None, said, Severity.LOW, now.isoformat())
    _send(outlets, address, alert, Occasion.TEST, now)


def _send(outlets: Outlets, address: str, alert: Alert, occasion: Occasion, now: datetime) -> None:
    told = f"{alert.rule}\x1f{alert.basis}"
    digest = Digest(
        key=hashlib.sha256(told.encode()).hexdigest(),
        address=address,
        lists=(),
        rows=(Row(alert),),
        made_at=now,
        data_date=None,
        chain_head="",
        occasion=occasion,
    )
    deliver(digest, outlets)
