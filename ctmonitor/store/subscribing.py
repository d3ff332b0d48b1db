"""Subscribers, what they wish to hear, how they are to be told, and what they mute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from ctmonitor.alerts import Severity
from ctmonitor.errors import CommandWrong
from ctmonitor.store import outbox, watching
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import mutes, subscribers, subscriptions, watch_lists
from ctmonitor.store.values import instant, json_text, json_value
from ctmonitor.watches import Cadence, Manner, Mute, Pace, Subscription, spans

MANNER = ("zone", "quiet", "breaks_quiet", "repeat_days", "escalate_hours", "escalate_to")
"""How a subscriber is to be told: the columns that say so."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One subscription as it is listed."""

    address: str
    watch_list: str
    rules: tuple[str, ...]
    min_severity: Severity
    cadence: str
    made_at: str
    zone: str | None = None
    quiet: str | None = None
    breaks_quiet: str | None = None
    repeat_days: int | None = None
    escalate_hours: int | None = None
    escalate_to: str | None = None


def subscribe(
    tx: Transaction,
    address: str,
    list_name: str,
    *,
    rules: Sequence[str],
    min_severity: Severity,
    cadence: Cadence,
    at: datetime,
) -> None:
    """Note a subscriber's wish about a watch list; said again, the newer wish holds."""
    list_id = watching.id_of(tx, list_name)
    subscriber_id = subscriber(tx, address, at)
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
            "cadence": str(cadence.pace),
            "at_time": None if cadence.at is None else f"{cadence.at:%H:%M}",
            "weekday": cadence.weekday,
            "made_at": instant(at),
        },
    )


def subscriber(tx: Transaction, address: str, at: datetime) -> int:
    """The id of an address as a subscriber, who is made where there is none."""
    subscriber_id = _subscriber_id(tx, address)
    if subscriber_id is None:
        values = {"address": address, "made_at": instant(at)}
        made = tx.connection.execute(subscribers.insert().returning(subscribers.c.id), values)
        subscriber_id = made.scalar_one()
    return subscriber_id


def set_manner(
    tx: Transaction,
    address: str,
    chosen: Mapping[str, object],
    *,
    usual_zone: str,
    at: datetime,
) -> None:
    """Note how a subscriber is to be told; what is not among `chosen` stays as it is.

    Who has no zone yet, and names none, lives in the usual one.
    """
    subscriber_id = subscriber(tx, address, at)
    zone = sa.func.coalesce(subscribers.c.zone, usual_zone)
    mine = subscribers.update().where(subscribers.c.id == subscriber_id)
    tx.connection.execute(mine.values({"zone": zone, **chosen}))


def manner_of(tx: Transaction, subscriber_id: int) -> Manner:
    """How one subscriber is to be told."""
    mine = subscribers.c.id == subscriber_id
    query = sa.select(*(subscribers.c[name] for name in MANNER)).where(mine)
    return _manner(tx.connection.execute(query).mappings().one())


def unsubscribe(tx: Transaction, address: str, list_name: str | None) -> int:
    """Forget a subscriber's wish about one list, or all of them; gives how many."""
    subscriber_id = _subscriber_id(tx, address)
    query = subscriptions.delete().where(subscriptions.c.subscriber_id == (subscriber_id or 0))
    if list_name is not None:
        query = query.where(subscriptions.c.watch_list_id == watching.id_of(tx, list_name))
    gone = tx.connection.execute(query).rowcount
    if subscriber_id is not None and not _wishes_of(tx, subscriber_id):
        outbox.cancel(tx, subscriber_id, "the subscriber wants to hear no more")
    return gone


def _wishes_of(tx: Transaction, subscriber_id: int) -> int:
    mine = subscriptions.c.subscriber_id == subscriber_id
    query = sa.select(sa.func.count()).select_from(subscriptions).where(mine)
    return tx.connection.execute(query).scalar_one()


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
    lists = {one.name: one for one in watching.all_watch_lists(tx)}
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
            cadence=_cadence(row),
            manner=_manner(row),
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
            cadence=str(_cadence(row)),
            zone=row["zone"],
            quiet=row["quiet"],
            breaks_quiet=row["breaks_quiet"],
            repeat_days=row["repeat_days"],
            escalate_hours=row["escalate_hours"],
            escalate_to=row["escalate_to"],
            made_at=row["made_at"],
        )
        for row in _wishes(tx)
    ]


def _wishes(tx: Transaction) -> Sequence[sa.RowMapping]:
    query = (
        sa.select(
            subscriptions,
            *(subscribers.c[name] for name in ("address", *MANNER)),
            watch_lists.c.name,
        )
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .join(watch_lists, watch_lists.c.id == subscriptions.c.watch_list_id)
        .order_by(subscribers.c.address, watch_lists.c.name)
    )
    return tx.connection.execute(query).mappings().all()


def _cadence(row: sa.RowMapping) -> Cadence:
    at = row["at_time"]
    return Cadence(
        Pace(row["cadence"]), None if at is None else time.fromisoformat(at), row["weekday"]
    )


def _manner(row: sa.RowMapping) -> Manner:
    usual = Manner()
    return Manner(
        zone=ZoneInfo(row["zone"]) if row["zone"] else usual.zone,
        quiet=spans(row["quiet"] or ""),
        breaks_quiet=Severity(row["breaks_quiet"]) if row["breaks_quiet"] else usual.breaks_quiet,
    )


def _subscriber_id(tx: Transaction, address: str) -> int | None:
    query = sa.select(subscribers.c.id).where(subscribers.c.address == address)
    return tx.connection.execute(query).scalar_one_or_none()
