"""A transaction is kept whole or not at all, and writers take turns."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from ctmonitor.errors import StoreBusy, StoreError
from ctmonitor.store import Store, audit, journal, open_store
from ctmonitor.store.schema import journal as journal_table

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _note(store: Store, act: str) -> None:
    with store.writing() as tx:
        journal.note(tx, act, {}, who="a test", at=NOW)


def _acts(store: Store) -> list[str]:
    with store.reading() as tx:
        query = sa.select(journal_table.c.act).order_by(journal_table.c.id)
        return list(tx.connection.execute(query).scalars())


def test_nothing_is_kept_of_a_transaction_that_raises(store):
    """An error in the middle leaves the store as it was."""
    with pytest.raises(KeyError), store.writing() as tx:
        journal.note(tx, "half", {}, who="a test", at=NOW)
        raise KeyError
    assert _acts(store) == []


def test_two_writers_leave_one_unbroken_chain(store):
    """Writers at the same time wait for each other, and every link is made once."""
    problems: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(25):
                _note(store, f"{name} {number}")
        except BaseException as problem:
            problems.append(problem)

    writers = [threading.Thread(target=work, args=(name,)) for name in ("one", "two", "three")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not problems
    assert sorted(_acts(store)) == sorted(
        f"{n} {i}" for n in ("one", "two", "three") for i in range(25)
    )
    with store.reading() as tx:
        assert audit.verify(tx)["journal"] == 75


def test_a_writer_waits_for_one_that_reads_before_it_writes(store):
    """Two that read, then write, do not overtake each other: the second sees the first's rows."""
    seen: list[int] = []
    inside = threading.Event()

    def first() -> None:
        with store.writing() as tx:
            inside.set()
            time.sleep(0.2)
            journal.note(tx, "first", {}, who="a test", at=NOW)

    writer = threading.Thread(target=first)
    writer.start()
    inside.wait()
    with store.writing() as tx:
        query = sa.select(sa.func.count()).select_from(journal_table)
        seen.append(tx.connection.execute(query).scalar_one())
    writer.join()
    assert seen == [1]


def test_a_reader_sees_one_moment(store):
    """What is written meanwhile does not appear in the middle of a reading."""
    query = sa.select(sa.func.count()).select_from(journal_table)
    with store.reading() as tx:
        before = tx.connection.execute(query).scalar_one()
        _note(store, "meanwhile")
        assert tx.connection.execute(query).scalar_one() == before


def test_a_reader_does_not_stop_a_writer(store):
    """A long look at the store keeps nobody from writing to it."""
    with store.reading() as tx:
        assert (
            tx.connection.execute(sa.select(sa.func.count()).select_from(journal_table)).scalar()
            == 0
        )
        _note(store, "meanwhile")
    assert _acts(store) == ["meanwhile"]


def test_a_lock_held_too_long_is_said_in_one_sentence(store, store_url, monkeypatch):
    """Who waits in vain for the other writer is told that it is busy, not a traceback."""
    monkeypatch.setattr("ctmonitor.store.engine.BUSY_SECONDS", 0.2)
    impatient = open_store(store_url)
    with (
        store.writing(),
        pytest.raises(StoreBusy, match="another process is writing to it"),
        impatient.writing(),
    ):
        pass
    impatient.close()


def test_an_error_of_the_database_is_one_sentence(store):
    """What the database refuses is told on one line, without its statement."""
    with pytest.raises(StoreError) as told, store.writing() as tx:
        tx.connection.execute(sa.text("SELECT * FROM no_such_table"))
    assert "no_such_table" in str(told.value) and "\n" not in str(told.value)
