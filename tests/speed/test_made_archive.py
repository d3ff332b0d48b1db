"""The made archives are as the registry's bulk download, and what is told of them is true."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from ctmonitor.formats import Piece, read
from ctmonitor.records import Record
from tests.speed import made_archive
from tests.speed.limit import inflate_all, libraries
from tests.speed.made_archive import ONLY_DATES, Course, archives
from tests.speed.zip_file import Archive, entries_of, member_of

COUNT = 50
BUSY = Course(changed=20, shuffled=100)


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[Course, Path]:
    environ = {"SPEED_CACHE": str(tmp_path_factory.mktemp("cache"))}
    return archives(COUNT, (BUSY, ONLY_DATES), days=3, environ=environ)


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name[-16:-5]: archive.read(name) for name in archive.namelist()}


def _records(path: Path) -> dict[str, Record]:
    return {
        number: record
        for number, payload in _members(path).items()
        if isinstance(record := read(Piece("made", "here", payload)), Record)
    }


def _told(folder: Path, day: int) -> dict:
    return json.loads((folder / "changed.json").read_bytes())[f"day-{day}"]


def test_the_members_are_studies_in_shard_folders(folders):
    """Each study lies in its shard's folder, the shards and the numbers within them in order."""
    with zipfile.ZipFile(folders[BUSY] / "day-1.zip") as archive:
        names = archive.namelist()
    assert len(names) == COUNT
    assert names == sorted(names)
    assert all(name[7:9] == name[-7:-5] for name in names)


def test_sizes_and_packing_are_the_registrys(folders):
    """A study takes some 17 kB, and deflate makes that less than a third and more than a fifth."""
    entries = entries_of(folders[BUSY] / "day-1.zip")
    assert 10_000 < entries.mean_size() < 25_000
    assert 3.2 < entries.ratio() < 4.5


@pytest.mark.parametrize("day", [2, 3])
def test_the_release_date_moves_in_every_study(folders, day):
    """Every study of a later archive carries its date, and nothing else moves if none is asked."""
    first = _members(folders[ONLY_DATES] / "day-1.zip")
    later = _members(folders[ONLY_DATES] / f"day-{day}.zip")
    old, new = (f'"versionHolder":"{made_archive.released_on(at)}"'.encode() for at in (1, day))
    assert later == {number: whole.replace(old, new) for number, whole in first.items()}
    assert all(old in whole for whole in first.values())


@pytest.mark.parametrize("day", [2, 3])
def test_what_is_told_of_a_day_is_true(folders, day):
    """Just the studies named as changed, new or gone differ in content from the day before."""
    before, after = (_records(folders[BUSY] / f"day-{at}.zip") for at in (day - 1, day))
    told = _told(folders[BUSY], day)
    differing = {
        number
        for number in before.keys() & after.keys()
        if before[number].fingerprint != after[number].fingerprint
    }
    assert differing == told["changed"].keys()
    assert len(differing) >= 6
    assert sorted(after.keys() - before.keys()) == sorted(told["new"])
    assert sorted(before.keys() - after.keys()) == sorted(told["gone"])


def test_what_is_shuffled_differs_in_bytes_alone(folders):
    """A study named as shuffled has other bytes than its date explains, and the same content."""
    first, second = (_members(folders[BUSY] / f"day-{day}.zip") for day in (1, 2))
    dates = [made_archive.released_on(day).encode() for day in (1, 2)]
    shuffled = _told(folders[BUSY], 2)["shuffled"]
    assert shuffled
    for number in shuffled:
        assert second[number] != first[number].replace(*dates)


def test_nothing_is_told_where_only_dates_move(folders):
    """Where nothing moves but the date, no study is called changed, new or gone."""
    assert not any(_told(folders[ONLY_DATES], 2).values())


def test_the_same_seed_makes_the_same_archives(folders, tmp_path):
    """Made again elsewhere, the archives of a course are the same to the byte."""
    environ = {"SPEED_CACHE": str(tmp_path)}
    again = archives(COUNT, (BUSY,), days=3, environ=environ)[BUSY]
    for path in again.iterdir():
        assert path.read_bytes() == (folders[BUSY] / path.name).read_bytes()


def test_what_was_made_is_not_made_again(folders):
    """A second call gives the archives that are there; one more course keeps the first day's."""
    cache = folders[BUSY].parent.parent
    made_at = {path: path.stat().st_mtime_ns for path in cache.rglob("day-*.zip")}
    again = archives(COUNT, (BUSY, Course(0)), days=3, environ={"SPEED_CACHE": str(cache)})
    assert {path: path.stat().st_mtime_ns for path in made_at} == made_at
    assert again[BUSY] == folders[BUSY]
    assert (again[Course(0)] / "day-1.zip").samefile(folders[BUSY] / "day-1.zip")


def test_replicas_differ_in_number_alone(monkeypatch, tmp_path):
    """Beyond what is made each for itself, a study is another one under another number."""
    monkeypatch.setattr(made_archive, "BASE", 20)
    folder = archives(COUNT, (BUSY,), environ={"SPEED_CACHE": str(tmp_path)})[BUSY]
    members = _members(folder / "day-2.zip")
    told = _told(folder, 2)
    assert len(members) == COUNT + len(told["new"]) - len(told["gone"])
    assert len({whole.replace(n.encode(), b"") for n, whole in members.items()}) == 20
    assert {read(Piece("made", n, whole)).nct_id for n, whole in members.items()} == set(members)


def test_the_limit_is_the_inflating_of_everything(folders):
    """The limit inflates every member, and every library gives what `zipfile` gives."""
    path = folders[BUSY] / "day-2.zip"
    whole = sum(len(payload) for payload in _members(path).values())
    assert {inflate_all(path, inflate) for inflate in libraries().values()} == {whole}


def test_an_archive_may_hold_more_members_than_a_small_one_can_count(tmp_path):
    """Above 65,535 members an archive says in the large form how many there are."""
    path, one = tmp_path / "many.zip", member_of(0, b"{}", 1)
    with Archive(path, date(2026, 3, 2)) as archive:
        for number in range(66_000):
            archive.add(one._replace(number=number))
    with zipfile.ZipFile(path) as opened:
        assert len(opened.namelist()) == 66_000
        assert opened.read("NCT000099/NCT00065999.json") == b"{}"
    assert entries_of(path).numbers.tolist() == list(range(66_000))
