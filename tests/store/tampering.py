"""Change what must not change, past the guards, as one could who owns the database."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from ctmonitor.store import Store, Transaction, chain
from ctmonitor.store.guards import UNIQUE
from ctmonitor.store.schema import (
    chain_heads,
    changes,
    dictionaries,
    field_names,
    journal,
    metadata,
    snapshots,
)
from ctmonitor.store.schema.columns import Coded, Day, Hex, Instant, Nct, nct_code
from ctmonitor.store.values import instant, json_text, json_value, moment

Rows = dict[int, dict[str, Any]]
Tampering = Callable[[Transaction, sa.Table, random.Random], None]

NO_CODES = {
    "sqlite": ("junk", "NCT00000001", "2026-01-01", b"\0junk", b"", 1.5, -1, 10**18, -(2**63)),
    "postgresql": (-1, 32_000),
}
"""What a column of codes can be made to hold though no code is like it; SQLite minds no types."""


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


def keep_a_dictionary(tx: Transaction, content: bytes) -> None:
    """Keep a dictionary that contents are packed with from now on."""
    row = {"content": content, "made_at": "2026-01-01T00:00:00.000000Z"}
    chain.append(tx, dictionaries, [row])


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
    put(tx, table.c[column], id_, another(rows[id_][column], table.c[column], chance))


def spoil_a_value(tx: Transaction, table: sa.Table, chance: random.Random) -> None:
    """Give one column of codes a value that no code is like."""
    id_ = chance.choice(list(rows_of(tx, table)))
    column = chance.choice(columns_of_codes(table))
    put(tx, column, id_, chance.choice(NO_CODES["sqlite" if tx.is_sqlite else "postgresql"]))


def columns_of_codes(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns of a table that keep numbers for what they say."""
    return [one for one in table.columns if isinstance(one.type, Nct | Day | Instant | Coded)]


def put(tx: Transaction, column: sa.Column[Any], id_: int, value: Any) -> None:
    """Let one row keep this very value, past the kind of its column."""

    forged = sa.text(f'UPDATE {column.table} SET "{column.name}" = :value WHERE id = :id')
    tx.connection.execute(forged, {"value": value, "id": id_})


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


def another(value: Any, column: sa.Column[Any], chance: random.Random) -> Any:
    """What the column can keep for another value than the one given."""
    if isinstance(column.type, sa.TypeDecorator):
        return _another_code(value, column.type, chance)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice([1_000, -1_000])
    if isinstance(value, bytes):
        return _another_byte(value, chance)
    if isinstance(value, str) and value:
        return value[:-1] if chance.random() < 0.5 else f"{value[:-1]}~"
    return 7 if isinstance(column.type, sa.Integer) else "x"


def _another_code(value: str | None, kind: sa.TypeDecorator[str], chance: random.Random) -> Any:
    """What stands for another value, which people could take for a true one."""
    if isinstance(kind, Hex):
        assert value is not None
        return _another_byte(bytes.fromhex(value), chance)
    if isinstance(kind, Nct):
        return nct_code(value or "NCT00000001") + chance.choice([1_000, 5_000])
    if isinstance(kind, Coded):
        # Of one word, the next number is a word that a later program may know.
        codes = range(1, max(2, len(kind.words)) + 1)
        return chance.choice([code for code in codes if code != kind.codes.get(value or "")])
    if isinstance(kind, Instant):
        assert value is not None
        more = chance.choice([timedelta(microseconds=1), timedelta(days=-365)])
        return kind.process_bind_param(instant(moment(value) + more), None)
    other = [day for day in ("2001", "2026-01", "2026-01-02", "2026-02-03") if day != value]
    return kind.process_bind_param(chance.choice(other), None)


def _another_byte(value: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(value))
    return value[:place] + bytes([value[place] ^ 0x20]) + value[place + 1 :]


def _make_unique(row: dict[str, Any]) -> None:
    if "number" in row and "fingerprint" in row:
        row["number"] += 1_000
    if "key" in row:
        row["key"] = "f" * 64


TAMPERINGS: dict[str, Tampering] = {
    "change": change_a_value,
    "spoil": spoil_a_value,
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
    for id_, head in links(tx, table).items():
        tx.connection.execute(table.update().where(table.c.id == id_).values(chain=head))
    tx.connection.execute(
        chain_heads.update().where(chain_heads.c.name == table.name).values(head=head)
    )


def links(tx: Transaction, table: sa.Table) -> dict[int, str]:
    """The whole link of every row, in order; rows keep only where it begins."""
    found, head = {}, chain.GENESIS
    query = _with_their_snapshots() if table is changes else table.select()
    for row in tx.connection.execute(query.order_by(table.c.id)).mappings():
        head = chain.link(head, [row[name] for name in chain.CHAINED[table.name]])
        found[row["id"]] = head
    return found


def _with_their_snapshots() -> sa.Select[Any]:
    of_snapshot = [snapshots.c[name] for name in ("nct_id", "number", "seen_at", "registry_date")]
    joined = changes.join(snapshots).join(field_names)
    return sa.select(changes, field_names.c.name.label("field"), *of_snapshot).select_from(joined)


def sealed_anew(tx: Transaction) -> None:
    """Do what a forger does who knows of the journal's seals too."""
    made = {table.name: links(tx, table) for table in TABLES}
    for id_, row in rows_of(tx, journal).items():
        detail = json_value(row["detail"])
        for name, seal in detail["chains"].items():
            if seal[0]:
                seal[1] = made[name][seal[0]]
        forged = {"detail": json_text(detail)}
        tx.connection.execute(journal.update().where(journal.c.id == id_).values(forged))
    chained_anew(tx, journal)
