"""Change what must not change, past the guards, as one could who owns the database."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ctmonitor.store import Store, Transaction, chain
from ctmonitor.store.guards import UNIQUE
from ctmonitor.store.schema import chain_heads, journal, metadata
from ctmonitor.store.values import json_text, json_value

Rows = dict[int, dict[str, Any]]
Tampering = Callable[[Transaction, sa.Table, random.Random], None]


@contextmanager
def past_the_guards(store: Store, kind: str) -> Iterator[Transaction]:
    """A transaction without triggers and foreign keys, undone at its end."""
    engine = sa.create_engine(store.engine.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        if kind == "sqlite":
            connection.exec_driver_sql("BEGIN")
            for table in UNIQUE:
                for act in ("update", "delete", "replace"):
                    connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{act}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        yield Transaction(connection)
        connection.rollback()
    engine.dispose()


def rows_of(tx: Transaction, table: sa.Table) -> Rows:
    """Every row of a table by its id."""
    found = tx.connection.execute(table.select()).mappings().all()
    return {row["id"]: dict(row) for row in found}


def first_difference(before: Rows, after: Rows) -> int:
    """The id of the first row that is not as it was, from reading both states side by side."""
    return min(id_ for id_ in {*before, *after} if before.get(id_) != after.get(id_))


def change_a_value(tx: Transaction, table: sa.Table, chance: random.Random) -> None:
    """Give one column of one row another value."""
    rows = rows_of(tx, table)
    id_ = chance.choice(list(rows))
    column = chance.choice([one.name for one in table.columns if one.name != "id"])
    other = _another(rows[id_][column], table.c[column], chance)
    tx.connection.execute(table.update().where(table.c.id == id_).values({column: other}))


def delete_a_row(tx: Transaction, table: sa.Table, chance: random.Random) -> None:
    """Take one row away."""
    id_ = chance.choice(list(rows_of(tx, table)))
    tx.connection.execute(table.delete().where(table.c.id == id_))


def cut_the_tail(tx: Transaction, table: sa.Table, chance: random.Random) -> None:
    """Take the last rows away."""
    ids = sorted(rows_of(tx, table))
    first = chance.choice(ids[len(ids) // 2 :])
    tx.connection.execute(table.delete().where(table.c.id >= first))


def insert_a_row(tx: Transaction, table: sa.Table, chance: random.Random) -> None:
    """Slip a row in: before the first, or after the last."""
    rows = rows_of(tx, table)
    row = dict(chance.choice(list(rows.values())))
    row["id"] = chance.choice([0, -7, max(rows) + 1, max(rows) + 5])
    _make_unique(row)
    tx.connection.execute(table.insert().values(row))


def swap_two_rows(tx: Transaction, table: sa.Table, chance: random.Random) -> None:
    """Let two rows change places, each with its chain or without."""
    rows = rows_of(tx, table)
    one, other = chance.sample(sorted(rows), 2)
    with_chain = chance.random() < 0.5
    tx.connection.execute(table.delete().where(table.c.id.in_([one, other])))
    for id_, row in ((one, rows[other]), (other, rows[one])):
        chain = row["chain"] if with_chain else rows[id_]["chain"]
        tx.connection.execute(table.insert().values({**row, "id": id_, "chain": chain}))


def renumber(tx: Transaction, table: sa.Table, chance: random.Random) -> None:
    """Turn the order of all rows around."""
    rows = rows_of(tx, table)
    tx.connection.execute(table.delete())
    for id_, row in zip(sorted(rows), reversed(rows.values()), strict=True):
        tx.connection.execute(table.insert().values({**row, "id": id_}))


def _another(value: Any, column: sa.Column[Any], chance: random.Random) -> Any:
    """A value that the column can hold, and that is not the one given."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice([1_000, -1_000])
    if isinstance(value, bytes):
        place = chance.randrange(len(value))
        return value[:place] + bytes([value[place] ^ 0x20]) + value[place + 1 :]
    if isinstance(value, str) and value:
        return value[:-1] if chance.random() < 0.5 else f"{value[:-1]}~"
    return 7 if isinstance(column.type, sa.Integer) else "x"


def _make_unique(row: dict[str, Any]) -> None:
    if "number" in row and "fingerprint" in row:
        row["number"] += 1_000
    if "key" in row:
        row["key"] = "f" * 64


TAMPERINGS: dict[str, Tampering] = {
    "change": change_a_value,
    "delete": delete_a_row,
    "insert": insert_a_row,
    "swap": swap_two_rows,
    "renumber": renumber,
    "cut": cut_the_tail,
}
TABLES = [metadata.tables[name] for name in UNIQUE]


def chained_anew(tx: Transaction, table: sa.Table) -> None:
    """Do what a forger does who knows how a chain is made."""
    head = chain.GENESIS
    for id_, row in sorted(rows_of(tx, table).items()):
        head = chain.link(head, [row[one.name] for one in table.columns if one.name != "chain"])
        tx.connection.execute(table.update().where(table.c.id == id_).values(chain=head))
    tx.connection.execute(
        chain_heads.update().where(chain_heads.c.name == table.name).values(head=head)
    )


def sealed_anew(tx: Transaction) -> None:
    """Do what a forger does who knows of the journal's seals too."""
    for id_, row in rows_of(tx, journal).items():
        detail = json_value(row["detail"])
        for name, seal in detail["chains"].items():
            if seal[0]:
                seal[1] = rows_of(tx, metadata.tables[name])[seal[0]]["chain"]
        forged = {"detail": json_text(detail)}
        tx.connection.execute(journal.update().where(journal.c.id == id_).values(forged))
    chained_anew(tx, journal)
