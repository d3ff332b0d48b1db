"""A made registry as its bulk download: one zip a release, one JSON file a study.

    python -m tests.speed.made_archive COUNT FOLDER [--changed PERCENT] [--days N] [--only-dates]

writes `day-1.zip`, `day-2.zip` and so on, and `changed.json`, which says of every later day what
was changed, new, gone, and only shuffled by the registry. The release date moves in every study.
Above 60,000 studies the rest are replicas of the first 60,000 under other numbers. What was made
once is kept in SPEED_CACHE, a folder, and not made again.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import random
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from tests.speed.made_registry import RELEASED, SHUFFLED_PERCENT, again, redated, study_at
from tests.speed.plan import NUMBERS, number_at
from tests.speed.zip_file import Archive, Member, entries_of, member_of

BASE = 60_000
"""Studies that are made each for itself."""

SHARDS = 100
NEW_SHARE, GONE_SHARE = 12 / BASE, 3 / BASE
LEVEL, REPLICA_LEVEL = 6, 1
"""The second packs to 3.6 times in half the time, the first to 3.8."""

Tree = dict[str, Any]
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Course:
    """What the registry goes through after the first day."""

    changed: float = 1.0
    """Percent of the studies that are changed for real on each day."""
    shuffled: float = SHUFFLED_PERCENT
    """Percent of the studies with browse terms whose terms are ordered anew."""
    is_only_dates: bool = False
    """Whether nothing moves but the release date."""

    @property
    def name(self) -> str:
        """What its folder is called."""
        if self.is_only_dates:
            return "only-dates"
        return f"changed-{self.changed:g}-shuffled-{self.shuffled:g}"


ONLY_DATES = Course(changed=0, shuffled=0, is_only_dates=True)


@dataclass(frozen=True, slots=True)
class Made:
    """What is to be made: how many studies, over which days, on which courses."""

    count: int
    seed: int
    days: int
    courses: tuple[Course, ...]
    is_first_made: bool = False
    """Whether the first day's archive is there already."""

    @property
    def is_small(self) -> bool:
        """Whether it is made sooner than other processes are started."""
        return self.count < 2_000

    @property
    def base(self) -> int:
        """Studies made each for itself, without those that come later."""
        return min(self.count, BASE)

    @property
    def new_a_day(self) -> int:
        """Studies that each later day adds, replicas not counted."""
        return max(round(self.base * NEW_SHARE), 1)

    def gone_on(self, day: int) -> frozenset[int]:
        """The places that a day drops."""
        drawn = random.Random(f"{self.seed} gone {day}")
        return frozenset(drawn.sample(range(self.base), max(round(self.base * GONE_SHARE), 1)))


@dataclass(slots=True)
class Shard:
    """One folder of the archives: its members by archive, and what happened to them."""

    first: list[Member] = field(default_factory=list)
    later: dict[tuple[int, int], list[Member]] = field(default_factory=lambda: defaultdict(list))
    """By the place of the course and the day."""
    told: list[tuple[int, int, str, str, list[str]]] = field(default_factory=list)
    """Course, day, kind, NCT number, what was changed."""


def released_on(day: int) -> str:
    """The release date of a day, counted from 1."""
    return str(date.fromisoformat(RELEASED) + timedelta(days=day - 1))


def archives(
    count: int,
    courses: Sequence[Course] = (Course(),),
    *,
    seed: int = 0,
    days: int = 2,
    environ: Mapping[str, str],
) -> dict[Course, Path]:
    """The folder of each course, with `day-1.zip` and so on; made now where they are not kept.

    A folder's archives are shared with later runs: look, and do not write.
    """
    place = _cache(environ) / f"{_version()}-{count}-{seed}"
    folders = {course: place / f"{course.name}-{days}" for course in courses}
    missing = tuple(one for one in courses if not (folders[one] / "changed.json").exists())
    if missing:
        first = place / "day-1.zip"
        made = Made(count, seed, days, missing, first.exists())
        if made.is_small:
            _make(made, first, folders)
        else:
            # Apart, so that whoever measures other processes after this has stayed small.
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
                apart.submit(_make, made, first, folders).result()
    return folders


