"""The triggers that keep append-only tables append-only, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

UNIQUE = {
    "snapshots": ("id = NEW.id", "(nct_id = NEW.nct_id AND number = NEW.number)"),
    "changes": ("id = NEW.id",),
    "alerts": ("id = NEW.id", "key = NEW.key"),
    "journal": ("id = NEW.id",),
    "versions": ("id = NEW.id",),
    "dictionaries": ("id = NEW.id",),
}
"""What makes a row one that is already there: REPLACE would drop it past the other triggers."""


def statements(dialect: str, tables: Sequence[str]) -> Iterator[str]:
    """The statements that set the guards of some tables up on one kind of database."""
    if dialect == "sqlite":
        for table in tables:
            yield from _sqlite(table, " OR ".join(UNIQUE[table]))
    else:
        yield (
            "CREATE OR REPLACE FUNCTION ctmonitor_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
        for table in tables:
            yield from _postgresql(table)


def _sqlite(table: str, same: str) -> Iterator[str]:
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
    for act in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} BEGIN {refuse}; END"
        )
    yield (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refuse}; END"
    )


def _postgresql(table: str) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION ctmonitor_refuse()"
    )
    yield (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ctmonitor_refuse()"
    )
