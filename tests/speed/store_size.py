"""What a store of SQLite takes on disk, table by table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_TABLES = """
    SELECT coalesce(tbl_name, 'sqlite_schema'), sum(pgsize - unused)
    FROM dbstat('main', 1) AS pages LEFT JOIN sqlite_schema USING (name) GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class StoreSize:
    """Bytes on disk, and bytes in use by table, its indexes included.

    None for the tables where this SQLite cannot count them.
    """

    whole: int
    tables: dict[str, int] | None

    def grown(self, before: StoreSize, *tables: str) -> int | None:
        """Bytes that some tables, all if none is named, hold more than before."""
        if self.tables is None or before.tables is None:
            return None
        named = tables or tuple(self.tables)
        return sum(self.tables.get(name, 0) - before.tables.get(name, 0) for name in named)


def size_of(database: Path) -> StoreSize:
    """How large a store is that nobody has open."""
    with closing(sqlite3.connect(database)) as connection:
        (pages,), (page,) = (
            connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
        )
        try:
            tables = dict(connection.execute(_TABLES).fetchall())
        except sqlite3.OperationalError:
            tables = None
    return StoreSize(pages * page, tables)
