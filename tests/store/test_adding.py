"""Rows added by the driver itself are those that an ordinary insert would write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ctmonitor.errors import StoreError
from ctmonitor.store import Store
from ctmonitor.store.adding import add, add_rows, form_of
from ctmonitor.store.schema import marks, metadata
from ctmonitor.store.schema.columns import Coded, Day, Hex, Instant, Nct

VALUES: dict[type[sa.types.TypeEngine[Any]], tuple[Any, ...]] = {
    Nct: ("NCT00000000", "NCT99999999"),
    Day: ("2026", "2026-03", "2026-03-02", "0001-01-01", "9000-12-31"),
    Instant: ("2026-03-02T09:00:04.123456Z", "1969-12-31T23:59:59.999999Z"),
    Hex: ("00ff" * 16, "f" * 64),
    sa.LargeBinary: (b"", b"\0\xff" * 300, bytes(range(256))),
    sa.Boolean: (True, False),
    sa.SmallInteger: (0, -(2**15), 2**15 - 1),
    sa.BigInteger: (0, 2**31 - 1, -5),
    sa.Integer: (0, -(2**31), 2**31 - 1),
    sa.Text: (
        "",
        "Müller & Søn 試 \U0001f9ea",
        "tab\t, 'quote', \"quote\", \\N, %s, :x",
        "x" * 9_999,
    ),
    sa.String: ("", "it's"),
}
"""What is put into a column of a kind; the first that fits a kind is taken."""


@pytest.fixture
def every(store: Store) -> Iterator[sa.Table]:
    """A table with a column of every kind that our tables have, and one to order its rows by."""
    kinds = {repr(one.type): one.type for table in metadata.tables.values() for one in table.c}
    columns = [sa.Column(f"c {place}", kinds[name]) for place, name in enumerate(sorted(kinds))]
    table = sa.Table("every", sa.MetaData(), sa.Column("row", sa.Integer), *columns)
    with store.writing() as tx:
        table.create(tx.connection)
    yield table


def _rows(table: sa.Table) -> list[dict[str, Any]]:
    """Rows that put every value in its column, and nothing in every column."""
    most = max(map(len, VALUES.values()))
    full = [
        {one.name: _of(one)[number % len(_of(one))] for one in table.columns[1:]}
        for number in range(most)
    ]
    return [{**row, "row": number} for number, row in enumerate([*full, {}])]


def _of(column: sa.Column[Any]) -> tuple[Any, ...]:
    if isinstance(column.type, Coded):
        return column.type.words
    found = next(values for kind, values in VALUES.items() if isinstance(column.type, kind))
    length = getattr(column.type, "length", None)
    if length and not isinstance(column.type, Hex):
        return tuple(value[:length] for value in found)
    return found


def _held(store: Store, table: sa.Table, *, plainly: bool) -> list[tuple[Any, ...]]:
    """The rows of a table, as columns read or as the database holds them."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    held = sa.text(f"SELECT {names} FROM {table.name} ORDER BY row")
    with store.reading() as tx:
        query = held if plainly else table.select().order_by(table.c.row)
        return [tuple(row) for row in tx.connection.execute(query).all()]


@pytest.mark.parametrize("plainly", [True, False])
def test_what_is_added_is_what_is_inserted(store, every, plainly):
    """Every kind of column, on both databases: the same values, nulls too."""
    rows = _rows(every)
    with store.writing() as tx:
        for row in rows:
            tx.connection.execute(every.insert().values(row))
    inserted = _held(store, every, plainly=plainly)
    with store.writing() as tx:
        tx.connection.execute(every.delete())
        add(tx, every, rows)
    assert _held(store, every, plainly=plainly) == inserted
    assert len(inserted) == len(rows) > 5


def test_what_is_added_reads_as_it_was_given(store, every):
    """Of a digest so much as there is room for, of everything else the whole."""
    rows = _rows(every)
    with store.writing() as tx:
        add_rows(tx, every, [form_of(every).row(row) for row in rows])
    for held, row in zip(_held(store, every, plainly=False), rows, strict=True):
        for column, value in zip(every.columns, held, strict=True):
            given = row.get(column.name)
            if isinstance(column.type, Hex) and given is not None:
                given = given[: 2 * column.type.length]
            assert value == given, column


def test_columns_left_out_get_what_is_usual(store):
    """A table that numbers its rows numbers these, too."""
    row = {"name": "mine", "is_all": True, "made_at": "2026-03-02T09:00:00.000000Z"}
    table = metadata.tables["watch_lists"]
    with store.writing() as tx:
        add(tx, table, [row, {**row, "name": "other"}], without=("id", "question"))
        found = tx.connection.execute(sa.select(table.c.id, table.c.name)).all()
    assert [tuple(one) for one in found] == [(1, "mine"), (2, "other")]


def test_no_rows_are_no_statement(store):
    """Adding nothing is nothing."""
    with store.writing() as tx:
        add(tx, marks, [])
        assert tx.connection.execute(marks.select()).all() == []


def test_what_is_added_is_undone_with_its_transaction(store, every):
    """Nothing stays of a transaction that raises, though the driver wrote it."""
    with pytest.raises(StoreError), store.writing() as tx:
        add(tx, every, _rows(every))
        raise StoreError("changed my mind")
    assert _held(store, every, plainly=True) == []
