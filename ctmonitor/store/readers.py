"""The reader whom a signed link names, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import marks, subscribers, subscriptions, watch_lists


@dataclass(frozen=True, slots=True)
class Reader:
    """One subscriber, with the names of the watch lists subscribed to."""

    address: str
    lists: tuple[str, ...]


def reader(tx: Transaction, subscriber_id: int) -> Reader | None:
    """A subscriber by id; None when there is none."""
    query = sa.select(subscribers.c.address).where(subscribers.c.id == subscriber_id)
    address = tx.connection.execute(query).scalar_one_or_none()
    if address is None:
        return None
    return Reader(address, lists_of(tx, subscriber_id))


def lists_of(tx: Transaction, subscriber_id: int) -> tuple[str, ...]:
    """The names of the watch lists that a subscriber is subscribed to."""
    names = (
        sa.select(watch_lists.c.name)
        .join(subscriptions, subscriptions.c.watch_list_id == watch_lists.c.id)
        .where(subscriptions.c.subscriber_id == subscriber_id)
        .order_by(watch_lists.c.name)
    )
    return tuple(tx.connection.execute(names).scalars())


def is_marked(tx: Transaction, alert_id: int, act: str, by: str) -> bool:
    """Whether somebody has marked an alert so already."""
    mine = sa.and_(marks.c.alert_id == alert_id, marks.c.act == act, marks.c.by == by)
    return tx.connection.execute(sa.select(marks.c.id).where(mine).limit(1)).first() is not None