def write(
    count: int,
    folder: Path,
    course: Course,
    *,
    seed: int = 0,
    days: int = 2,
    environ: Mapping[str, str],
) -> None:
    """Put the archives of one course, and what was changed, in a folder of their own."""
    kept = archives(count, [course], seed=seed, days=days, environ=environ)[course]
    folder.mkdir(parents=True, exist_ok=True)
    for path in kept.iterdir():
        shutil.copyfile(path, folder / path.name)


def _cache(environ: Mapping[str, str]) -> Path:
    usual = Path(tempfile.gettempdir()) / "ctmonitor-speed-cache"
    return Path(environ.get("SPEED_CACHE") or usual)


def _version() -> str:
    """Another one when the code that makes the studies is another."""
    here = Path(__file__).parent
    names = ("made_*.py", "edits.py", "plan.py", "prose.py", "results_section.py", "words.txt")
    made_by = sorted(path for name in (*names, "zip_file.py") for path in here.glob(name))
    return hashlib.sha256(b"".join(path.read_bytes() for path in made_by)).hexdigest()[:8]


def _make(made: Made, first: Path, folders: Mapping[Course, Path]) -> None:
    told: dict[int, dict[str, Told]] = defaultdict(lambda: defaultdict(_nothing))
    with ExitStack() as stack:
        first.parent.mkdir(parents=True, exist_ok=True)
        opened: dict[tuple[int, int], Archive] = {}
        for place, course in enumerate(made.courses):
            folders[course].mkdir(exist_ok=True)
            for day in range(2, made.days + 1):
                path = folders[course] / f"day-{day}.zip"
                archive = Archive(path, date.fromisoformat(released_on(day)))
                opened[place, day] = stack.enter_context(archive)
        if not made.is_first_made:
            archive = Archive(first, date.fromisoformat(RELEASED))
            opened[0, 1] = stack.enter_context(archive)
        for shard in _shards(made):
            for key, members in ({(0, 1): shard.first} | shard.later).items():
                for member in members:
                    opened[key].add(member)
            for place, day, kind, nct_id, what in shard.told:
                if kind == "changed":
                    told[place][f"day-{day}"][kind][nct_id] = what
                else:
                    told[place][f"day-{day}"][kind].append(nct_id)
    for place, course in enumerate(made.courses):
        with suppress(FileExistsError):
            os.link(first, folders[course] / "day-1.zip")
        days = {f"day-{day}": told[place][f"day-{day}"] for day in range(2, made.days + 1)}
        text = orjson.dumps(days, option=orjson.OPT_INDENT_2)
        (folders[course] / "changed.json").write_bytes(text)


def _nothing() -> Told:
    return {"changed": {}, "new": [], "gone": [], "shuffled": []}


def _shards(made: Made) -> Iterator[Shard]:
    """Every shard in the order of the archives; on all cores where that is worth a start."""
    if made.is_small:
        yield from map(partial(_shard, made), range(SHARDS))
        return
    with multiprocessing.get_context("spawn").Pool() as pool:
        yield from pool.imap(partial(_shard, made), range(SHARDS))


def _shard(made: Made, shard: int) -> Shard:
    """All studies of a shard through all days, the replicas after each other."""
    whole = Shard()
    later = ((day, made.base + (day - 2) * made.new_a_day) for day in range(2, made.days + 1))
    born = {place: day for day, start in later for place in range(start, start + made.new_a_day)}
    places = [*range(made.base), *born]
    mine = [place for place in places if number_at(place, made.seed) % SHARDS == shard]
    gone = {place: day for day in range(2, made.days + 1) for place in made.gone_on(day)}
    for place in sorted(mine, key=lambda place: number_at(place, made.seed)):
        _live(made, whole, place, span=(born.get(place, 1), gone.get(place, made.days + 1)))
    for members in (whole.first, *whole.later.values()):
        members.sort(key=lambda member: member.number)
    return whole


