"""Days of the whole registry by its archive, fetched from a server on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import a_study
from tests.cli.conftest import Terminal
from tests.jobs.days import nct, some
from tests.journeys.test_registry_life import FRIDAY, MONDAY, TUESDAY, WEDNESDAY, Life
from tests.registry import Registry, a_release, serving

COUNT = 9


@pytest.fixture
def life(
    upgraded_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Life]:
    """A registry of nine studies, and a user whose data folder is the test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    shutil.copy(upgraded_file, tmp_path / "store.db")
    with serving(Registry(a_release(FRIDAY, some(COUNT)))) as served:
        yield Life(Terminal(tmp_path, capsys), served)


def sent_by(life: Life) -> int:
    """The bytes that left the server until now."""
    return sum(count for _, count in life.served.sent)


def counted(life: Life) -> dict[str, int]:
    """What the last look came to, without what came to nothing."""
    last = life.ask("sweeps", "--limit", "1")[0]
    names = ("new", "changed", "unchanged", "missing", "rejected")
    return {name: last[name] for name in names if last[name]}


def test_the_archive_is_fetched_once_a_release_and_read_fast(life):
    """Day by day: everything, one change, nothing, and a study that is gone."""
    assert life.sweep("bulk").code == 0 and counted(life) == {"new": COUNT}
    life.day(MONDAY, *some(COUNT - 1), a_study(nct_id=nct(COUNT), overall_status="TERMINATED"))
    assert "9 studies, 1 of them read" in life.sweep("bulk").out
    sent = sent_by(life)
    assert life.sweep("bulk").code == 0 and counted(life) == {"unchanged": COUNT}
    assert sent_by(life) - sent < 1_000
    life.day(TUESDAY, *some(COUNT - 1))
    assert life.sweep("bulk").code == 0
    assert counted(life) == {"unchanged": COUNT - 1, "missing": 1}
    life.day(WEDNESDAY, *some(COUNT - 1))
    assert life.sweep("bulk").code == 0
    [alert] = life.ask("alerts", "--rule", "record-removed")
    assert alert["nct_id"] == nct(COUNT)


def test_the_api_and_the_archive_are_looks_at_one_registry(life):
    """What the archive showed is nothing new to the API, and the other way round."""
    assert life.sweep("bulk").code == 0
    assert "nothing new" in life.sweep("ctgov").out
    life.follow(MONDAY, *some(COUNT, enrollment=70), words=("ctgov",))
    assert life.sweep("bulk").code == 0 and counted(life) == {"unchanged": COUNT}


def test_an_older_archive_than_a_look_through_the_api_is_stale(life, tmp_path):
    """It is said so, and nothing is read or called missing."""
    assert life.sweep("bulk").code == 0
    [archive] = tmp_path.rglob("ctg-studies.json.zip")
    old = tmp_path / "old.zip"
    old.write_bytes(archive.read_bytes())
    life.follow(MONDAY, *some(COUNT + 1), words=("ctgov",))
    said = life("sweep", str(old), "--whole", "--today", MONDAY)
    assert said.code == 5 and "older than 2026-03-02" in said.out
    assert life.ask("show", nct(COUNT + 1))
