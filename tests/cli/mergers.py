"""A merger of two numbers, as a look at the registry would note it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ctmonitor.store import fates, open_store

SEEN_AT = datetime(2026, 3, 5, 9, tzinfo=UTC)


def merge(path: Path, alias: str, into: str) -> None:
    """Let a number be a former one of another study's, in a store of SQLite."""
    store = open_store(f"sqlite:///{path}")
    with store.writing() as tx:
        fates.merge(tx, [(alias, into)], SEEN_AT)
    store.close()
