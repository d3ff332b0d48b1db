"""Numbers, days, instants and the words of short lists are kept as numbers, names once.

A whole registry took four times the room, and the database wrote words most of the time. Rows keep
the first bytes of their links; what the links cover is as it was, and so are the links.

The database carries every row over by itself, a statement a table: its memory is not ours, and
stays small. A word that no list has becomes 0, which no word's code is, so that it is found.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateTable

from ctmonitor.store.guards import statements
from ctmonitor.store.migrations.tables_at_0004 import (
    BY_WHOM,
    DAY,
    DIGEST,
    INSTANT,
    KIND_OF_CHANGE,
    LINK,
    NCT,
    ORIGIN,
    STATUS,
    TYPE_OF_DATE,
    metadata,
)

revision = "0004"
down_revision = "0003"

GUARDED = ("snapshots", "changes", "alerts", "journal", "versions", "dictionaries")
WORDS = {
    STATUS: (
        *("ACTIVE_NOT_RECRUITING", "COMPLETED", "ENROLLING_BY_INVITATION", "NOT_YET_RECRUITING"),
        *("RECRUITING", "SUSPENDED", "TERMINATED", "WITHDRAWN", "AVAILABLE"),
        *("NO_LONGER_AVAILABLE", "TEMPORARILY_NOT_AVAILABLE", "APPROVED_FOR_MARKETING"),
        *("WITHHELD", "UNKNOWN"),
    ),
    TYPE_OF_DATE: ("ACTUAL", "ESTIMATED"),
    KIND_OF_CHANGE: (
        *("added", "removed", "changed", "later", "earlier", "more-exact", "less-exact"),
        *("markup", "cosmetic", "reworded", "numbers"),
    ),
    BY_WHOM: ("sponsor", "registry"),
    ORIGIN: ("sweep",),
}
"""What the codes of these kinds stand for, from 1."""
FOUND_BY_SWEEP = (
    "SELECT sweep_id, min(id) AS first_snapshot, max(id) AS last_snapshot, "
    "min(seen_at) AS seen_from, max(seen_at) AS seen_until FROM was_snapshots GROUP BY sweep_id"
)
BESIDE = {
    "studies": "LEFT JOIN sponsors ON sponsors.name = was.lead_sponsor",
    "states": "LEFT JOIN sponsors ON sponsors.name = was.lead_sponsor",
    "changes": "LEFT JOIN field_names ON field_names.name = was.field",
    "sweeps": f"LEFT JOIN ({FOUND_BY_SWEEP}) AS found ON found.sweep_id = was.id",
}
"""What a table's rows are joined with on their way."""
FROM_BESIDE = {
    ("studies", "sponsor_id"): "sponsors.id",
    ("states", "sponsor_id"): "sponsors.id",
    ("changes", "field_id"): "field_names.id",
    ("sweeps", "first_snapshot"): "found.first_snapshot",
    ("sweeps", "last_snapshot"): "found.last_snapshot",
    ("sweeps", "seen_from"): "found.seen_from",
    ("sweeps", "seen_until"): "found.seen_until",
}
"""The columns that no old row has."""


def upgrade() -> None:
    """Make the tables anew, and carry over what the old ones hold."""
    bind = op.get_bind()
    old = sa.MetaData()
    old.reflect(bind, only=lambda name, _: name not in ("alembic_version", "chain_heads"))
    _set_aside(bind, list(old.tables))
    for table in metadata.sorted_tables:
        bind.execute(CreateTable(table))
    _name_once(bind)
    for table in metadata.sorted_tables:
        if table.name in old.tables:
            _carry_over(bind, table)
    _drop(bind, [table.name for table in reversed(old.sorted_tables)])
    for table in metadata.sorted_tables:
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            index.create(bind)
    for statement in statements(bind.dialect.name, GUARDED):
        op.execute(statement)
    heads = sa.table("chain_heads", sa.column("name"), sa.column("count"), sa.column("head"))
    op.bulk_insert(heads, [{"name": "dictionaries", "count": 0, "head": "0" * 64}])


