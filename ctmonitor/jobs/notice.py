"""Tell the operator at once what ails the monitor itself, beside the outbox and without a store."""

from __future__ import annotations

import hashlib
from datetime import datetime

from ctmonitor.alerts import Alert, Severity
from ctmonitor.delivery import Digest, Outlets, Row, deliver

RULE = "monitor-failed"
MOST_CHARACTERS = 2_000


def tell_operator(
    outlets: Outlets, address: str, headline: str, why: str = "", *, key: str, now: datetime
) -> None:
    """Send one message by the ways out that alerts take; DeliveryFailed when it did not leave.

    The store may be what ails, so nothing is asked of it. The same `key` makes the same message.
    """
    evidence = ({"why": why[:MOST_CHARACTERS]},) if why else ()
    alert = Alert(RULE, None, headline[:MOST_CHARACTERS], Severity.CRITICAL, key, evidence)
    digest = Digest(
        key=hashlib.sha256(f"{RULE}\x1f{key}".encode()).hexdigest(),
        address=address,
        lists=(),
        rows=(Row(alert),),
        made_at=now,
        data_date=None,
        chain_head="",
    )
    deliver(digest, outlets)
