"""`compare` on one pair of records, against DeepDiff on the same two trees.

python -m tests.speed.compared
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from deepdiff import DeepDiff

from ctmonitor.changes import compare
from ctmonitor.formats import read_study, study_from
from ctmonitor.records import Record
from tests.speed.edits import EDITS, mark_as_sent, settle
from tests.speed.made_registry import studies

REAL_PAIRS = Path(__file__).parents[3] / "shared" / "ctgov" / "pairs"
MEAN_BYTES, LARGE_BYTES = 17_000, 150_000
BAR_MEAN_MS, BAR_LARGE_MS = 0.3, 5.0
_RELEASED = date(2026, 3, 3)
_KINDS = (
    "enrollment",
    "location-added",
    "locations-reordered",
    "primary-outcome",
    "eligibility-criteria",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """Milliseconds of CPU that one pair takes, ours and DeepDiff's."""

    name: str
    size: int
    change_count: int
    ours: float
    usual: float

    def line(self) -> str:
        """The figures as one line of a table."""
        bar = BAR_LARGE_MS if self.size > 2 * MEAN_BYTES else BAR_MEAN_MS
        return (
            f"  {self.name:<38} {self.size / 1000:6.1f} kB {self.change_count:3d} changes"
            f" {self.ours:7.3f} ms (bar {bar})  DeepDiff {self.usual:8.1f} ms"
            f"  {self.usual / self.ours:5.0f} times"
        )


def made_pairs() -> Iterator[tuple[str, Record, Record]]:
    """A study of mean size and one as large as the 99th percentile, edited in several ways."""
    made = [study for study in studies(2_000, seed=1) if _has_three_locations(study)]
    for name, size in (("mean", MEAN_BYTES), ("99th percentile", LARGE_BYTES)):
        study = min(made, key=lambda study: abs(len(orjson.dumps(study)) - size))
        for kind in _KINDS:
            yield f"{name}: {kind}", *_pair(study, (kind,))
        yield f"{name}: all five at once", *_pair(study, _KINDS)


def real_pairs(folder: Path = REAL_PAIRS) -> Iterator[tuple[str, Record, Record]]:
    """Of the real pairs, where there are any: two by size, and the one we are slowest on."""
    pairs = [
        (read_study(earlier.read_bytes()), read_study(earlier.with_name("later.json").read_bytes()))
        for earlier in sorted(folder.glob("*/earlier.json"))
    ]
    pairs = [pair for pair in pairs if compare(*pair)]
    if not pairs:
        return
    for name, size in (("real, near the mean", MEAN_BYTES), ("real, large", LARGE_BYTES)):
        yield name, *min(pairs, key=lambda pair: abs(len(pair[0].canonical) - size))
    slowest = max(pairs, key=lambda pair: _median_cpu(lambda: compare(*pair), rounds=1))
    yield f"real, slowest of {len(pairs)}", *slowest


def measured(name: str, before: Record, after: Record) -> Compared:
    """What a pair takes; the median of several rounds."""
    return Compared(
        name=name,
        size=len(before.canonical),
        change_count=len(compare(before, after)),
        ours=1000 * _median_cpu(lambda: compare(before, after), rounds=9),
        usual=1000 * _median_cpu(lambda: DeepDiff(before.content, after.content), rounds=3),
    )


def _has_three_locations(study: dict[str, Any]) -> bool:
    """Whether every edit below finds something to change."""
    protocol = study["protocolSection"]
    located = protocol.get("contactsLocationsModule", {}).get("locations", ())
    return len(located) > 2 and "outcomesModule" in protocol


def _pair(study: dict[str, Any], kinds: tuple[str, ...]) -> tuple[Record, Record]:
    before, after = copy.deepcopy(study), copy.deepcopy(study)
    rng = random.Random("a pair")
    for kind in kinds:
        EDITS[kind](after, rng, _RELEASED)
    mark_as_sent(after, _RELEASED)
    settle(after, _RELEASED)
    return study_from(before), study_from(after)


def _median_cpu(act: Callable[[], object], *, rounds: int) -> float:
    """CPU seconds of one call: each round repeats it for 20 ms at least."""
    seconds = []
    for _ in range(rounds):
        calls, began = 0, time.process_time()
        while (spent := time.process_time() - began) < 0.02:
            act()
            calls += 1
        seconds.append(spent / calls)
    return sorted(seconds)[rounds // 2]


def main() -> None:
    """Print one line a pair."""
    for pairs in (made_pairs(), real_pairs()):
        for name, before, after in pairs:
            print(measured(name, before, after).line())


if __name__ == "__main__":
    main()
