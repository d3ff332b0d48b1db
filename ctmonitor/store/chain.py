"""The hash chain over what is never changed: each row bears the digest of all before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from ctmonitor.errors import ChainBroken
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import chain_heads
from ctmonitor.store.values import batches

GENESIS = "0" * 64
ROWS_AT_ONCE = 2_000


def append(tx: Transaction, table: sa.Table, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Add rows to an append-only table, in order; gives their ids."""
    if not rows:
        return []
    count, head = _head_for_writing(tx, table)
    names = _chained(table)
    full: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=count + 1):
        kept = {"id": number, **{name: row.get(name) for name in names if name != "id"}}
        head = link(head, [kept[name] for name in names])
        full.append({**kept, "chain": head})
    tx.connection.execute(table.insert(), full)
    tx.connection.execute(
        chain_heads.update()
        .where(chain_heads.c.name == table.name)
        .values(count=count + len(full), head=head)
    )
    return [row["id"] for row in full]


def link(head: str, values: Sequence[Any]) -> str:
    """The next link: a digest of the one before and of a row's values."""
    # Bytes stand as a list, which no column holds: text that spells their digest is another value.
    plain = [
        [hashlib.sha256(value).hexdigest()] if isinstance(value, bytes) else value
        for value in values
    ]
    return hashlib.sha256(head.encode() + orjson.dumps(plain)).hexdigest()


def heads(tx: Transaction) -> dict[str, tuple[int, str]]:
    """The count of rows and the last link of every chain, by table."""
    query = sa.select(chain_heads.c.name, chain_heads.c["count"], chain_heads.c.head)
    return {name: (count, head) for name, count, head in tx.connection.execute(query)}


def links(tx: Transaction, table: sa.Table, ids: Sequence[int]) -> dict[int, str]:
    """The links of these rows of an append-only table."""
    found: dict[int, str] = {}
    for some in batches(ids):
        query = sa.select(table.c.id, table.c.chain).where(table.c.id.in_(some))
        found.update((id_, link) for id_, link in tx.connection.execute(query))
    return found


def verify(tx: Transaction, table: sa.Table) -> int:
    """Recompute one table's chain; the count of its rows, or ChainBroken naming the first break."""
    count, wanted = _head(tx, table)
    head, seen = GENESIS, 0
    names = _chained(table)
    for row in _rows(tx, table):
        seen += 1
        if row["id"] < seen or seen > count:
            raise ChainBroken(f"{table.name}: row {row['id']} is not one of the {count} written")
        if row["id"] != seen:
            raise ChainBroken(f"{table.name}: row {seen} is gone; the next one is {row['id']}")
        head = link(head, [row[name] for name in names])
        if head != row["chain"]:
            about = f" ({row['nct_id']})" if row.get("nct_id") else ""
            raise ChainBroken(f"{table.name}: row {seen}{about} is not as it was written")
    if (seen, head) != (count, wanted):
        raise ChainBroken(f"{table.name}: it ends at row {seen}, but {count} were written")
    return seen


def _rows(tx: Transaction, table: sa.Table) -> Iterator[dict[str, Any]]:
    query = table.select().order_by(table.c.id).limit(ROWS_AT_ONCE)
    rows = tx.connection.execute(query).mappings().all()
    while rows:
        for row in rows:
            yield dict(row)
        following = query.where(table.c.id > rows[-1]["id"])
        rows = tx.connection.execute(following).mappings().all()


def _chained(table: sa.Table) -> list[str]:
    return [column.name for column in table.columns if column.name != "chain"]


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
