"""A database as the program kept it when its tables were those of migration 0003.

`a_store_at_0003.sql` holds a small, made history that the program of that day wrote: three studies
and a former number of one, looks, alerts, mails sent and owed, a mark, versions of the registry's;
`what_it_said_at_0003.json` what its commands then printed of it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from ctmonitor.store import Store

ROWS = Path(__file__).with_name("a_store_at_0003.sql")
SAID = Path(__file__).with_name("what_it_said_at_0003.json")


def make(store: Store) -> None:
    """Fill an empty database."""
    migrate(store, "0003")
    rows = ROWS.read_text(encoding="utf-8")
    if store.engine.dialect.name == "postgresql":
        rows = re.sub(r"X'([0-9a-f]*)'", r"'\\x\1'", rows).replace("%", "%%")
    with store.writing() as tx:
        for statement in re.split(r"(?<=;)\n(?=[ID]|$)", rows):
            if statement:
                tx.connection.exec_driver_sql(statement)


def migrate(store: Store, schema: str) -> None:
    """Apply the migrations up to one of them, in one transaction."""
    config = Config()
    config.set_main_option("script_location", "ctmonitor.store:migrations")
    with store.writing() as tx:
        config.attributes["connection"] = tx.connection
        command.upgrade(config, schema)


def answers() -> list[tuple[list[str], Any]]:
    """What was asked of it, by the words of the command, and what was said."""
    return [(one["asked"], one["said"]) for one in orjson.loads(SAID.read_bytes())]


def rows_by_table(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table as the database itself holds it."""
    old = sa.MetaData()
    old.reflect(store.engine)
    with store.reading() as tx:
        return {
            name: [dict(row) for row in tx.connection.execute(table.select()).mappings()]
            for name, table in old.tables.items()
        }