def _set_aside(bind: sa.Connection, names: list[str]) -> None:
    """Give the old tables, and all that is theirs, other names than the new ones need."""
    if bind.dialect.name == "sqlite":
        theirs = "SELECT type, name FROM sqlite_master WHERE type IN ('index', 'trigger')"
        for kind, name in bind.exec_driver_sql(f"{theirs} AND sql IS NOT NULL").all():
            bind.exec_driver_sql(f"DROP {kind} {name}")
    else:
        for kind, name in bind.exec_driver_sql(
            "SELECT 'INDEX', indexname FROM pg_indexes WHERE schemaname = current_schema() "
            "AND tablename NOT IN ('alembic_version', 'chain_heads') UNION ALL "
            "SELECT 'SEQUENCE', sequencename FROM pg_sequences WHERE schemaname = current_schema()"
        ).all():
            bind.exec_driver_sql(f"ALTER {kind} {name} RENAME TO was_{name}")
    for name in names:
        bind.exec_driver_sql(f"ALTER TABLE {name} RENAME TO was_{name}")


def _name_once(bind: sa.Connection) -> None:
    """Number the names of fields and of lead sponsors."""
    for table, names in (
        ("field_names", "SELECT field AS name FROM was_changes"),
        (
            "sponsors",
            "SELECT lead_sponsor AS name FROM was_studies "
            "UNION SELECT lead_sponsor FROM was_states",
        ),
    ):
        each = f"SELECT DISTINCT name FROM ({names}) AS every WHERE name IS NOT NULL"
        numbered = f"SELECT row_number() OVER (ORDER BY name), name FROM ({each}) AS each_name"
        bind.exec_driver_sql(f"INSERT INTO {table} (id, name) {numbered}")
        _count_on(bind, metadata.tables[table])


def _carry_over(bind: sa.Connection, table: sa.Table) -> None:
    """Let the new table hold what the old one does."""
    if bind.dialect.name == "sqlite":
        driver = bind.connection.driver_connection
        assert driver is not None
        driver.create_function("ctmonitor_bytes", 1, bytes.fromhex, deterministic=True)
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(_value(column, bind.dialect.name) for column in table.columns)
    beside = BESIDE.get(table.name, "")
    bind.exec_driver_sql(
        f"INSERT INTO {table.name} ({names}) SELECT {values} FROM was_{table.name} AS was {beside}"
    )
    _count_on(bind, table)


def _value(column: sa.Column[object], dialect: str) -> str:
    """What gives a column's value from the old row."""
    said = FROM_BESIDE.get((column.table.name, column.name), f'was."{column.name}"')
    kind = column.type
    if kind is NCT:
        return f"CAST(substr({said}, 4) AS INTEGER)"
    if kind is DAY:
        return f"CAST(substr(replace({said}, '-', '') || '0000', 1, 8) AS INTEGER)"
    if kind is INSTANT:
        return _microseconds(said, dialect)
    if kind in (LINK, DIGEST):
        digits = f"substr({said}, 1, {8 if kind is LINK else 64})"
        return f"ctmonitor_bytes({digits})" if dialect == "sqlite" else f"decode({digits}, 'hex')"
    if kind in WORDS:
        known = " ".join(f"WHEN '{word}' THEN {code}" for code, word in enumerate(WORDS[kind], 1))
        return f"CASE WHEN {said} IS NOT NULL THEN CASE {said} {known} ELSE 0 END END"
    return said


def _microseconds(said: str, dialect: str) -> str:
    """The microseconds since 1970 of an instant such as 2026-03-02T09:00:04.123456Z."""
    seconds = f"substr({said}, 1, 19)"
    if dialect == "sqlite":
        since = f"CAST(strftime('%s', {seconds}) AS INTEGER)"
    else:
        since = f"CAST(EXTRACT(EPOCH FROM CAST({seconds} || 'Z' AS timestamptz)) AS BIGINT)"
    return f"{since} * 1000000 + CAST(substr({said}, 21, 6) AS INTEGER)"


def _count_on(bind: sa.Connection, table: sa.Table) -> None:
    """Let new rows on PostgreSQL be numbered from the last one on; SQLite does so by itself."""
    if bind.dialect.name == "postgresql" and table.autoincrement_column is not None:
        name = table.name
        bind.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
        )


def _drop(bind: sa.Connection, names: list[str]) -> None:
    """Take the old tables away, those that refer to others first."""
    if bind.dialect.name == "sqlite":
        # For every alert that goes, it looks for those that refer to it.
        bind.exec_driver_sql("CREATE INDEX was_in_summary ON was_alerts (summary_id)")
    for name in names:
        bind.exec_driver_sql(f"DROP TABLE was_{name}")
