"""Names kept once and referred to by number: of lead sponsors, and of fields."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from ctmonitor.store.adding import add
from ctmonitor.store.engine import Transaction
from ctmonitor.store.values import batches, listed


def numbered(tx: Transaction, table: sa.Table, names: Iterable[str | None]) -> dict[str, int]:
    """The number of each of these names in a table of names; new ones get the next numbers."""
    wanted = sorted({name for name in names if name is not None})
    known = _known(tx, table, wanted)
    new = [name for name in wanted if name not in known]
    if new:
        last = tx.connection.execute(sa.select(sa.func.max(table.c.id))).scalar_one() or 0
        numbers = dict(zip(new, range(last + 1, last + 1 + len(new)), strict=True))
        add(tx, table, ({"id": id_, "name": name} for name, id_ in numbers.items()))
        known |= numbers
    return known


def _known(tx: Transaction, table: sa.Table, names: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in batches(names):
        query = sa.select(table.c.name, table.c.id)
        those = query.where(table.c.name.in_(listed(some, is_sqlite=tx.is_sqlite)))
        found.update((name, id_) for name, id_ in tx.connection.execute(those))
    return found
