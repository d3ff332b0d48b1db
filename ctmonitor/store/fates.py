"""Studies that a complete look did not find: missing, removed, or merged into another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import former_numbers, studies
from ctmonitor.store.values import batches, instant


@dataclass(frozen=True, slots=True)
class Absent:
    """A study that we hold and a look did not find; since which release, if not the first time."""

    nct_id: str
    missing_release: str | None
    is_removed: bool


def held_numbers(tx: Transaction) -> set[str]:
    """Every study we hold that is neither removed nor merged into another."""
    merged = sa.select(former_numbers.c.alias)
    query = sa.select(studies.c.nct_id).where(
        studies.c.removed_on.is_(None), studies.c.nct_id.not_in(merged)
    )
    return set(tx.connection.execute(query).scalars())


def absent(tx: Transaction, nct_ids: Collection[str]) -> list[Absent]:
    """Of these studies, those we hold under their own number, with what is known of their lack."""
    found: list[Absent] = []
    merged = sa.select(former_numbers.c.alias)
    for some in batches(sorted(nct_ids)):
        query = sa.select(studies.c.nct_id, studies.c.missing_release, studies.c.removed_on)
        rows = tx.connection.execute(
            query.where(studies.c.nct_id.in_(some), studies.c.nct_id.not_in(merged))
        )
        found += [
            Absent(nct_id, release, removed_on is not None) for nct_id, release, removed_on in rows
        ]
    return found


def miss(tx: Transaction, nct_ids: Sequence[str], release: str | None, at: datetime) -> None:
    """Note that these studies were not found for the first time, in some release."""
    for some in batches(nct_ids):
        tx.connection.execute(
            studies.update()
            .where(studies.c.nct_id.in_(some), studies.c.missing_since.is_(None))
            .values(missing_since=instant(at), missing_release=release)
        )


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
        known = sa.select(former_numbers.c.alias, former_numbers.c.nct_id)
        rows = tx.connection.execute(known.where(former_numbers.c.alias.in_(names)))
        led = {row.alias: row.nct_id for row in rows}
        moved = [(alias, nct_id) for alias, nct_id in some if led.get(alias) != nct_id]
        _lead(tx, moved, at)
        held = sa.select(studies.c.nct_id).where(studies.c.nct_id.in_(names))
        ours = set(tx.connection.execute(held).scalars())
        new += [pair for pair in moved if pair[0] in ours]
    return new


def led_to(tx: Transaction, nct_ids: Collection[str]) -> dict[str, str]:
    """Of these numbers, those that lead to another study now, with its number."""
    found: dict[str, str] = {}
    for some in batches(sorted(nct_ids)):
        query = sa.select(former_numbers.c.alias, former_numbers.c.nct_id)
        rows = tx.connection.execute(query.where(former_numbers.c.alias.in_(some)))
        found.update((alias, nct_id) for alias, nct_id in rows)
    return found


def _lead(tx: Transaction, pairs: Sequence[tuple[str, str]], at: datetime) -> None:
    if not pairs:
        return
    dialect = sqlite if tx.is_sqlite else postgresql
    insert = dialect.insert(former_numbers)
    again = insert.on_conflict_do_update(
        index_elements=["alias"], set_={"nct_id": insert.excluded.nct_id}
    )
    rows = [{"alias": alias, "nct_id": nct_id, "seen_at": instant(at)} for alias, nct_id in pairs]
    tx.connection.execute(again, rows)
    for alias, nct_id in pairs:
        further = former_numbers.update().where(former_numbers.c.nct_id == alias)
        tx.connection.execute(further.values(nct_id=nct_id))
