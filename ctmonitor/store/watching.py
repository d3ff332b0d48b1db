"""Watch lists, subscribers and what they wish."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from ctmonitor.alerts import Severity
from ctmonitor.errors import CommandWrong
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import members, mutes, subscribers, subscriptions, watch_lists
from ctmonitor.store.values import batches, instant, json_text, json_value
from ctmonitor.watches import Mute, Subscription, WatchList


@dataclass(frozen=True, slots=True)
class Wish:
    """One subscription as it is listed."""

    address: str
    watch_list: str
    rules: tuple[str, ...]
    min_severity: Severity
    cadence: str
    made_at: str


def add_watch_list(tx: Transaction, watch_list: WatchList, at: datetime) -> bool:
    """Make a watch list, or add numbers to one that is there; True when it is new."""
    row = tx.connection.execute(
        sa.select(watch_lists.c.id, watch_lists.c.is_all).where(
            watch_lists.c.name == watch_list.name
        )
    ).one_or_none()
    if row is not None and row[1] != watch_list.is_all:
        other = "numbers" if watch_list.is_all else "everything"
        raise CommandWrong(
            f"watch list {watch_list.name!r} is there already and watches {other}; "
            "choose another name, or remove it first"
        )
    if row is None:
        values = {"name": watch_list.name, "is_all": watch_list.is_all, "made_at": instant(at)}
        made = tx.connection.execute(watch_lists.insert().returning(watch_lists.c.id), values)
        list_id = made.scalar_one()
    else:
        list_id = row[0]
    there = set(
        tx.connection.execute(
            sa.select(members.c.nct_id).where(members.c.watch_list_id == list_id)
        ).scalars()
    )
    new = sorted(watch_list.nct_ids - there)
    if new:
        tx.connection.execute(
            members.insert(),
            [
                {"watch_list_id": list_id, "nct_id": nct_id, "joined_at": instant(at)}
                for nct_id in new
            ],
        )
    return row is None


def remove_watch_list(tx: Transaction, name: str) -> None:
    """Forget a watch list and every subscription to it."""
    list_id = _list_id(tx, name)
    for table in (members, subscriptions):
        tx.connection.execute(table.delete().where(table.c.watch_list_id == list_id))
    tx.connection.execute(watch_lists.delete().where(watch_lists.c.id == list_id))


def drop_members(tx: Transaction, name: str, nct_ids: Iterable[str]) -> int:
    """Take numbers off a watch list; gives how many were on it."""
    mine = members.c.watch_list_id == _list_id(tx, name)
    gone = 0
    for some in batches(list(nct_ids)):
        off = members.delete().where(mine, members.c.nct_id.in_(some))
        gone += tx.connection.execute(off).rowcount
    return gone


def watch_list(tx: Transaction, name: str) -> WatchList:
    """One watch list by its name; CommandWrong when there is none."""
    for one in all_watch_lists(tx):
        if one.name == name:
            return one
    raise CommandWrong(f"there is no watch list {name!r}; `ctmonitor watch list` shows them")


def all_watch_lists(tx: Transaction) -> list[WatchList]:
    """Every watch list, by name."""
    on_it: dict[int, set[str]] = {}
    for list_id, nct_id in tx.connection.execute(
        sa.select(members.c.watch_list_id, members.c.nct_id)
    ):
        on_it.setdefault(list_id, set()).add(nct_id)
    rows = tx.connection.execute(
        sa.select(watch_lists.c.id, watch_lists.c.name, watch_lists.c.is_all).order_by(
            watch_lists.c.name
        )
    )
    return [WatchList(name, is_all, frozenset(on_it.get(id_, ()))) for id_, name, is_all in rows]


def subscribe(
    tx: Transaction,
    address: str,
    list_name: str,
    *,
    rules: Sequence[str],
    min_severity: Severity,
    cadence: str,
    at: datetime,
) -> None:
    """Note a subscriber's wish about a watch list; said again, the newer wish holds."""
    list_id = _list_id(tx, list_name)
    subscriber_id = _subscriber_id(tx, address)
    if subscriber_id is None:
        values = {"address": address, "made_at": instant(at)}
        made = tx.connection.execute(subscribers.insert().returning(subscribers.c.id), values)
        subscriber_id = made.scalar_one()
    mine = sa.and_(
        subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.watch_list_id == list_id
    )
    tx.connection.execute(subscriptions.delete().where(mine))
    tx.connection.execute(
        subscriptions.insert(),
        {
            "subscriber_id": subscriber_id,
            "watch_list_id": list_id,
            "rules": json_text(sorted(rules)) if rules else None,
            "min_severity": str(min_severity),
            "cadence": cadence,
            "made_at": instant(at),
        },
    )


