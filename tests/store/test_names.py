"""A name is kept once, and means the same number ever after."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ctmonitor.store.names import numbered
from ctmonitor.store.schema import field_names, sponsors
from ctmonitor.store.values import AT_ONCE

ODD = ["", " ", "Acme", "ACME", "Acme ", "Müller & Søn 試", "Mu\u0308ller", 'it\'s "so", \\ % :x']


@pytest.mark.parametrize("table", [sponsors, field_names], ids=lambda table: table.name)
def test_new_names_get_the_next_numbers(store, table):
    """In order of their letters, from the last number on; None has no number."""
    with store.writing() as tx:
        assert numbered(tx, table, ["b", None, "a", "b"]) == {"a": 1, "b": 2}
        assert numbered(tx, table, ["c", "a", "aa"]) == {"a": 1, "aa": 3, "c": 4}


def test_a_name_keeps_its_number(store):
    """Asked again in another transaction, nothing is added."""
    with store.writing() as tx:
        first = numbered(tx, sponsors, ODD)
    with store.writing() as tx:
        assert numbered(tx, sponsors, reversed(ODD)) == first
        rows = tx.connection.execute(sa.select(sponsors.c.name, sponsors.c.id)).all()
    assert dict(map(tuple, rows)) == first
    assert len(rows) == len(ODD)


def test_names_that_differ_in_anything_are_others(store):
    """Case, spaces and how an accent is written count: what is read back is what was said."""
    with store.writing() as tx:
        found = numbered(tx, sponsors, ODD)
    assert len(set(found.values())) == len(found) == len(ODD)


def test_more_names_than_one_statement_takes(store):
    """Any number of names is numbered, known and new ones together."""
    names = [f"Sponsor {number:05}" for number in range(2 * AT_ONCE + 7)]
    with store.writing() as tx:
        half = numbered(tx, sponsors, names[::2])
        every = numbered(tx, sponsors, names)
    assert sorted(every) == names
    assert {name: every[name] for name in half} == half
    assert sorted(every.values()) == list(range(1, len(names) + 1))


def test_no_names_are_no_question(store):
    """Nothing asked for is nothing found."""
    with store.writing() as tx:
        assert numbered(tx, sponsors, [None]) == {}
