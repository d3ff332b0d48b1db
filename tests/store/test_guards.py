"""What was written stays written: the database itself refuses every way to change it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from ctmonitor.errors import StoreError
from ctmonitor.store import Store, audit, versions
from ctmonitor.store.guards import UNIQUE
from ctmonitor.store.schema import APPEND_ONLY, metadata
from tests.builders import a_payload
from tests.histories import a_version
from tests.histories import versions as made_versions
from tests.looks import look
from tests.store.tampering import keep_a_dictionary

TABLES = [table.name for table in APPEND_ONLY]


@pytest.fixture
def written(store: Store) -> Iterator[Store]:
    """A store with a row or more in every append-only table."""
    look(store, a_payload(overall_status="RECRUITING"))
    look(store, a_payload(overall_status="TERMINATED"))
    with store.writing() as tx:
        made = made_versions(a_version(0, "2024-01-05"))
        versions.keep(tx, made, datetime(2026, 2, 1, tzinfo=UTC))
        keep_a_dictionary(tx, b"what contents have in common")
    yield store
    with store.reading() as tx:
        assert all(audit.verify(tx).values()), "a refused act left its mark"


def _refused(store: Store, statement: sa.Executable | str) -> None:
    told = sa.text(statement) if isinstance(statement, str) else statement
    with pytest.raises(StoreError, match="is append-only"), store.writing() as tx:
        tx.connection.execute(told)


def _again(store: Store, table: str) -> dict[str, object]:
    """The first row of a table, to be written once more."""
    with store.reading() as tx:
        query = metadata.tables[table].select().order_by(sa.text("id")).limit(1)
        return dict(tx.connection.execute(query).mappings().one())


def test_the_guards_cover_every_append_only_table():
    """No table that is never changed is without its guards."""
    assert set(UNIQUE) == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_a_row_cannot_be_changed(written, table):
    """UPDATE is refused, even where it would change nothing."""
    _refused(written, f"UPDATE {table} SET chain = chain WHERE id = 1")


@pytest.mark.parametrize("table", TABLES)
def test_a_row_cannot_be_deleted(written, table):
    """DELETE is refused."""
    _refused(written, f"DELETE FROM {table} WHERE id = 1")


@pytest.mark.parametrize("table", TABLES)
def test_a_row_cannot_be_written_over(written, kind, table):
    """A second row of the same id is refused, also when the statement says to replace it."""
    row = {**_again(written, table), "chain": "0" * 64}
    insert = metadata.tables[table].insert().values(row)
    if kind == "sqlite":
        _refused(written, insert)
        _refused(written, insert.prefix_with("OR REPLACE"))
    else:
        with pytest.raises(StoreError, match="duplicate key"), written.writing() as tx:
            tx.connection.execute(insert)


@pytest.mark.parametrize(
    ("table", "same"), [("snapshots", ("nct_id", "number")), ("alerts", "key")]
)
def test_a_row_of_the_same_unique_key_cannot_replace_another(written, kind, table, same):
    """REPLACE over another unique key than the id drops no row."""
    row = {**_again(written, table), "id": 999, "chain": "0" * 64}
    insert = metadata.tables[table].insert().values(row)
    if kind == "sqlite":
        _refused(written, insert.prefix_with("OR REPLACE"))
    else:
        with pytest.raises(StoreError, match="duplicate key"), written.writing() as tx:
            tx.connection.execute(insert)


@pytest.mark.parametrize("table", TABLES)
def test_an_upsert_changes_nothing(written, kind, table):
    """INSERT ... ON CONFLICT DO UPDATE is refused."""
    dialect = sa.dialects.sqlite if kind == "sqlite" else sa.dialects.postgresql
    insert = dialect.insert(metadata.tables[table]).values(_again(written, table))
    upsert = insert.on_conflict_do_update(index_elements=["id"], set_={"chain": "0" * 64})
    _refused(written, upsert)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_cannot_be_emptied(written, kind, table):
    """TRUNCATE, or on SQLite a DELETE of everything, is refused."""
    act = "DELETE FROM" if kind == "sqlite" else "TRUNCATE"
    _refused(written, f"{act} {table}" if kind == "sqlite" else f"{act} {table} CASCADE")
