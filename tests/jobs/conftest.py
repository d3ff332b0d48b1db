"""Stores that see archives of made studies, day after day, and a clock for what they owe."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ctmonitor.jobs.sweep import Report
from ctmonitor.store import Store, open_store
from tests.jobs.archives import Study, an_archive, look_at
from tests.looks import SetClock


@pytest.fixture
def clock() -> SetClock:
    """A clock that a test moves; it starts years ahead, so that all that is owed is due."""
    clock = SetClock()
    clock.moments.append(clock.now().replace(year=2100))
    return clock


@pytest.fixture
def day(store: Store, tmp_path: Path) -> Callable[..., Report]:
    """Looks at an archive of a day's studies; `terms` go to the look."""

    def looked(
        of: str,
        given: Iterable[Study] = (),
        members: Mapping[str, bytes] | None = None,
        **terms: Any,
    ) -> Report:
        made = an_archive(tmp_path / f"of-{of}.zip", of, given, members)
        return look_at(store, made, **terms)

    return looked


@pytest.fixture
def plain(upgraded_file: Path, tmp_path: Path) -> Iterator[Store]:
    """Another store, to be held against the first."""
    shutil.copy(upgraded_file, tmp_path / "plain.db")
    opened = open_store(f"sqlite:///{tmp_path / 'plain.db'}")
    yield opened
    opened.close()
