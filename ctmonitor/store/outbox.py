"""What is owed to whom: written with its alerts, claimed with a lease, marked after the send."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ctmonitor.store import destinations
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import attempts, deliveries
from ctmonitor.store.values import day, day_of, instant, json_text, json_value, moment
from ctmonitor.watches import Owed, most_at_once

LEASE = timedelta(minutes=15)
"""Longer than the ten minutes that a mail server may take to say it has a message."""

WAITING = ("owed", "held", "retrying", "claimed")
"""The states in which a delivery is still to leave: at once, at its hour, again, or just now."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One digest owed to one subscriber; `claim` is the token of who sends it now."""

    id: int
    key: str
    subscriber_id: int
    address: str
    alert_ids: tuple[int, ...]
    lists: tuple[str, ...]
    data_date: date | None
    chain_head: str
    made_at: datetime
    tries: int
    claim: int
    about: str | None = None


def owe(
    tx: Transaction,
    owed: Sequence[Owed],
    ids: Mapping[str, int],
    *,
    sweep_id: int | None,
    data_date: date | None,
    chain_head: str,
    at: datetime,
    now: datetime,
) -> None:
    """Write what each subscriber is owed, dated `at`: to be sent from `now` on, or at its hour.

    What leaves at the same hour is one digest, whatever looks brought it.
    """
    rows = []
    for one in owed:
        alert_ids = sorted(ids[alert.key] for alert in one.alerts)
        leaves_at = one.leaves_at(now)
        is_held = leaves_at > now
        row = {
            "subscriber_id": one.subscriber_id,
            "address": one.address,
            "sweep_id": sweep_id,
            "alert_ids": json_text(alert_ids),
            "lists": json_text(one.lists),
            "data_date": day(data_date),
            "chain_head": chain_head,
            "state": "held" if is_held else "owed",
            "next_try_at": instant(leaves_at),
            "made_at": instant(at),
        }
        if not (is_held and _gathered(tx, row, alert_ids, one.lists)):
            told = "\x1f".join([str(one.subscriber_id), *map(str, alert_ids)])
            digest = hashlib.sha256(f"1\x1f{chain_head}\x1f{told}".encode())
            rows.append({"key": digest.hexdigest(), **row})
    if rows:
        tx.connection.execute(deliveries.insert(), rows)


def owe_again(
    tx: Transaction,
    subscriber_id: int,
    address: str,
    alert_ids: Sequence[int],
    *,
    about: str,
    chain_head: str,
    leaves_at: datetime,
    now: datetime,
) -> None:
    """Owe alerts that were owed before, once more or to another address.

    `about` says what it is: a reminder, a replay. What waits already to be told as the same is one
    message with it.
    """
    told = "\x1f".join([str(subscriber_id), about, *map(str, sorted(alert_ids))])
    lists = sa.select(deliveries.c.lists, deliveries.c.data_date).where(
        deliveries.c.subscriber_id == subscriber_id
    )
    last = tx.connection.execute(lists.order_by(deliveries.c.id.desc()).limit(1)).one_or_none()
    kept = last.lists if last else "[]"
    row = {
        "key": hashlib.sha256(f"2\x1f{chain_head}\x1f{told}".encode()).hexdigest(),
        "subscriber_id": subscriber_id,
        "address": address,
        "sweep_id": None,
        "alert_ids": json_text(sorted(alert_ids)),
        "lists": kept,
        "data_date": last.data_date if last else None,
        "chain_head": chain_head,
        "state": "held" if leaves_at > now else "owed",
        "next_try_at": instant(leaves_at),
        "made_at": instant(now),
        "about": about,
    }
    if not _gathered(tx, row, alert_ids, json_value(kept)):
        tx.connection.execute(deliveries.insert(), row)


def cancel(tx: Transaction, subscriber_id: int, why: str) -> int:
    """Let nothing more leave of what one subscriber is owed; gives how many messages."""
    mine = deliveries.update().where(deliveries.c.subscriber_id == subscriber_id)
    # What is claimed is on its way, and whoever sends it will say how that went.
    waits = deliveries.c.state.in_([state for state in WAITING if state != "claimed"])
    gone = tx.connection.execute(mine.where(waits).values(state="cancelled", reason=why))
    return gone.rowcount


