"""What a store takes on disk: by table, by study, by kept version, and what a year adds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ctmonitor.store.engine import Store, Transaction
from ctmonitor.store.schema import changes, metadata, snapshots, states, studies, sweeps
from ctmonitor.store.schema.columns import instant_code
from ctmonitor.store.sweeps import abandoned
from ctmonitor.store.values import listed_ids

SAMPLE = 5_000
"""Snapshots whose contents are weighed, to tell first ones from later ones."""
ROW_BYTES = 60
"""What a snapshot takes beside its content, about: both numbers, both clocks, two digests."""
YEAR = timedelta(days=365.25)
MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its rows, and the bytes that it and its indexes take, or None where unknown."""

    name: str
    rows: int
    bytes: int | None
    index_bytes: int | None


@dataclass(frozen=True, slots=True)
class Sizes:
    """A store weighed; None for what this database, or so short a history, cannot tell.

    `versions` are the snapshots but for each study's first; `bytes_a_version` is the mean of
    what one takes with its changes, spans and indexes.
    """

    whole: int
    tables: tuple[Table, ...]
    studies: int
    versions: int
    study_years: float
    bytes_a_study: float | None
    bytes_a_version: float | None
    bytes_a_study_year: float | None


def whole_size(tx: Transaction) -> int:
    """Bytes of the whole database, room that is free in it included."""
    if not tx.is_sqlite:
        return int(_one(tx, "SELECT pg_database_size(current_database())"))
    return int(_one(tx, "PRAGMA page_count")) * int(_one(tx, "PRAGMA page_size"))


def sizes(tx: Transaction) -> Sizes:
    """Weigh the tables; SQLite reads the whole file for that, PostgreSQL asks the file system."""
    weighed = _weighed_by_sqlite(tx) if tx.is_sqlite else _weighed_by_postgresql(tx)
    tables = tuple(
        Table(table.name, _rows(tx, table), *weighed.get(table.name, (None, None)))
        for table in metadata.sorted_tables
    )
    rows = {one.name: one.rows for one in tables}
    taken = {one.name: one.bytes for one in tables}
    held, versions = rows[studies.name], rows[snapshots.name] - rows[studies.name]
    whole, years = whole_size(tx), _study_years(tx)
    later = _of_versions(tx, rows, taken) if versions > 0 else None
    return Sizes(
        whole=whole,
        tables=tuple(sorted(tables, key=lambda one: (-(one.bytes or 0), one.name))),
        studies=held,
        versions=versions,
        study_years=years,
        bytes_a_study=whole / held if held else None,
        bytes_a_version=None if later is None else later / versions,
        bytes_a_study_year=None if later is None or not years else later / years,
    )


def faults(tx: Transaction) -> list[str] | None:
    """What is damaged in the file, index by index and row by row; None where another tool tells.

    Reads everything. PostgreSQL looks after its own pages, with `pg_amcheck`.
    """
    if not tx.is_sqlite:
        return None
    said = tx.connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_FAULTS})").scalars()
    found = [line for line in said if line != "ok"]
    for table, row, parent, _ in tx.connection.exec_driver_sql("PRAGMA foreign_key_check"):
        if len(found) < MOST_FAULTS:
            found.append(f"{table}: row {row} belongs to a row of {parent} that is not there")
    return found


def looks_going_on(tx: Transaction, is_gone: Callable[[str], bool], now: datetime) -> list[int]:
    """The looks that run now, by id; those whose process ended are none of them."""
    ended = {one.id for one in abandoned(tx, is_gone, now)}
    running = sa.select(sweeps.c.id).where(sweeps.c.state == "running").order_by(sweeps.c.id)
    return [id_ for id_ in tx.connection.execute(running).scalars() if id_ not in ended]


def compact(store: Store) -> tuple[int, int]:
    """Give free room back and count anew what the tables hold; bytes before and after.

    Nothing else may write meanwhile. SQLite needs as much room again while it works; PostgreSQL
    makes room for its own use and gives back only what lies at the end of a table.
    """
    before = _now(store)
    if store.engine.dialect.name == "sqlite":
        _say(store, "VACUUM", "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        _say(store, "VACUUM (ANALYZE)")
    return before, _now(store)


def _now(store: Store) -> int:
    with store.reading() as tx:
        return whole_size(tx)


def _say(store: Store, *statements: str) -> None:
    with store.alone() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _weighed_by_sqlite(tx: Transaction) -> dict[str, tuple[int, int]]:
    """By table the bytes of it with its indexes, and of these; nothing where it cannot count."""
    query = """
        SELECT tbl_name, sum(pgsize), sum(CASE WHEN type = 'index' THEN pgsize ELSE 0 END)
        FROM dbstat('main', 1) AS pages JOIN sqlite_schema USING (name) GROUP BY 1
    """
    try:
        rows = tx.connection.exec_driver_sql(query).all()
    except sa.exc.OperationalError as problem:
        if "dbstat" not in str(problem.orig):
            raise
        return {}
    return {name: (taken, indexes) for name, taken, indexes in rows}


def _weighed_by_postgresql(tx: Transaction) -> dict[str, tuple[int, int]]:
    query = """
        SELECT relname, pg_total_relation_size(relid), pg_indexes_size(relid)
        FROM pg_catalog.pg_statio_user_tables WHERE schemaname = current_schema()
    """
    rows = tx.connection.exec_driver_sql(query).all()
    return {name: (taken, indexes) for name, taken, indexes in rows}


def _of_versions(
    tx: Transaction, rows: dict[str, int], taken: dict[str, int | None]
) -> float | None:
    """Bytes that all snapshots but the first ones take, with their changes and spans."""
    told = (taken[changes.name], taken[snapshots.name], taken[states.name])
    if None in told:
        return None
    of_changes, of_snapshots, of_states = (float(one or 0) for one in told)
    spans = max(rows[states.name] - rows[studies.name], 0) / max(rows[states.name], 1)
    return of_changes + of_snapshots * _later_share(tx) + of_states * spans


def _later_share(tx: Transaction) -> float:
    """Which part of the snapshots' bytes is of later ones, by a sample spread over all."""
    last = tx.connection.execute(sa.select(sa.func.max(snapshots.c.id))).scalar_one() or 0
    step = max(last // SAMPLE, 1)
    sample = listed_ids(range(last, 0, -step), is_sqlite=tx.is_sqlite)
    is_first = snapshots.c.number == 1
    query = (
        sa.select(is_first, sa.func.count(), sa.func.sum(sa.func.length(snapshots.c.content)))
        .where(snapshots.c.id.in_(sample))
        .group_by(is_first)
    )
    weights = {
        bool(first): int(content) + count * ROW_BYTES
        for first, count, content in tx.connection.execute(query)
    }
    return float(weights.get(False, 0) / max(sum(weights.values()), 1))


def _study_years(tx: Transaction) -> float:
    """For how long studies were watched until the last look, all together, in years."""
    query = sa.select(
        sa.func.count(), sa.func.avg(sa.type_coerce(studies.c.first_seen_at, sa.BigInteger))
    )
    count, begun = tx.connection.execute(query).one()
    last = tx.connection.execute(sa.select(sa.func.max(sweeps.c.today))).scalar_one()
    if not count or last is None:
        return 0.0
    each = timedelta(microseconds=max(instant_code(f"{last}T00:00:00Z") - int(begun), 0))
    return float(count * (each / YEAR))


def _rows(tx: Transaction, table: sa.Table) -> int:
    return tx.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _one(tx: Transaction, statement: str) -> Any:
    return tx.connection.exec_driver_sql(statement).scalar_one()
