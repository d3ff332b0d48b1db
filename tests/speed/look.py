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
        ours = self.second.cpu_seconds
        return [
            f"Second look at {self.count:,} studies, {self.changed_count} of them changed"
            f" (found: {self.counted['changed']})",
            f"  ours                     {ours:9.2f} CPU s   peak {self.second.peak_mb:5.0f} MB"
            f"   (bar: {BAR_MB} MB)",
            f"  first look, for the record {self.first.cpu_seconds:7.2f} CPU s"
            f"   peak {self.first.peak_mb:5.0f} MB",
            *self._against("usual, date compared too", self.common, COMMON_SAMPLE),
            *self._against("usual, date left out", self.careful, CAREFUL_SAMPLE),
        ]

    def _against(self, name: str, each: float, sample: int) -> list[str]:
        scaled = each * self.count
        return [
            f"  {name:<24} {scaled:9.2f} CPU s   ours is {scaled / self.second.cpu_seconds:.0f}"
            f" times faster (bar: {BAR_TIMES}); scaled from {min(sample, self.count):,} studies",
        ]


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
