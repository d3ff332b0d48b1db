"""Both databases keep the same of the same archives, to the byte."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ctmonitor.store import Store
from ctmonitor.store.schema import metadata
from ctmonitor.store.schema.columns import Instant
from tests.jobs.archives import an_archive, look_at, one, some

FRIDAY, MONDAY, TUESDAY = "2026-02-27", "2026-03-02", "2026-03-03"
TABLES = ("snapshots", "changes", "studies", "states", "alerts", "sponsors", "field_names")
OURS = {"chain", "sweep_id", "seen_in"}
"""Columns that depend on the instant of a look."""


def rows(store: Store, name: str) -> list[tuple[Any, ...]]:
    """Every row of a table in its order, but for our instants and what they go into."""
    table = metadata.tables[name]
    kept = [
        column
        for column in table.columns
        if column.name not in OURS and not isinstance(column.type, Instant)
    ]
    with store.reading() as tx:
        found = tx.connection.execute(sa.select(*kept).order_by(*table.primary_key.columns))
        return [tuple(row) for row in found]


@pytest.mark.parametrize("kind", ["postgresql"])
def test_both_databases_keep_the_same_to_the_byte(store, plain, tmp_path):
    """Contents as they are packed, changes, studies, spans, alerts and the names they refer to."""
    edited = [one(3, overall_status="UNKNOWN"), one(5, why_stopped="No money", enrollment=7)]
    for of, given in (
        (FRIDAY, some(12)),
        (MONDAY, [*some(2), edited[0], one(4), edited[1], *some(8, first=6)]),
        (TUESDAY, [*some(11), one(12, lead_sponsor="Acme")]),
    ):
        path = an_archive(tmp_path / f"{of}.zip", of, given)
        reports = [look_at(each, path) for each in (store, plain)]
        assert reports[0].counts == reports[1].counts
    for name in TABLES:
        assert rows(store, name) == rows(plain, name), name
        assert rows(store, name)