def unsubscribe(tx: Transaction, address: str, list_name: str | None) -> int:
    """Forget a subscriber's wish about one list, or all of them; gives how many."""
    subscriber_id = _subscriber_id(tx, address)
    query = subscriptions.delete().where(subscriptions.c.subscriber_id == (subscriber_id or 0))
    if list_name is not None:
        query = query.where(subscriptions.c.watch_list_id == _list_id(tx, list_name))
    return tx.connection.execute(query).rowcount


def mute(
    tx: Transaction,
    address: str,
    *,
    nct_id: str | None,
    rule: str | None,
    until: date,
    reason: str,
    at: datetime,
) -> None:
    """Let a subscriber hear nothing of a study, a rule or both, up to a day."""
    subscriber_id = _subscriber_id(tx, address)
    if subscriber_id is None:
        raise CommandWrong(f"{address} does not subscribe to anything; nothing to mute")
    tx.connection.execute(
        mutes.insert(),
        {
            "subscriber_id": subscriber_id,
            "nct_id": nct_id,
            "rule": rule,
            "until": until.isoformat(),
            "reason": reason,
            "made_at": instant(at),
        },
    )


def all_subscriptions(tx: Transaction) -> list[Subscription]:
    """Every subscription, ready to be asked what it wants."""
    lists = {one.name: one for one in all_watch_lists(tx)}
    muted: dict[int, list[Mute]] = {}
    for row in tx.connection.execute(mutes.select()).mappings():
        until = date.fromisoformat(row["until"])
        muted.setdefault(row["subscriber_id"], []).append(Mute(until, row["nct_id"], row["rule"]))
    return [
        Subscription(
            subscriber_id=row["subscriber_id"],
            address=row["address"],
            watch_list=lists[row["name"]],
            rules=frozenset(json_value(row["rules"])) if row["rules"] else None,
            min_severity=Severity(row["min_severity"]),
            mutes=tuple(muted.get(row["subscriber_id"], ())),
        )
        for row in _wishes(tx)
    ]


def wishes(tx: Transaction) -> list[Wish]:
    """Every subscription, as it is listed."""
    return [
        Wish(
            address=row["address"],
            watch_list=row["name"],
            rules=tuple(json_value(row["rules"]) or ()),
            min_severity=Severity(row["min_severity"]),
            cadence=row["cadence"],
            made_at=row["made_at"],
        )
        for row in _wishes(tx)
    ]


def _wishes(tx: Transaction) -> Sequence[sa.RowMapping]:
    query = (
        sa.select(subscriptions, subscribers.c.address, watch_lists.c.name)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .join(watch_lists, watch_lists.c.id == subscriptions.c.watch_list_id)
        .order_by(subscribers.c.address, watch_lists.c.name)
    )
    return tx.connection.execute(query).mappings().all()


def _list_id(tx: Transaction, name: str) -> int:
    found = tx.connection.execute(
        sa.select(watch_lists.c.id).where(watch_lists.c.name == name)
    ).scalar_one_or_none()
    if found is None:
        raise CommandWrong(f"there is no watch list {name!r}; `ctmonitor watch list` shows them")
    return int(found)


def _subscriber_id(tx: Transaction, address: str) -> int | None:
    query = sa.select(subscribers.c.id).where(subscribers.c.address == address)
    return tx.connection.execute(query).scalar_one_or_none()
