"""A merger of two numbers, as a look at the registry would note it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

SEEN_AT = "2026-03-05T09:00:00.000000Z"


def merge(path: Path, alias: str, into: str) -> None:
    """Let a number be a former one of another study's, in a store of SQLite."""
    with closing(sqlite3.connect(path)) as connection, connection:
        insert = "INSERT INTO former_numbers (alias, nct_id, seen_at) VALUES (?, ?, ?)"
        connection.execute(insert, (alias, into, SEEN_AT))
