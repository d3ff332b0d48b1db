"""What a store takes, and how it is made smaller."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from ctmonitor.errors import StoreBusy
from ctmonitor.store import engine, sizes, sweeps
from ctmonitor.store.audit import verify
from ctmonitor.store.schema import metadata, rejects
from tests.builders import a_payload
from tests.looks import look, studies

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORDS = "Some words that change from look to look. "


def _weighed(store):
    with store.reading() as tx:
        return sizes.sizes(tx)


def _of_a_year(store, count: int = 40) -> None:
    look(store, *studies(count, brief_summary=WORDS * 9), today="2025-03-02")
    for turn in range(3):
        look(store, *studies(count, brief_summary=WORDS * turn), today="2026-03-02")


def test_every_table_is_weighed_with_its_indexes(store):
    """The parts are no more than the whole, and the rows are counted."""
    _of_a_year(store)
    found = _weighed(store)
    tables = {one.name: one for one in found.tables}
    assert tables.keys() == metadata.tables.keys()
    assert (tables["studies"].rows, tables["snapshots"].rows, tables["changes"].rows) == (
        40,
        160,
        120,
    )
    assert 0 < sum(one.bytes for one in found.tables) <= found.whole
    assert all(0 <= one.index_bytes <= one.bytes for one in found.tables)
    assert tables["studies"].index_bytes > 0


def test_means_are_by_study_version_and_year(store):
    """A year of forty studies with three later snapshots each."""
    _of_a_year(store)
    found = _weighed(store)
    assert (found.studies, found.versions) == (40, 120)
    assert found.study_years == pytest.approx(40, rel=0.01)
    assert found.bytes_a_study == found.whole / 40
    assert found.bytes_a_study_year == pytest.approx(3 * found.bytes_a_version, rel=0.01)
    taken = sum(one.bytes for one in found.tables if one.name in ("snapshots", "changes", "states"))
    assert 0 < 120 * found.bytes_a_version < taken


def test_later_contents_are_told_from_first_ones(store):
    """Where all that came later is small, little of the snapshots' bytes is theirs."""
    signs = "".join(map(chr, range(33, 127)))
    look(store, *studies(30, brief_summary="".join(f"{n}{signs}" for n in range(900))))
    look(store, *studies(30, brief_summary="short", overall_status="COMPLETED"))
    with store.reading() as tx:
        share = sizes._later_share(tx)
    assert 0 < share < 0.4


def test_an_empty_store_has_no_means(store):
    """Nothing is divided by nothing."""
    found = _weighed(store)
    assert (found.studies, found.versions, found.study_years) == (0, 0, 0)
    assert (found.bytes_a_study, found.bytes_a_version, found.bytes_a_study_year) == (None,) * 3
    assert found.whole > 0


def test_without_its_counter_sqlite_tells_the_whole(store, monkeypatch):
    """A build without dbstat still says how large the file is, and how many rows there are."""
    if store.engine.dialect.name != "sqlite":
        pytest.skip("a table that only builds of SQLite lack")
    look(store, *studies(2))
    look(store, *studies(2, overall_status="COMPLETED"))

    @sa.event.listens_for(store.engine, "before_cursor_execute", retval=True)
    def without(connection, cursor, statement, parameters, context, many):
        return statement.replace("dbstat('main', 1)", "no_dbstat"), parameters

    found = _weighed(store)
    assert {one.bytes for one in found.tables} == {None}
    assert (found.studies, found.bytes_a_version, found.whole > 0) == (2, None, True)


def test_a_store_that_is_whole_has_no_faults(store):
    """SQLite says so itself; of PostgreSQL another tool tells."""
    look(store, *studies(3))
    with store.reading() as tx:
        assert sizes.faults(tx) == ([] if tx.is_sqlite else None)


def test_damage_is_named(store):
    """An index that lacks a row, and a row that belongs to nothing."""
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL looks after its own pages")
    look(store, *studies(3))
    path = store.engine.url.database
    store.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = ON")
    definition = "UPDATE sqlite_schema SET sql = replace(sql, 'overall_status,', 'number,')"
    connection.execute(f"{definition} WHERE name = 'ix_studies_overall_status'")
    connection.execute("INSERT INTO marks (alert_id, act, by, at) VALUES (77, 'seen', 'ann', 1)")
    connection.commit()
    connection.close()
    with store.reading() as tx:
        found = sizes.faults(tx)
    assert any("ix_studies_overall_status" in one for one in found)
    assert found[-1] == "marks: row 1 belongs to a row of alerts that is not there"


def _payloads(store, *, bytes_each: int) -> None:
    report = look(store, *studies(1))
    row = {"sweep_id": report.sweep, "source": "a pile", "place": "piece", "reason": "made"}
    row |= {
        "payload_bytes": bytes_each,
        "payload_sha256": "0" * 64,
        "seen_at": "2026-03-02T09:00:00Z",
    }
    with store.writing() as tx:
        rows = [row | {"payload": bytes(bytes_each)} for _ in range(100)]
        tx.connection.execute(rejects.insert(), rows)
    with store.writing() as tx:
        tx.connection.execute(rejects.delete())


def test_compacting_gives_room_back_and_loses_nothing(store):
    """A file with much free room is smaller afterwards, and everything in it is as it was."""
    _of_a_year(store, 3)
    _payloads(store, bytes_each=60_000)
    with store.reading() as tx:
        counts = verify(tx)
    before, after = sizes.compact(store)
    if store.engine.dialect.name == "sqlite":
        # PostgreSQL keeps the room for its own use.
        assert after < before / 2
        assert Path(store.engine.url.database).stat().st_size == after
    with store.reading() as tx:
        assert verify(tx) == counts
        assert not sizes.faults(tx)


def test_compacting_waits_for_no_writer_for_ever(store, monkeypatch):
    """While somebody writes it says so, in one sentence, and changes nothing."""
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL compacts beside its writers")
    look(store, *studies(1))
    with store.alone() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    other = engine.open_store(store.url)
    with other.writing(), pytest.raises(StoreBusy):
        sizes.compact(store)
    other.close()
    look(store, a_payload(overall_status="COMPLETED"))


def test_looks_that_go_on_are_known(store):
    """One whose process ended is none of them."""
    with store.writing() as tx:
        one = sweeps.begin(tx, "one", "made", today=NOW.date(), owner="here", now=NOW)
        sweeps.begin(tx, "two", "made", today=NOW.date(), owner="gone", now=NOW)
        assert sizes.looks_going_on(tx, lambda owner: owner == "gone", NOW) == [one]
        assert sizes.looks_going_on(tx, bool, NOW) == []
