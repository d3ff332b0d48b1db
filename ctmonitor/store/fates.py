"""Studies that a complete look did not find: missing, removed, or merged into another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ctmonitor.store import manifest
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import former_numbers, studies
from ctmonitor.store.values import batches, day_of, instant


@dataclass(frozen=True, slots=True)
class Absent:
    """A study that we hold and a look did not find; since which release, if not the first time.

    `removed_on` is the day of the release that proved it gone, None where none did. Of one that
    `is_absorbed` nobody is to be told.
    """

    nct_id: str
    missing_release: str | None
    removed_on: date | None
    is_absorbed: bool = False


_LACK = sa.select(
    studies.c.nct_id, studies.c.missing_release, studies.c.removed_on, studies.c.is_absorbed
)


def held_numbers(tx: Transaction) -> Iterator[str]:
    """Every study we hold that is neither removed nor merged into another."""
    merged = sa.select(former_numbers.c.alias)
    query = sa.select(studies.c.nct_id).where(
        studies.c.removed_on.is_(None), studies.c.nct_id.not_in(merged)
    )
    yield from tx.connection.execute(query.execution_options(yield_per=1_000)).scalars()


def former(tx: Transaction) -> set[str]:
    """Every number that leads to another study."""
    return set(tx.connection.execute(sa.select(former_numbers.c.alias)).scalars())


def absent(tx: Transaction, nct_ids: Collection[str]) -> list[Absent]:
    """Of these studies, those we hold under their own number, with what is known of their lack."""
    found: list[Absent] = []
    merged = sa.select(former_numbers.c.alias)
    for some in batches(sorted(nct_ids)):
        rows = tx.connection.execute(
            _LACK.where(studies.c.nct_id.in_(some), studies.c.nct_id.not_in(merged)).order_by(
                studies.c.nct_id
            )
        )
        found += map(_absent, rows)
    return found


def removed(tx: Transaction) -> dict[str, Absent]:
    """Every study that is gone from the registry, by its number."""
    rows = tx.connection.execute(_LACK.where(studies.c.removed_on.is_not(None)))
    return {row.nct_id: _absent(row) for row in rows}


def miss(
    tx: Transaction,
    nct_ids: Sequence[str],
    release: str | None,
    at: datetime,
    *,
    sweep_id: int | None = None,
    is_absorbed: bool = False,
) -> int:
    """Note that these studies were not found for the first time, in some release; gives how many.

    `sweep_id` leaves out those that this look, or one begun after it, has seen.
    """
    lack = {"missing_since": instant(at), "missing_release": release, "is_absorbed": is_absorbed}
    query = studies.update().where(studies.c.missing_since.is_(None))
    if sweep_id is not None:
        query = query.where(sa.or_(studies.c.seen_in.is_(None), studies.c.seen_in < sweep_id))
        seen = manifest.seen_by_archives(tx, nct_ids)
        nct_ids = [nct_id for nct_id in nct_ids if seen.get(nct_id, 0) < sweep_id]
    missed = 0
    for some in batches(nct_ids):
        those = query.where(studies.c.nct_id.in_(some))
        missed += tx.connection.execute(those.values(**lack)).rowcount
    return missed


def _absent(row: Any) -> Absent:
    return Absent(row[0], row[1], day_of(row[2]), bool(row[3]))


def remove(tx: Transaction, nct_id: str, on: date) -> None:
    """Note that a study is gone from the registry; what is kept of it stays."""
    gone = studies.update().where(studies.c.nct_id == nct_id)
    tx.connection.execute(gone.values(removed_on=on.isoformat()))


def merge(
    tx: Transaction, aliases: Sequence[tuple[str, str]], at: datetime
) -> list[tuple[str, str]]:
    """Note former numbers with the study they lead to; gives those new, if we hold them."""
    new: list[tuple[str, str]] = []
    for some in batches(list(dict(aliases).items())):
        names = [alias for alias, _ in some]
        before = led_to(tx, names)
        _lead(tx, [pair for pair in some if before.get(pair[0]) != pair[1]], at)
        now = led_to(tx, names)
        held = sa.select(studies.c.nct_id).where(studies.c.nct_id.in_(names))
        ours = sorted(tx.connection.execute(held).scalars())
        new += [(one, now[one]) for one in ours if one in now and now[one] != before.get(one)]
    return new


def led_to(tx: Transaction, nct_ids: Collection[str]) -> dict[str, str]:
    """Of these numbers, those that lead to another study now, with its number."""
    found: dict[str, str] = {}
    for some in batches(sorted(nct_ids)):
        query = sa.select(former_numbers.c.alias, former_numbers.c.nct_id)
        rows = tx.connection.execute(query.where(former_numbers.c.alias.in_(some)))
        found.update((alias, nct_id) for alias, nct_id in rows)
    return found


def part(tx: Transaction, nct_ids: Collection[str]) -> None:
    """Forget that these numbers lead to others: they were seen as studies of their own."""
    for some in batches(sorted(nct_ids)):
        own = former_numbers.delete().where(former_numbers.c.alias.in_(some))
        tx.connection.execute(own)


def _lead(tx: Transaction, pairs: Sequence[tuple[str, str]], at: datetime) -> None:
    if not pairs:
        return
    names = sorted({name for pair in pairs for name in pair})
    known = sa.select(former_numbers.c.alias, former_numbers.c.nct_id).where(
        sa.or_(former_numbers.c.alias.in_(names), former_numbers.c.nct_id.in_(names))
    )
    led = {row.alias: row.nct_id for row in tx.connection.execute(known)}
    leads = _leading(led, pairs)
    own = former_numbers.delete().where(
        former_numbers.c.alias.in_(sorted(led.keys() - leads.keys()))
    )
    tx.connection.execute(own)
    moved = [(alias, nct_id) for alias, nct_id in leads.items() if led.get(alias) != nct_id]
    if moved:
        insert = tx.insert(former_numbers)
        again = insert.on_conflict_do_update(
            index_elements=["alias"], set_={"nct_id": insert.excluded.nct_id}
        )
        rows = [{"alias": one, "nct_id": nct_id, "seen_at": instant(at)} for one, nct_id in moved]
        tx.connection.execute(again, rows)


def _leading(led: Mapping[str, str], pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Where numbers lead with some more pairs: none to one that leads further, or to itself.

    Two numbers may have changed places: what was said last holds.
    """
    leads = dict(led)
    for alias, nct_id in pairs:
        into = leads.get(nct_id, nct_id)
        if into == alias:
            into = nct_id
        leads.pop(into, None)
        leads |= {one: into for one, other in leads.items() if other == alias}
        leads[alias] = into
    return leads
