"""A store of earlier tables is carried over whole, or left as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from ctmonitor.errors import ChainBroken, StoreError
from ctmonitor.records import DateType, OverallStatus
from ctmonitor.store import Store, audit, open_store, open_unchecked, schema_of
from ctmonitor.store.questions import snapshots_of
from ctmonitor.store.schema import (
    changes,
    field_names,
    metadata,
    snapshots,
    sponsors,
    states,
    sweeps,
)
from ctmonitor.store.upgrade import upgrade
from tests.builders import a_payload
from tests.looks import look
from tests.store import at_0003

LAST = "-12-31T23:59:59.999999Z"
KEPT_FROM_SNAPSHOT = {"nct_id", "number", "seen_at", "registry_date"}


@pytest.fixture
def old(empty_url: str) -> Iterator[Store]:
    """A store as it was at 0003."""
    store = open_unchecked(empty_url)
    at_0003.make(store)
    yield store
    store.close()


@pytest.fixture
def upgraded(old: Store) -> Store:
    """The same, upgraded."""
    upgrade(old)
    return old


def test_what_was_kept_still_verifies(upgraded):
    """Every chain, content and seal is what it was, link by link."""
    with upgraded.reading() as tx:
        counts = audit.verify(tx)
    wanted = {"snapshots": 8, "changes": 22, "alerts": 7, "journal": 15, "versions": 3}
    assert counts == {**wanted, "dictionaries": 0}


def test_every_value_is_carried_over(old):
    """All that the old tables held is in the new ones, read as it was written."""
    before = at_0003.rows_by_table(old)
    assert all(before.values())
    upgrade(old)
    with old.reading() as tx:
        for name in before.keys() - {"alembic_version", "chain_heads"}:
            table = metadata.tables[name]
            query = _as_before(table).order_by(*table.primary_key)
            after = [dict(row) for row in tx.connection.execute(query).mappings()]
            keys = [column.name for column in table.primary_key]
            rows = sorted(before[name], key=lambda row: [row[key] for key in keys])
            assert [_shortened(row, table) for row in rows] == [
                {key: row[key] for key in rows[0]} for row in after
            ], name


def test_every_word_and_the_ends_of_time_are_carried_over(old):
    """Each status by its code; years and months alone, and instants before 1970, as they are."""
    days = ["0001", "0001-01-01", "1969-12", "2024-02-29", "9000-12-31"]
    ends = ["0001-01-01T00:00:00.000001Z", "1969-12-31T23:59:59.999999Z", f"{2**13}{LAST}"]
    rows = [
        {
            "nct_id": "NCT99999999",
            "number": number,
            "seen_from": ends[number % len(ends)],
            "registry_from": days[number % len(days)],
            "overall_status": str(status),
            "start_date_type": None if number % 3 == 0 else str(list(DateType)[number % 2]),
        }
        for number, status in enumerate(OverallStatus)
    ]
    names = list(rows[0])
    with old.writing() as tx:
        tx.connection.execute(sa.table("states", *map(sa.column, names)).insert(), rows)
    upgrade(old)
    of_it = states.select().where(states.c.nct_id == "NCT99999999")
    with old.reading() as tx:
        found = tx.connection.execute(of_it.order_by(states.c.number)).mappings().all()
    assert [{name: row[name] for name in names} for row in found] == rows


def _as_before(table: sa.Table) -> sa.Select[Any]:
    """The rows of a table with what was once in them."""
    if table is changes:
        old = [snapshots.c[name] for name in sorted(KEPT_FROM_SNAPSHOT)]
        joined = changes.join(snapshots).join(field_names)
        return sa.select(changes, field_names.c.name.label("field"), *old).select_from(joined)
    if "sponsor_id" in table.c:
        joined = table.outerjoin(sponsors, sponsors.c.id == table.c.sponsor_id)
        return sa.select(table, sponsors.c.name.label("lead_sponsor")).select_from(joined)
    return table.select()


def _shortened(row: dict[str, Any], table: sa.Table) -> dict[str, Any]:
    """An old row with so much of its link as rows keep now."""
    if "chain" in row and table.name != "journal":
        return {**row, "chain": row["chain"][:8]}
    return row


def test_a_look_knows_what_it_kept(upgraded):
    """The snapshots of each look, and when they were seen, are found from its row."""
    columns = ("id", "first_snapshot", "last_snapshot", "seen_from", "seen_until")
    query = sa.select(*(sweeps.c[name] for name in columns)).order_by(sweeps.c.id)
    with upgraded.reading() as tx:
        rows = tx.connection.execute(query).all()
        seen = {one.id: one.seen_at for one in tx.connection.execute(snapshots.select())}
    assert [row[1:3] for row in rows] == [(1, 4), (5, 6), (7, 8), (None, None)]
    assert [row[3:] for row in rows] == [
        (seen.get(row.first_snapshot), seen.get(row.last_snapshot)) for row in rows
    ]


def test_its_tables_are_those_of_a_new_store(upgraded, kind, request, tmp_path):
    """Columns in their order, keys, indexes, guards and numbering: no difference at all."""
    if kind == "sqlite":
        store = open_store(f"sqlite:///{tmp_path / 'new.db'}")
        assert _described(upgraded) == _described(store)
        store.close()
        return
    with request.getfixturevalue("postgres")("as_upgraded") as url:
        store = open_store(url)
        assert _described(upgraded) == _described(store)
        store.close()


def test_its_tables_are_those_of_the_program(upgraded):
    """Nothing is left of the old tables, and nothing is lacking of the new ones."""
    with upgraded.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def _described(store: Store) -> list[tuple[Any, ...]]:
    """All that a database says of the tables in it."""
    queries = {
        "sqlite": ["SELECT type, name, tbl_name, sql FROM sqlite_master"],
        "postgresql": [
            "SELECT table_name, ordinal_position, column_name, data_type, is_nullable, "
            "column_default, character_maximum_length FROM information_schema.columns "
            "WHERE table_schema = 'public'",
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
            "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) "
            "FROM pg_trigger WHERE NOT tgisinternal",
            "SELECT sequencename, data_type::text FROM pg_sequences",
        ],
    }[store.engine.dialect.name]
    with store.reading() as tx:
        rows = [row for query in queries for row in tx.connection.exec_driver_sql(query).all()]
    return sorted((tuple(row) for row in rows), key=str)


def test_the_next_look_goes_on_from_it(upgraded):
    """What is looked at afterwards is compared with the last snapshot, and chained to it."""
    changed = a_payload(
        nct_id="NCT00000002",
        lead_sponsor="Ett Universitet",
        overall_status="COMPLETED",
        enrollment=40,
        last_update_posted_date="2026-04-02",
    )
    report = look(upgraded, changed, a_payload(nct_id="NCT00000077"), today="2026-04-10")
    assert (report.counts.new, report.counts.changed) == (1, 1)
    with upgraded.reading() as tx:
        assert audit.verify(tx)["snapshots"] == 10
        assert [one.number for one in snapshots_of(tx, "NCT00000002")] == [1, 2, 3, 4]


def test_rows_are_numbered_on(upgraded):
    """A new row of a table that numbers its rows gets the next number."""
    table = metadata.tables["marks"]
    row = {"alert_id": 1, "act": "seen", "by": "ada", "at": "2026-04-01T00:00:00.000000Z"}
    with upgraded.writing() as tx:
        assert tx.connection.execute(table.insert().values(row)).inserted_primary_key == (2,)


def test_a_tampering_of_old_is_not_covered_up(old, kind):
    """Who changed a row before the upgrade is found by verifying after it."""
    engine = sa.create_engine(old.engine.url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        if kind == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER changes_no_update")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        forged = "UPDATE changes SET kind = 'forged' WHERE id = 3"
        connection.exec_driver_sql(forged)
    engine.dispose()
    upgrade(old)
    with old.reading() as tx, pytest.raises(ChainBroken, match=r"^changes: row 3 "):
        audit.verify(tx)


def test_an_upgrade_that_fails_leaves_all_as_it_was(old):
    """One transaction: with a row that cannot be carried over, the store stays what it was."""
    with old.writing() as tx:
        tx.connection.exec_driver_sql("UPDATE pending_alerts SET key = 'no digest'")
    before, described = at_0003.rows_by_table(old), _described(old)
    with pytest.raises(StoreError):
        upgrade(old)
    assert schema_of(old) == "0003"
    assert (at_0003.rows_by_table(old), _described(old)) == (before, described)


def test_an_old_store_is_opened_only_when_it_is_upgraded(old, empty_url):
    """A command says what to do; nothing is upgraded behind anybody's back."""
    with pytest.raises(StoreError, match="run `ctmonitor db upgrade`"):
        open_store(empty_url)
    assert schema_of(old) == "0003"