def hasten(tx: Transaction, address: str, now: datetime) -> None:
    """Let what failed on its way to an address be due now; what is held keeps its hour."""
    mine = deliveries.update().where(deliveries.c.address == address)
    waits = mine.where(deliveries.c.state == "retrying", deliveries.c.next_try_at > instant(now))
    tx.connection.execute(waits.values(next_try_at=instant(now)))


def to_replay(
    tx: Transaction,
    *,
    ids: Sequence[int] = (),
    since: datetime | None = None,
    address: str | None = None,
    only_dead: bool = False,
) -> list[dict[str, Any]]:
    """The messages that are named, or that were made since an instant, as they were owed."""
    names = ("id", "subscriber_id", "address", "alert_ids", "state", "made_at", "about")
    query = sa.select(*(deliveries.c[name] for name in names)).order_by(deliveries.c.id)
    if ids:
        query = query.where(deliveries.c.id.in_(ids))
    if since is not None:
        query = query.where(deliveries.c.made_at >= instant(since))
    if address is not None:
        query = query.where(deliveries.c.address == address)
    # That all was quiet last week is no news.
    query = query.where(deliveries.c.alert_ids != "[]")
    states = ("dead",) if only_dead else ("dead", "sent", "cancelled")
    rows = tx.connection.execute(query.where(deliveries.c.state.in_(states))).mappings()
    return [{**row, "alert_ids": json_value(row["alert_ids"])} for row in rows]


def _gathered(
    tx: Transaction, row: Mapping[str, Any], alert_ids: Sequence[int], lists: Sequence[str]
) -> bool:
    """Put alerts to what waits already to be told as the same, at once or at the same hour.

    False where nothing does. What was tried once stays what it is.
    """
    query = (
        deliveries.select()
        .where(deliveries.c.subscriber_id == row["subscriber_id"])
        .where(deliveries.c.state == row["state"], deliveries.c.tries == 0)
        .where(deliveries.c.about.is_not_distinct_from(row.get("about")))
        .order_by(deliveries.c.id.desc())
    )
    if row["state"] == "held":
        query = query.where(deliveries.c.next_try_at == row["next_try_at"])
    if not tx.is_sqlite:
        query = query.with_for_update()
    held = tx.connection.execute(query.limit(1)).mappings().one_or_none()
    if held is None:
        return False
    together, most = {*json_value(held["alert_ids"]), *alert_ids}, most_at_once(row["address"])
    if most is not None and len(together) > most:
        return False
    dates = [one for one in (held["data_date"], row["data_date"]) if one]
    gathered = deliveries.update().where(deliveries.c.id == held["id"])
    tx.connection.execute(
        gathered.values(
            alert_ids=json_text(sorted(together)),
            lists=json_text(sorted({*json_value(held["lists"]), *lists})),
            data_date=max(dates, default=None),
            chain_head=row["chain_head"],
            sweep_id=row["sweep_id"],
            made_at=max(held["made_at"], row["made_at"]),
        )
    )
    return True


def claim_next(
    tx: Transaction, owner: str, now: datetime, *, due_by: datetime | None = None
) -> Delivery | None:
    """Take the delivery that waits longest, for as long as the lease; None when none waits.

    Only one whose next try was due by an instant, which is `now` when nothing is said.
    """
    free = sa.or_(deliveries.c.claimed_until.is_(None), deliveries.c.claimed_until < instant(now))
    query = (
        deliveries.select()
        .where(
            deliveries.c.state.in_(WAITING),
            deliveries.c.next_try_at <= instant(due_by or now),
            deliveries.c.address.not_in(destinations.closed(now)),
            free,
        )
        .order_by(deliveries.c.next_try_at, deliveries.c.id)
        .limit(1)
    )
    if not tx.is_sqlite:
        query = query.with_for_update(skip_locked=True)
    row = tx.connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    taken = tx.connection.execute(
        deliveries.update()
        .where(deliveries.c.id == row["id"], deliveries.c.claim == row["claim"])
        .values(
            state="claimed",
            claim=row["claim"] + 1,
            claimed_by=owner,
            claimed_until=instant(now + LEASE),
        )
    )
    if taken.rowcount != 1:
        return None
    return replace(_delivery(row), claim=row["claim"] + 1)


def _delivery(row: sa.RowMapping) -> Delivery:
    return Delivery(
        id=row["id"],
        key=row["key"],
        subscriber_id=row["subscriber_id"],
        address=row["address"],
        alert_ids=tuple(json_value(row["alert_ids"])),
        lists=tuple(json_value(row["lists"])),
        data_date=day_of(row["data_date"]),
        chain_head=row["chain_head"],
        made_at=moment(row["made_at"]),
        tries=row["tries"],
        claim=row["claim"],
        about=row["about"],
    )


