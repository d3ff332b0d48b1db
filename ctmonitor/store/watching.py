"""Watch lists, subscribers and what they wish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from ctmonitor.alerts import Severity
from ctmonitor.errors import CommandWrong
from ctmonitor.store import outbox
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import (
    former_numbers,
    members,
    mutes,
    subscribers,
    subscriptions,
    watch_lists,
)
from ctmonitor.store.values import batches, instant, json_text, json_value
from ctmonitor.watches import (
    Cadence,
    Manner,
    Mute,
    Pace,
    Question,
    Subscription,
    WatchList,
    spans,
)

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


def add_watch_list(tx: Transaction, watch_list: WatchList, at: datetime) -> bool:
    """Make a watch list, or add numbers to one that is there; True when it is new.

    What a list watches, it goes on watching: another question, or numbers for a list that
    follows one, are refused. The studies of a question come with its answers.
    """
    row = tx.connection.execute(
        sa.select(watch_lists).where(watch_lists.c.name == watch_list.name)
    ).one_or_none()
    if row is None:
        values = {
            "name": watch_list.name,
            "is_all": watch_list.is_all,
            "question": json_text(watch_list.question.plain()) if watch_list.question else None,
            "made_at": instant(at),
        }
        made = tx.connection.execute(watch_lists.insert().returning(watch_lists.c.id), values)
        list_id = made.scalar_one()
    else:
        list_id = row.id
        _check_same(watch_list, WatchList(row.name, row.is_all, question=_question(row.question)))
    if watch_list.question is None:
        _join(tx, list_id, watch_list.nct_ids - _members(tx, list_id), at)
    return row is None


def remove_watch_list(tx: Transaction, name: str) -> None:
    """Forget a watch list and every subscription to it."""
    list_id = _list_id(tx, name)
    for table in (members, subscriptions):
        tx.connection.execute(table.delete().where(table.c.watch_list_id == list_id))
    tx.connection.execute(watch_lists.delete().where(watch_lists.c.id == list_id))


def drop_members(tx: Transaction, name: str, nct_ids: Iterable[str]) -> int:
    """Take studies off a watch list, by a number they have or had; gives how many were on it."""
    list_id, question = _found(tx, name)
    if question is not None:
        raise CommandWrong(
            f"watch list {name!r} follows a question, which would bring the numbers back; "
            "mute them with `ctmonitor subscribe mute`, or make a list with a narrower question"
        )
    off = set(nct_ids)
    for some in batches(sorted(off)):
        former = sa.select(former_numbers.c.alias).where(former_numbers.c.nct_id.in_(some))
        off |= set(tx.connection.execute(former).scalars())
    return _leave(tx, list_id, sorted(off))


def answered(
    tx: Transaction, name: str, nct_ids: frozenset[str], release: str, at: datetime
) -> tuple[frozenset[str], frozenset[str]]:
    """Make the studies of a question those that answered it in full, in one release.

    Gives those that joined and those that left. The first answer is where the list begins, so
    that nothing joins or leaves by it. A study that only got another number does neither.
    """
    list_id, question = _found(tx, name)
    if question is None:
        raise ValueError(f"watch list {name!r} follows no question")
    before = _members(tx, list_id)
    is_first = asked_release(tx, name) is None
    now: dict[str, set[str]] = {number: {number} for number in before}
    for some in batches(sorted(before - nct_ids)):
        moved = sa.select(former_numbers.c.alias, former_numbers.c.nct_id)
        rows = tx.connection.execute(moved.where(former_numbers.c.alias.in_(some)))
        for alias, nct_id in rows:
            now[alias].add(nct_id)
    joined = nct_ids.difference(*now.values())
    left = frozenset(number for number in before if now[number].isdisjoint(nct_ids))
    _leave(tx, list_id, sorted(before - nct_ids))
    _join(tx, list_id, nct_ids - before, at)
    tx.connection.execute(
        watch_lists.update().where(watch_lists.c.id == list_id).values(asked_release=release)
    )
    return (frozenset(), frozenset()) if is_first else (joined, left)


def asked_release(tx: Transaction, name: str) -> str | None:
    """The release that a question was last answered from in full; None when it never was."""
    query = sa.select(watch_lists.c.asked_release).where(watch_lists.c.name == name)
    return tx.connection.execute(query).scalar_one_or_none()


def watch_list(tx: Transaction, name: str) -> WatchList:
    """One watch list by its name; CommandWrong when there is none."""
    for one in all_watch_lists(tx):
        if one.name == name:
            return one
    raise _no_list(name)


def all_watch_lists(tx: Transaction) -> list[WatchList]:
    """Every watch list, by name; a number that was merged stays, and the new one is with it."""
    on_it: dict[int, set[str]] = {}
    for list_id, nct_id in tx.connection.execute(_watched_numbers()):
        on_it.setdefault(list_id, set()).add(nct_id)
    rows = tx.connection.execute(sa.select(watch_lists).order_by(watch_lists.c.name))
    return [
        WatchList(row.name, row.is_all, frozenset(on_it.get(row.id, ())), _question(row.question))
        for row in rows
    ]


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
    list_id = _list_id(tx, list_name)
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
        query = query.where(subscriptions.c.watch_list_id == _list_id(tx, list_name))
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


def _watched_numbers() -> sa.Select[int, str]:
    """Members with their lists, and the numbers that they lead to now, from one to the next."""
    watched = sa.select(members.c.watch_list_id, members.c.nct_id).cte("watched", recursive=True)
    merged = sa.select(watched.c.watch_list_id, former_numbers.c.nct_id).join(
        former_numbers, former_numbers.c.alias == watched.c.nct_id
    )
    every = watched.union(merged)
    return sa.select(every.c.watch_list_id, every.c.nct_id)


def _check_same(wanted: WatchList, there: WatchList) -> None:
    if (wanted.is_all, wanted.question) == (there.is_all, there.question):
        return
    watches = "everything" if there.is_all else "numbers"
    if there.question is not None:
        watches = f"what answers a question ({there.question.said})"
    raise CommandWrong(
        f"watch list {there.name!r} is there already and watches {watches}; "
        "choose another name, or remove it first"
    )


def _question(text: str | None) -> Question | None:
    return None if text is None else Question.from_plain(json_value(text))


def _members(tx: Transaction, list_id: int) -> frozenset[str]:
    query = sa.select(members.c.nct_id).where(members.c.watch_list_id == list_id)
    return frozenset(tx.connection.execute(query).scalars())


def _join(tx: Transaction, list_id: int, nct_ids: Iterable[str], at: datetime) -> None:
    rows = [
        {"watch_list_id": list_id, "nct_id": nct_id, "joined_at": instant(at)}
        for nct_id in sorted(nct_ids)
    ]
    if rows:
        tx.connection.execute(members.insert(), rows)


def _leave(tx: Transaction, list_id: int, nct_ids: Sequence[str]) -> int:
    gone = 0
    for some in batches(nct_ids):
        off = members.delete().where(members.c.watch_list_id == list_id, members.c.nct_id.in_(some))
        gone += tx.connection.execute(off).rowcount
    return gone


def _list_id(tx: Transaction, name: str) -> int:
    return _found(tx, name)[0]


def _found(tx: Transaction, name: str) -> tuple[int, Question | None]:
    """The id of a watch list, and what it asks."""
    query = sa.select(watch_lists.c.id, watch_lists.c.question).where(watch_lists.c.name == name)
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        raise _no_list(name)
    return int(row.id), _question(row.question)


def _no_list(name: str) -> CommandWrong:
    return CommandWrong(f"there is no watch list {name!r}; `ctmonitor watch list` shows them")


def _subscriber_id(tx: Transaction, address: str) -> int | None:
    query = sa.select(subscribers.c.id).where(subscribers.c.address == address)
    return tx.connection.execute(query).scalar_one_or_none()
