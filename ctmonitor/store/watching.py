"""Watch lists, and the studies on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from ctmonitor.errors import CommandWrong
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import (
    former_numbers,
    members,
    subscriptions,
    watch_lists,
)
from ctmonitor.store.values import batches, instant, json_text, json_value
from ctmonitor.watches import (
    Question,
    WatchList,
)


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
    list_id = id_of(tx, name)
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


def id_of(tx: Transaction, name: str) -> int:
    """The id of a watch list; CommandWrong when there is none of that name."""
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
