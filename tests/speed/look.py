"""A second look at made studies by our command line, against the usual way on a sample."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tests.speed.spent import Spent, run

COMMON_SAMPLE, CAREFUL_SAMPLE = 300, 2_000
BAR_TIMES, BAR_MB = 20, 200


@dataclass(frozen=True, slots=True)
class Look:
    """What the looks at a number of studies took; the usual ways are CPU seconds a study."""

    count: int
    first: Spent
    second: Spent
    counted: dict[str, int]
    changed_count: int
    """How many studies the made registry says were changed."""
    common: float
    careful: float

    def lines(self) -> list[str]:
        """The figures as lines of a table."""
        ours, first = self.second, self.first
        return [
            f"Second look at {self.count:,} studies, {self.changed_count} of them changed"
            f" (found: {self.counted['changed']}); usual ways scaled from samples",
            f"  {'ours':<34} {ours.cpu_seconds:9.2f} s CPU    {ours.peak_mb:.0f} MB (bar {BAR_MB})",
            self._usual("usual, with the release date", self.common, f" (bar {BAR_TIMES})"),
            self._usual("usual, the release date left out", self.careful, ""),
            f"  {'the first look, ours':<34} {first.cpu_seconds:9.2f} s CPU"
            f"    {first.peak_mb:.0f} MB",
        ]

    def _usual(self, name: str, each: float, bar: str) -> str:
        scaled = each * self.count
        times = scaled / self.second.cpu_seconds
        return f"  {name:<34} {scaled:9.2f} s CPU    {times:.0f} times ours{bar}"


def look(folder: Path, count: int) -> Look:
    """Measure both looks at the two releases in a folder, and the usual ways on samples."""
    database = f"sqlite:///{folder / 'look.db'}"
    first = _sweep(database, folder / "day-1.ndjson.gz")
    second = _sweep(database, folder / "day-2.ndjson.gz")
    return Look(
        count=count,
        first=first,
        second=second,
        counted=json.loads(second.printed),
        changed_count=len(json.loads((folder / "changed.json").read_bytes())),
        common=usual("common", folder, min(COMMON_SAMPLE, count)),
        careful=usual("careful", folder, min(CAREFUL_SAMPLE, count)),
    )


def usual(kind: str, folder: Path, count: int) -> float:
    """CPU seconds a study that a usual way takes over the first studies of a folder."""
    spent = run("-m", "tests.speed.usual_way", kind, str(folder), str(count))
    found = json.loads(spent.printed)
    seconds: float = found["cpu_seconds"] / found["studies"]
    return seconds


def _sweep(database: str, source: Path) -> Spent:
    command = ("-m", "ctmonitor.cli", "--db", database, "--json")
    return run(*command, "sweep", str(source), "--no-dispatch")
