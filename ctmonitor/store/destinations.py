"""Ways out that do not work: paused for a while, or suspended until somebody resumes them.

What is owed to one waits; nothing of it is tried, and nothing of it is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import destinations
from ctmonitor.store.values import instant

FAILURES_TO_PAUSE = 3
"""So many failures in a row, with nothing that left between them, pause a way out."""
PAUSE = timedelta(hours=1)
LONGEST_PAUSE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Destination:
    """A way out that failed: `failing` until it is `paused`, or `suspended` at once."""

    address: str
    state: str
    failures: int
    why: str
    since: str
    until: str | None


def all_failing(tx: Transaction) -> list[Destination]:
    """Every way out that failed and has not worked since."""
    query = sa.select(destinations).order_by(destinations.c.address)
    return [Destination(**row) for row in tx.connection.execute(query).mappings()]


def failed(
    tx: Transaction, address: str, why: str, *, is_for_good: bool, now: datetime
) -> Destination | None:
    """Note a failure; gives the destination when it came to be paused or suspended by it.

    `is_for_good` says that nobody is there to hear: such a one is not tried again unasked.
    """
    before = _found(tx, address)
    failures = (before.failures if before else 0) + 1
    pauses = failures - FAILURES_TO_PAUSE
    state = "suspended" if is_for_good else "paused" if pauses >= 0 else "failing"
    pause = min(PAUSE * 2 ** min(max(pauses, 0), 8), LONGEST_PAUSE)
    values: dict[str, Any] = {
        "address": address,
        "state": state,
        "failures": failures,
        "why": why,
        "since": before.since if before else instant(now),
        "until": instant(now + pause) if state == "paused" else None,
    }
    tx.connection.execute(destinations.delete().where(destinations.c.address == address))
    tx.connection.execute(destinations.insert(), values)
    was = before.state if before else "failing"
    return Destination(**values) if state not in ("failing", was) else None


def worked(tx: Transaction, address: str) -> bool:
    """Forget the failures of a way out; whether there were any."""
    gone = tx.connection.execute(destinations.delete().where(destinations.c.address == address))
    return gone.rowcount > 0


def closed(now: datetime) -> sa.Select[Any]:
    """The addresses that nothing is to be sent to at an instant."""
    is_paused = sa.and_(destinations.c.state == "paused", destinations.c.until > instant(now))
    return sa.select(destinations.c.address).where(
        sa.or_(destinations.c.state == "suspended", is_paused)
    )


def _found(tx: Transaction, address: str) -> Destination | None:
    query = sa.select(destinations).where(destinations.c.address == address)
    row = tx.connection.execute(query).mappings().one_or_none()
    return None if row is None else Destination(**row)
