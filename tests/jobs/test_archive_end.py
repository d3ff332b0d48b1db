"""Whatever ends a look at an archive early, nothing is lost, told twice or left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from ctmonitor.errors import CtmonitorError
from ctmonitor.jobs import archive_look, intake, reading
from ctmonitor.store import audit
from tests.jobs.archives import (
    an_archive,
    counted,
    damage,
    dying,
    everything,
    look_at,
    nct,
    some,
)
from tests.jobs.asking import subscribe, watch

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-04"
DONE = {"overall_status": "COMPLETED", "last_update_posted_date": "2026-03-01"}


@pytest.fixture
def slow(monkeypatch):
    """Looks that take their members in by threes, so that they can end anywhere between."""
    for room in (archive_look, reading):
        monkeypatch.setattr(room, "AT_ONCE", 3)
    monkeypatch.setattr(intake, "PIECES_AT_ONCE", 3)
    monkeypatch.setattr(intake, "FIRST_AT_ONCE", 3)


@pytest.fixture
def two(monkeypatch, slow):
    """Looks of a few members by two processes, where two are asked for."""
    monkeypatch.setattr(reading, "FEWEST_FOR_PROCESSES", 10)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_several_processes_make_what_one_makes(store, plain, tmp_path, two):
    """Whether this process reads the members or two others do, the store says the same."""
    for of, status in ((FRIDAY, "RECRUITING"), (MONDAY, "SUSPENDED")):
        path = an_archive(tmp_path / f"{of}.zip", of, some(45, overall_status=status))
        assert look_at(store, path, today=of, processes=2).counts.received == 45
        look_at(plain, path, today=of, processes=1)
    assert everything(store) == everything(plain)


def _lives(store, day, *dyings):
    """Two days of thirty studies; each look that dies is followed by one that does not."""
    watch(store)
    subscribe(store)
    first = some(30, overall_status="UNKNOWN", status_verified_date="2020-01")
    second = [*first[:9], *some(12, first=10, **DONE), *first[21:], *some(5, first=31)]
    for given, of, after in zip((first, second), (FRIDAY, MONDAY), dyings, strict=True):
        if after is not None:
            with pytest.raises(RuntimeError):
                day(of, given, plan=dying(after))
        day(of, given)
    said = everything(store)
    # Who is owed what may come in two letters instead of one.
    letters = said.pop("owed")
    return said, sorted(alert for _, told, _ in letters for alert in told)


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("after", [(0, None), (4, None), (None, 0), (None, 3), (7, 5)])
def test_a_look_that_ended_early_is_made_up_for(store, plain, slow, day, tmp_path, after):
    """After the next look, the store says what it would without the fault, each alert once."""

    def elsewhere(of, given, **terms):
        path = an_archive(tmp_path / f"elsewhere-{of}.zip", of, given)
        return look_at(plain, path, **terms)

    assert _lives(store, day, *after) == _lives(plain, elsewhere, None, None)


def test_a_look_that_ended_early_proves_nothing(store, slow, day):
    """What it took in is read once more, and proven again in the end."""
    day(FRIDAY, some(30))
    edited = [*some(25), *some(5, first=26, **DONE)]
    with pytest.raises(RuntimeError):
        day(MONDAY, edited, plan=dying(1))
    read = [day(of, edited).certificate["read"] for of in (MONDAY, TUESDAY, WEDNESDAY)]
    assert (read[0], read[-1]) == (5, 0)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_damaged_member_is_set_aside_by_whichever_process_reads_it(store, two, tmp_path):
    """Its error crosses from one process to the other as a reject, like any other."""
    path = an_archive(tmp_path / "1.zip", FRIDAY, some(40))
    damage(path, nct(33))
    report = look_at(store, path, processes=2)
    assert (report.state, counted(report)) == ("partial", {"new": 39, "rejected": 1})
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_no_process_outlives_a_look_that_failed(store, two, tmp_path):
    """An error in the process that writes ends the ones that read."""
    path = an_archive(tmp_path / "1.zip", FRIDAY, some(60))
    with pytest.raises(RuntimeError):
        look_at(store, path, processes=2, plan=dying(1))
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_killed_reader_ends_the_look_in_one_sentence(store, two, tmp_path):
    """The memory may run out for one of them; what was kept stays, and the next look goes on."""
    path = an_archive(tmp_path / "1.zip", FRIDAY, some(200))

    def kill(_progress):
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGKILL)

    with pytest.raises(CtmonitorError) as ended:
        look_at(store, path, processes=2, plan={"progress": kill})
    assert ended.value.exit_code in (4, 5) and "process" in str(ended.value)
    assert multiprocessing.active_children() == []
    assert look_at(store, path, processes=2).counts.received == 200
    with store.reading() as tx:
        assert audit.verify(tx)["snapshots"] == 200


def _open_files():
    """What this process has open, as far as the system says it."""
    places = [place for place in Path("/proc/self/fd").iterdir() if place.exists()]
    return [str(place.readlink()) for place in places]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_look_gives_its_files_back(store, day):
    """Also one that ends with an error."""
    day(FRIDAY, some(9))

    def fail(_progress):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        day(MONDAY, some(9), is_deep=True, plan={"progress": fail})
    assert not [name for name in _open_files() if name.endswith(".zip")]
