"""Looks at the registry's API: what they ask for, what they cost, and what another tool does.

The stand-in for the registry runs in a process of its own, so that only the client is measured.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from tests.speed import other_monitor
from tests.speed.spent import Spent, run

ROUNDS = 3
WATCHED = 10_000
BAR_MB = 130
CAREFUL, WIDE = 150, 630
"""Study numbers a request: of addresses of 2,000 characters, and of 8,000."""
NARROW = "narrow:2000,times=inf"


@dataclass(frozen=True, slots=True)
class Look:
    """What one kind of look took; of several rounds, the median CPU and the highest peak."""

    name: str
    requests: int
    received: int
    cpu_seconds: float
    peak_mb: float
    changed: int | None = None

    def line(self, yardstick: Look | None) -> str:
        """The figures as one line of a table, in times of the yardstick's CPU."""
        times = f"{self.cpu_seconds / yardstick.cpu_seconds:9.2f}" if yardstick else "        -"
        return (
            f"  {self.name:<34} {self.requests:8,} {self.received / 1e6:9.2f} MB"
            f" {self.cpu_seconds:8.2f} s CPU {self.peak_mb:6.0f} MB {times}"
        )


class StandIn:
    """The registry's stand-in in another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.url = self._told().split()[0]

    def advance(self) -> None:
        """Let it show the next release."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self._told()

    def numbers(self, count: int) -> list[str]:
        """The first study numbers of its list."""
        found: list[str] = []
        token = ""
        while len(found) < count and token is not None:
            asked = f"/studies?fields=NCTId&pageSize=1000{token and f'&pageToken={token}'}"
            with urlopen(self.url + asked) as answer:
                page = json.load(answer)
            found += [
                study["protocolSection"]["identificationModule"]["nctId"]
                for study in page["studies"]
            ]
            token = page.get("nextPageToken")
        return found[:count]

    def _told(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def standing_in(count: int, *faults: str) -> Iterator[StandIn]:
    """The stand-in with so many made studies, until the block ends."""
    command = ["-m", "tests.registry", "--made", str(count), "--stay"]
    command += [word for fault in faults for word in ("--fault", fault)]
    with subprocess.Popen(
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield StandIn(process)
        finally:
            process.kill()


@dataclass(frozen=True, slots=True)
class Lookers:
    """Both command lines before one registry, each with stores of its own in a folder."""

    folder: Path
    url: str
    other_python: str | None = None

    def ours(self, name: str, store: str, words: Sequence[str]) -> Look:
        """One look of ours; what it asked for is in its certificate."""
        spent = self._run(store, "sweep", *words, "--no-dispatch")
        told = json.loads(spent.printed)
        asked = told["certificate"]
        return _look(name, spent, asked, told["changed"])

    def watch(self, store: str, numbers: Sequence[str]) -> None:
        """Keep a watch list of these studies."""
        file = self.folder / "numbers.txt"
        file.write_text("\n".join(numbers))
        self._run(store, "watch", "add", "watched", "--from", str(file))

    def other(self, name: str, store: str, count: int) -> Look:
        """One look of the other monitor's."""
        assert self.other_python is not None
        words = (other_monitor.__file__, self.url, str(self.folder / store), str(count))
        spent = run(*words, python=self.other_python, environ=self._environ())
        return _look(name, spent, json.loads(spent.printed.splitlines()[-1]))

    def again(self, store: str, look: Callable[[], Look]) -> Look:
        """A look after which the store is as it was before."""
        file = self.folder / store
        before = shutil.copy(file, self.folder / "before.db")
        try:
            return look()
        finally:
            shutil.move(before, file)

    def _run(self, store: str, *words: str) -> Spent:
        url = f"sqlite:///{self.folder / store}"
        return run("-m", "ctmonitor.cli", "--db", url, "--json", *words, environ=self._environ())

    def _environ(self) -> dict[str, str]:
        """As usual, modules are compiled once and not at every start."""
        environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        asked = {"CTMONITOR_CTGOV_URL": self.url, "CTMONITOR_CTGOV_RATE": "10000"}
        return {**environ, **asked}


def registry_lines(
    folder: Path, count: int, rounds: int = ROUNDS, *, is_alone: bool = False
) -> list[str]:
    """Measure every kind of look; alone means without the other monitor."""
    python = None if is_alone else other_monitor.installed(folder / "other")
    with standing_in(count) as registry:
        looks, others = _looks(Lookers(folder, registry.url, python), registry, count, rounds)
    yardstick = others[-1] if others else None
    missing = f"  ({other_monitor.NAMED} cannot be installed here, or was not asked for)"
    return [
        f"Looks at {count:,} studies through the API, 1 % changed (found: {looks[-1].changed})",
        *(look.line(yardstick) for look in (*looks, *others)),
        *([] if others else [missing]),
        f"  (bars: whole records below 1.00 times the other's CPU, peaks up to {BAR_MB} MB)",
        *_requests(folder, min(count, WATCHED)),
    ]


def _looks(
    lookers: Lookers, registry: StandIn, count: int, rounds: int
) -> tuple[list[Look], list[Look]]:
    """Ours and the other's; the second look at whole records is the last of each."""
    ours, has_other = partial(lookers.ours, store="all.db"), lookers.other_python is not None
    looks = [
        ours("first look", words=("ctgov",)),
        ours("unchanged release", words=("ctgov",)),
        ours("first look at rows", words=("ctgov", "--way", "status")),
    ]
    other = partial(lookers.other, store="other.db", count=count)
    others = [other("BioCatalystFeed, first look")] if has_other else []
    registry.advance()
    kinds: dict[str, Callable[[str], Look]] = {
        "rows (status)": partial(ours, words=("ctgov", "--way", "status")),
        "whole records (full)": partial(ours, words=("ctgov", "--way", "full")),
    }
    stores = dict.fromkeys(kinds, "all.db")
    if has_other:
        kinds["BioCatalystFeed, second look"] = other
        stores["BioCatalystFeed, second look"] = "other.db"
    # In turns, as other work on the machine comes and goes.
    taken: dict[str, list[Look]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, look in kinds.items():
            taken[name].append(lookers.again(stores[name], partial(look, name)))
    middles = [_middle(looks) for looks in taken.values()]
    return [*looks, *middles[:2]], [*others, *middles[2:]]


def _middle(looks: Sequence[Look]) -> Look:
    """The median CPU and the highest peak of some rounds."""
    return replace(
        looks[0],
        cpu_seconds=median(look.cpu_seconds for look in looks),
        peak_mb=max(look.peak_mb for look in looks),
    )


def _requests(folder: Path, count: int) -> list[str]:
    """What looks at a watch list ask for, where addresses may be short and where long."""
    lines = [f"Requests a look, {count:,} watched studies, 1 % changed; minutes at 1 a second"]
    for most, faults in ((CAREFUL, (NARROW,)), (WIDE, ())):
        with standing_in(count, *faults) as registry:
            lookers = Lookers(folder, registry.url)
            store = f"watched-{most}.db"
            lookers.watch(store, registry.numbers(count))
            watched = ("--watch", "watched")
            # The first look finds out how long addresses may be, the second goes by that.
            lookers.ours("", store, watched)
            idle = lookers.ours("unchanged release", store, watched)
            lookers.ours("", store, (*watched, "--way", "status"))
            registry.advance()
            kinds = {
                "rows, and whole what changed": "status",
                "everything whole": "full",
            }
            looks = [
                lookers.again(store, partial(lookers.ours, name, store, (*watched, "--way", way)))
                for name, way in kinds.items()
            ]
        lines.append(f"  up to {most} numbers a request (at best {-(-count // most)} for all)")
        lines += [_request_line(look) for look in (idle, *looks)]
    return lines


def _request_line(look: Look) -> str:
    return (
        f"    {look.name:<32} {look.requests:8,} {look.received / 1e6:9.2f} MB"
        f" {look.requests / 60:8.1f} min"
    )


def _look(name: str, spent: Spent, asked: Mapping[str, int], changed: int | None = None) -> Look:
    return Look(name, asked["requests"], asked["bytes"], spent.cpu_seconds, spent.peak_mb, changed)
