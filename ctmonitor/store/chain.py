"""The hash chain over what is never changed: each row bears the digest of all before it.

A row keeps the first bytes of its link, and so is found when it is not as it was written; the heads
of the chains, and the journal's seals, are whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from ctmonitor.errors import ChainBroken
from ctmonitor.store.adding import Row, add_rows, form_of
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import APPEND_ONLY, chain_heads, changes, field_names, snapshots
from ctmonitor.store.schema.columns import Hex

GENESIS = "0" * 64
ROWS_AT_ONCE = 2_000

_OF_CHANGES = (
    *("id", "snapshot_id", "nct_id", "number", "field", "item", "kind", "made_by", "is_noise"),
    *("before", "after", "is_cut", "seen_at", "registry_date"),
)
"""A change's link covers what it has of its snapshot, too."""
CHAINED: dict[str, tuple[str, ...]] = {
    table.name: tuple(column.name for column in table.columns if column.name != "chain")
    for table in APPEND_ONLY
} | {changes.name: _OF_CHANGES}
"""The values that a row's link covers, in order, by table."""
_CHANGES = (
    sa.select(
        changes,
        field_names.c.name.label("field"),
        *(snapshots.c[name] for name in ("nct_id", "number", "seen_at", "registry_date")),
    )
    .outerjoin(field_names, field_names.c.id == changes.c.field_id)
    .outerjoin(snapshots, snapshots.c.id == changes.c.snapshot_id)
)


def append(tx: Transaction, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Add rows to an append-only table, in order; gives their ids."""
    names, form = CHAINED[table.name][1:], form_of(table, without=("id", "chain"))
    return append_rows(
        tx, table, [(told([row.get(name) for name in names]), form.row(row)) for row in rows]
    )


def append_rows(tx: Transaction, table: sa.Table, rows: Sequence[tuple[bytes, Row]]) -> list[int]:
    """The same with rows in the table's form but for id and chain, each with what it tells."""
    if not rows:
        return []
    count, head = _head_for_writing(tx, table)
    digits = _digits(table)
    full: list[Row] = []
    for number, (said, row) in enumerate(rows, start=count + 1):
        head = _linked(head, number, said)
        full.append((number, *row, bytes.fromhex(head[:digits])))
    add_rows(tx, table, full)
    _move_head(tx, table, count + len(full), head)
    return list(range(count + 1, count + len(full) + 1))


def told(values: Sequence[Any]) -> bytes:
    """What a row's values, but for its id, give to its link."""
    # Bytes stand as a list, which no column holds: text that spells their digest is another value.
    plain = [
        [hashlib.sha256(value).hexdigest()] if isinstance(value, bytes) else value
        for value in values
    ]
    return orjson.dumps(plain)[1:]


def link(head: str, values: Sequence[Any]) -> str:
    """The next link: a digest of the one before and of a row's values, its id the first."""
    return _linked(head, values[0], told(values[1:]))


def _digits(table: sa.Table) -> int:
    """How many digits of its link a row keeps."""
    kind = table.c.chain.type
    assert isinstance(kind, Hex)
    return 2 * kind.length


def _linked(head: str, id_: int, said: bytes) -> str:
    return hashlib.sha256(b"%s[%d,%s" % (head.encode(), id_, said)).hexdigest()


def heads(tx: Transaction) -> dict[str, tuple[int, str]]:
    """The count of rows and the last link of every chain, by table."""
    query = sa.select(chain_heads.c.name, chain_heads.c["count"], chain_heads.c.head)
    return {name: (count, head) for name, count, head in tx.connection.execute(query)}


def verify(
    tx: Transaction, table: sa.Table, seals: Mapping[int, tuple[int, str]] | None = None
) -> int:
    """Recompute one table's chain; the count of its rows, or ChainBroken naming the first break.

    `seals` are the journal's: by the number of a row, the journal's own and the link it sealed.
    """
    seals = seals or {}
    count, wanted = _head(tx, table)
    head, seen = GENESIS, 0
    names, digits = CHAINED[table.name], _digits(table)
    for row in _rows(tx, table):
        seen += 1
        if row["id"] < seen or seen > count:
            raise ChainBroken(f"{table.name}: row {row['id']} is not one of the {count} written")
        if row["id"] != seen:
            raise ChainBroken(f"{table.name}: row {seen} is gone; the next one is {row['id']}")
        head = link(head, [row[name] for name in names])
        if row["chain"] != head[:digits]:
            about = f" ({row['nct_id']})" if row.get("nct_id") else ""
            raise ChainBroken(f"{table.name}: row {seen}{about} is not as it was written")
        if seen in seals and seals[seen][1] != head:
            journal = seals[seen][0]
            raise ChainBroken(f"{table.name}: row {seen} is not what journal {journal} sealed")
    if (seen, head) != (count, wanted):
        raise ChainBroken(f"{table.name}: it ends at row {seen}, but {count} were written")
    for number, (journal, _) in seals.items():
        if number > seen:
            raise ChainBroken(
                f"{table.name}: row {number}, which journal {journal} sealed, is gone"
            )
    return seen


def _rows(tx: Transaction, table: sa.Table) -> Iterator[dict[str, Any]]:
    every = _CHANGES if table is changes else table.select()
    query = every.order_by(table.c.id).limit(ROWS_AT_ONCE)
    rows = tx.connection.execute(query).mappings().all()
    while rows:
        for row in rows:
            yield dict(row)
        rows = tx.connection.execute(query.where(table.c.id > rows[-1]["id"])).mappings().all()


def _move_head(tx: Transaction, table: sa.Table, count: int, head: str) -> None:
    mine = chain_heads.update().where(chain_heads.c.name == table.name)
    tx.connection.execute(mine.values(count=count, head=head))


def _head_for_writing(tx: Transaction, table: sa.Table) -> tuple[int, str]:
    """The head, locked: on PostgreSQL two writers would else forge the same link."""
    if not tx.is_sqlite:
        tx.connection.execute(
            sa.select(chain_heads.c.name).where(chain_heads.c.name == table.name).with_for_update()
        )
    return _head(tx, table)


def _head(tx: Transaction, table: sa.Table) -> tuple[int, str]:
    query = sa.select(chain_heads.c["count"], chain_heads.c.head)
    row = tx.connection.execute(query.where(chain_heads.c.name == table.name)).one_or_none()
    if row is None:
        raise ChainBroken(f"{table.name}: the head of its chain is gone")
    return row[0], row[1]
