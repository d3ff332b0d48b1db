"""Who was told nothing for a while, and the message that all goes on, which is owed to them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from ctmonitor.store.engine import Transaction
from ctmonitor.store.looks import SETTLED
from ctmonitor.store.outbox import WAITING
from ctmonitor.store.schema import deliveries, mutes, studies, subscribers, subscriptions, sweeps
from ctmonitor.store.values import instant, json_text, moment

ALL_QUIET = "all-quiet"
"""What a subscriber who does not want these messages mutes, as if it were a rule."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A subscriber who was sent nothing since an instant, or ever since subscribing."""

    subscriber_id: int
    address: str
    since: datetime


def silent(tx: Transaction, until: datetime, today: date) -> list[Silent]:
    """Who subscribed by an instant, was sent nothing since, is owed nothing, and did not refuse."""
    last = (
        sa.select(deliveries.c.subscriber_id, sa.func.max(deliveries.c.sent_at).label("sent_at"))
        .group_by(deliveries.c.subscriber_id)
        .subquery()
    )
    owed = sa.select(deliveries.c.subscriber_id).where(deliveries.c.state.in_(WAITING))
    refused = sa.select(mutes.c.subscriber_id).where(
        mutes.c.rule == ALL_QUIET, mutes.c.nct_id.is_(None), mutes.c.until >= today.isoformat()
    )
    said = instant(until)
    query = (
        sa.select(subscribers.c.id, subscribers.c.address, subscribers.c.made_at, last.c.sent_at)
        .outerjoin(last, last.c.subscriber_id == subscribers.c.id)
        .where(subscribers.c.id.in_(sa.select(subscriptions.c.subscriber_id)))
        .where(subscribers.c.id.not_in(owed), subscribers.c.id.not_in(refused))
        .where(subscribers.c.made_at <= said)
        .where(sa.or_(last.c.sent_at.is_(None), last.c.sent_at <= said))
        .order_by(subscribers.c.id)
    )
    return [
        Silent(row.id, row.address, moment(row.sent_at or row.made_at))
        for row in tx.connection.execute(query)
    ]


def owe_quiet(
    tx: Transaction,
    one: Silent,
    said: str,
    *,
    lists: Sequence[str],
    chain_head: str,
    leaves_at: datetime,
    now: datetime,
) -> bool:
    """Owe the message that all goes on; False when it was owed for the same silence before."""
    told = f"3\x1f{ALL_QUIET}\x1f{one.subscriber_id}\x1f{instant(one.since)}"
    key = hashlib.sha256(told.encode()).hexdigest()
    if tx.connection.execute(sa.select(deliveries.c.id).where(deliveries.c.key == key)).first():
        return False
    row = {
        "key": key,
        "subscriber_id": one.subscriber_id,
        "address": one.address,
        "alert_ids": json_text([]),
        "lists": json_text(list(lists)),
        "chain_head": chain_head,
        "state": "held" if leaves_at > now else "owed",
        "next_try_at": instant(leaves_at),
        "made_at": instant(now),
        "about": said,
    }
    tx.connection.execute(deliveries.insert(), row)
    return True


def studies_there(tx: Transaction) -> int:
    """How many studies are held that are not gone."""
    query = sa.select(sa.func.count()).select_from(studies)
    return int(tx.connection.execute(query.where(studies.c.missing_since.is_(None))).scalar_one())


def last_release(tx: Transaction) -> date | None:
    """The day of the release that the last good look read; None when it bore no date."""
    query = (
        sa.select(sweeps.c.data_timestamp_after)
        .where(sweeps.c.state.in_(SETTLED), sweeps.c.is_complete)
        .where(sweeps.c.data_timestamp_after.is_not(None))
        .order_by(sweeps.c.id.desc())
        .limit(1)
    )
    found = tx.connection.execute(query).scalar_one_or_none()
    return date.fromisoformat(found[:10]) if found else None