def _live(made: Made, shard: Shard, place: int, *, span: tuple[int, int]) -> None:
    """Add one study and its replicas to a shard, from the day it comes to the day it is gone."""
    born, gone = span
    numbers = _numbers(made, place)
    first = study_at(place, seed=made.seed, released=released_on(born))
    packed: dict[bytes, list[Member]] = {}
    if born == 1 and not made.is_first_made:
        shard.first += _packed(packed, first, numbers)
    for at, course in enumerate(made.courses):
        if born > 1 and course.is_only_dates:
            continue
        study = first
        for day in range(max(born, 2), made.days + 1):
            if day >= gone and not course.is_only_dates:
                _tell(shard, at, day, "gone", numbers if day == gone else ())
                break
            if day == born:
                _tell(shard, at, day, "new", numbers)
            else:
                before = study
                study, told = _moved(made, course, study, place, day)
                if told:
                    _tell(shard, at, day, "changed", numbers, told)
                elif not _is_same_order(before, study):
                    _tell(shard, at, day, "shuffled", numbers)
            shard.later[at, day] += _packed(packed, study, numbers)


def _numbers(made: Made, place: int) -> list[int]:
    """The number of a study, then those of its replicas, of which the last set may be partial."""
    sets = (made.count + BASE - 1) // BASE
    number = number_at(place, made.seed)
    return [
        number - NUMBERS * one
        for one in range(sets)
        if place >= made.base or place + one * BASE < made.count
    ]


def _moved(made: Made, course: Course, study: Tree, place: int, day: int) -> tuple[Tree, list[str]]:
    released = released_on(day)
    if course.is_only_dates:
        return redated(study, released, random.Random(0), shuffled_percent=0), []
    return again(
        study,
        place,
        seed=made.seed,
        released=released,
        changed_percent=course.changed,
        shuffled_percent=course.shuffled,
    )


def _is_same_order(before: Tree, after: Tree) -> bool:
    key = "conditionBrowseModule"
    return before["derivedSection"].get(key) is after["derivedSection"].get(key)


def _packed(done: dict[bytes, list[Member]], study: Tree, numbers: Sequence[int]) -> list[Member]:
    """A study and its replicas; what is the same on two courses is packed once."""
    payload = orjson.dumps(study)
    if payload not in done:
        own = f"NCT{numbers[0]:08d}".encode()
        done[payload] = [
            member_of(numbers[0], payload, LEVEL),
            *(
                member_of(number, payload.replace(own, f"NCT{number:08d}".encode()), REPLICA_LEVEL)
                for number in numbers[1:]
            ),
        ]
    return done[payload]


def _tell(
    shard: Shard,
    course: int,
    day: int,
    kind: str,
    numbers: Sequence[int],
    what: Sequence[str] = (),
) -> None:
    named = (f"NCT{number:08d}" for number in numbers)
    shard.told += [(course, day, kind, nct_id, list(what)) for nct_id in named]


def main() -> None:
    """Write the archives that the command line asks for, and say how large they are."""
    parser = argparse.ArgumentParser(description="Write a made registry's bulk downloads.")
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--days", type=int, default=2, metavar="N")
    parser.add_argument("--changed", type=float, default=1.0, metavar="PERCENT")
    parser.add_argument("--shuffled", type=float, default=SHUFFLED_PERCENT, metavar="PERCENT")
    parser.add_argument("--only-dates", action="store_true")
    chosen = parser.parse_args()
    course = ONLY_DATES if chosen.only_dates else Course(chosen.changed, chosen.shuffled)
    write(
        chosen.count,
        chosen.folder,
        course,
        seed=chosen.seed,
        days=chosen.days,
        environ=os.environ,
    )
    for path in sorted(chosen.folder.glob("day-*.zip")):
        entries = entries_of(path)
        print(
            f"{path.name}: {len(entries.sizes):,} studies, {entries.mean_size():,.0f} bytes a"
            f" study, packed {entries.ratio():.2f} times"
        )


if __name__ == "__main__":
    main()