def sent(tx: Transaction, delivery: Delivery, now: datetime) -> bool:
    """Mark a delivery as sent; False when somebody else took it over meanwhile."""
    values: dict[str, str | None] = {"state": "sent", "sent_at": instant(now), "reason": None}
    return _finish(tx, delivery, values, "sent", None, now)


def failed(
    tx: Transaction, delivery: Delivery, why: str, next_try_at: datetime | None, now: datetime
) -> bool:
    """Mark a try as failed, to be tried again at an instant; None means never: a dead letter."""
    if next_try_at is None:
        return _finish(tx, delivery, {"state": "dead", "reason": why}, "dead", why, now)
    again = instant(next_try_at)
    values: dict[str, str | None] = {"state": "retrying", "reason": why, "next_try_at": again}
    return _finish(tx, delivery, values, "failed", why, now)


def sent_with(tx: Transaction, key: str) -> Delivery | None:
    """The delivery whose key begins so, when it has left; None when none has."""
    query = deliveries.select().where(
        deliveries.c.key.startswith(key), deliveries.c.state == "sent"
    )
    row = tx.connection.execute(query.limit(1)).mappings().one_or_none()
    return None if row is None else _delivery(row)


def came_back(
    tx: Transaction, delivery: Delivery, why: str, next_try_at: datetime | None, now: datetime
) -> None:
    """Mark one that had left as not arrived: to be tried again at an instant, or a dead letter."""
    values: dict[str, Any] = {"state": "dead", "reason": why, "sent_at": None}
    if next_try_at is not None:
        values |= {"state": "retrying", "next_try_at": instant(next_try_at)}
    mine = deliveries.update().where(deliveries.c.id == delivery.id, deliveries.c.state == "sent")
    if tx.connection.execute(mine.values(**values)).rowcount == 1:
        _note_try(tx, delivery, "returned", why, now)


def free_claims_of(tx: Transaction, is_gone: Callable[[str], bool], now: datetime) -> int:
    """Take back the claims of owners that are gone; gives how many."""
    held = sa.select(deliveries.c.claimed_by).where(deliveries.c.state == "claimed").distinct()
    gone = [owner for owner in tx.connection.execute(held).scalars() if owner and is_gone(owner)]
    if not gone:
        return 0
    freed = tx.connection.execute(
        deliveries.update()
        .where(deliveries.c.state == "claimed", deliveries.c.claimed_by.in_(gone))
        .values(state="owed", claimed_until=None)
    )
    return freed.rowcount


def is_owed(tx: Transaction) -> bool:
    """Whether anything waits to leave, now or later."""
    query = sa.select(deliveries.c.id).where(deliveries.c.state.in_(WAITING))
    return tx.connection.execute(query.limit(1)).scalar_one_or_none() is not None


def unsent(tx: Transaction) -> list[dict[str, Any]]:
    """The deliveries that did not leave, the dead ones among them, with the last reason."""
    names = ("id", "address", "state", "tries", "next_try_at", "made_at", "alert_ids", "reason")
    left = deliveries.c.state.in_(("sent", "cancelled"))
    query = sa.select(*(deliveries.c[name] for name in names)).where(~left)
    rows = tx.connection.execute(query.order_by(deliveries.c.id.desc())).mappings()
    return [
        {**{name: row[name] for name in names}, "alert_ids": json_value(row["alert_ids"])}
        for row in rows
    ]


def _finish(
    tx: Transaction,
    delivery: Delivery,
    values: dict[str, str | None],
    outcome: str,
    why: str | None,
    now: datetime,
) -> bool:
    done = tx.connection.execute(
        deliveries.update()
        .where(deliveries.c.id == delivery.id, deliveries.c.claim == delivery.claim)
        .where(deliveries.c.state == "claimed")
        .values(tries=delivery.tries + 1, claimed_until=None, **values)
    )
    if done.rowcount != 1:
        return False
    _note_try(tx, delivery, outcome, why, now)
    return True


def _note_try(
    tx: Transaction, delivery: Delivery, outcome: str, why: str | None, now: datetime
) -> None:
    tx.connection.execute(
        attempts.insert(),
        {
            "delivery_id": delivery.id,
            "claim": delivery.claim,
            "finished_at": instant(now),
            "outcome": outcome,
            "why": why,
        },
    )
