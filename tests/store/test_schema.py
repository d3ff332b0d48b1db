"""An upgraded database is the one that the program's tables describe; others are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from ctmonitor.errors import SettingWrong, StoreError, StoreMismatch
from ctmonitor.store import SCHEMA, Store, open_store, open_unchecked, schema_of
from ctmonitor.store.outbox import WAITING
from ctmonitor.store.schema import APPEND_ONLY, metadata
from ctmonitor.store.upgrade import upgrade


def _set_schema(store: Store, name: str) -> None:
    with store.writing() as tx:
        tx.connection.execute(sa.text("UPDATE alembic_version SET version_num = :n"), {"n": name})


def test_an_upgraded_empty_database_equals_the_tables(empty_url):
    """Tables, columns, types, nullability, defaults, indexes and uniques: no difference."""
    store = open_store(empty_url)
    compared = {"compare_type": True, "compare_server_default": True}
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=compared)
        assert compare_metadata(context, metadata) == []
    store.close()


def test_the_comparison_of_tables_can_fail(store):
    """A column, an index or a unique constraint too many is seen, so the test above can fail."""
    other = sa.MetaData()
    for table in metadata.tables.values():
        table.to_metadata(other)
    other.tables["marks"].append_column(sa.Column("more", sa.Text))
    sa.Index("ix_more", other.tables["marks"].c.act)
    with store.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), other)
    assert {one[0] for one in found} == {"add_column", "add_index"}


def test_foreign_keys_and_primary_keys_are_as_described(store):
    """Every key of every table refers to what the tables say."""
    inspected = sa.inspect(store.engine)
    for table in metadata.tables.values():
        keys = {
            (tuple(one["constrained_columns"]), one["referred_table"])
            for one in inspected.get_foreign_keys(table.name)
        }
        assert keys == {((one.parent.name,), one.column.table.name) for one in table.foreign_keys}
        primary = inspected.get_pk_constraint(table.name)["constrained_columns"]
        assert primary == [column.name for column in table.primary_key]


def test_the_outbox_has_an_index_of_what_waits_only(store, kind):
    """Finding what is owed stays cheap, however many digests were sent."""
    [found] = [
        one
        for one in sa.inspect(store.engine).get_indexes("deliveries")
        if one["name"] == "ix_deliveries_waiting"
    ]
    where = str(found["dialect_options"][f"{kind}_where"])
    assert all(state in where for state in WAITING) and "sent" not in where


def test_each_append_only_table_begins_its_chain(store):
    """A new store has a head for each chain, of no rows."""
    with store.reading() as tx:
        rows = tx.connection.execute(sa.text("SELECT name, count FROM chain_heads"))
        heads = {row[0]: row[1] for row in rows}
    assert heads == {table.name: 0 for table in APPEND_ONLY}


def test_opening_again_changes_nothing(store_url):
    """A store at this program's schema is opened as it is."""
    for _ in range(2):
        store = open_store(store_url)
        assert schema_of(store) == SCHEMA
        store.close()


def test_upgrading_twice_is_upgrading_once(store):
    """An upgrade of an up-to-date store does nothing."""
    assert upgrade(store) == SCHEMA
    assert schema_of(store) == SCHEMA


@pytest.mark.parametrize(
    ("found", "said"), [("9999", "install the newer ctmonitor"), ("0000", "run `ctmonitor db upgr")]
)
def test_another_schema_is_refused_in_one_sentence(store, store_url, found, said):
    """A newer or older schema is named, with what to do, on one line."""
    _set_schema(store, found)
    with pytest.raises(StoreMismatch, match=said) as refused:
        open_store(store_url)
    assert "\n" not in str(refused.value) and found in str(refused.value)


def test_a_newer_schema_is_not_upgraded(store):
    """An old program never touches a newer store."""
    _set_schema(store, "9999")
    with pytest.raises(StoreMismatch, match="newer"):
        upgrade(store)


def test_another_programs_database_is_left_alone(empty_url):
    """A database with tables that are not ours is refused, and gets none of ours."""
    store = open_unchecked(empty_url)
    with store.writing() as tx:
        tx.connection.execute(sa.text("CREATE TABLE theirs (id INTEGER)"))
    with pytest.raises(StoreError, match="another program's tables"):
        open_store(empty_url)
    assert sa.inspect(store.engine).get_table_names() == ["theirs"]
    store.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    """Some other file is named in one sentence, and stays as it was."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to look at " * 20)
    with pytest.raises(StoreError, match="not a database") as refused:
        open_store(f"sqlite:///{path}")
    assert str(path) in str(refused.value)
    assert path.read_text().startswith("not a database")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    """The path to the file is made when it can be, and the sentence names it when not."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="name another file"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'below' / 'store.db'}")


@pytest.mark.parametrize("url", ["mysql://host/db", "nonsense", "://", "sqlite", ""])
def test_a_url_of_no_use_is_a_wrong_setting(url):
    """What is no URL of a database we keep is refused, with one that would do."""
    with pytest.raises(SettingWrong, match="give sqlite:///path/to/file"):
        open_store(url)


def test_a_server_that_is_not_there_is_said_in_one_sentence():
    """No traceback of the driver's for a database server that does not answer."""
    with pytest.raises(StoreError) as refused:
        open_store("postgresql://nobody:secret@127.0.0.1:1/none?connect_timeout=2")
    assert "\n" not in str(refused.value) and "secret" not in str(refused.value)
