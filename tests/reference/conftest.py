"""Fresh stores, as many as an example needs, on each kind of database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from ctmonitor.store import Store, open_store
from tests.conftest import TEMPLATE


@pytest.fixture
def a_store(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[], AbstractContextManager[Store]]:
    """Opens a store with nothing in it; a test of many examples asks for one an example."""

    @contextmanager
    def of_sqlite() -> Iterator[Store]:
        path = tmp_path / "store.db"
        shutil.copy(request.getfixturevalue("upgraded_file"), path)
        with closing(open_store(f"sqlite:///{path}")) as store:
            yield store
        for left in tmp_path.glob("store.db*"):
            left.unlink()

    @contextmanager
    def of_postgresql() -> Iterator[Store]:
        with postgres(TEMPLATE) as url, closing(open_store(url)) as store:
            yield store

    postgres = request.getfixturevalue("postgres") if kind == "postgresql" else None
    return of_postgresql if postgres else of_sqlite
