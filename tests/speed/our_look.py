"""One look of ours at an archive, measured."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.speed.spent import Failed, run

LONG = 20.0
"""CPU seconds from which a look is not repeated."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look took, and what it said it found."""

    work: float
    """CPU seconds from its call to its end, with the processes it started."""
    whole: float
    """The same with the start and the end of the process."""
    peak_mb: float
    """Of the largest of its processes."""
    found: dict[str, Any]


class NotThere(Exception):
    """The program does not know the option yet."""


def look(database: Path, source: Path, *options: str) -> Look:
    """Let the command line look at an archive; NotThere for an option it does not know."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "spent.json"
        words = ("--db", f"sqlite:///{database}", "--json", "sweep", str(source), "--no-dispatch")
        try:
            whole = run("-m", "tests.speed.warmed", str(told), *words, *options)
        except Failed as problem:
            if "unrecognized arguments" in str(problem):
                raise NotThere(f"{' '.join(options)} is not there yet") from None
            raise
        spent = json.loads(told.read_bytes())
    peak = max(spent["own_peak_mb"], spent["child_peak_mb"])
    return Look(spent["cpu_seconds"], whole.cpu_seconds, peak, json.loads(whole.printed))


def look_again(
    loaded: Path,
    source: Path,
    options: Sequence[str] = (),
    *,
    rounds: int,
    left: Callable[[Path], None] = lambda database: None,
) -> Look:
    """The look of median work of several, each at a copy of a loaded store.

    `left` is shown the store that the last of them leaves, before it is thrown away.
    """
    looks: list[Look] = []
    while len(looks) < rounds and not (looks and looks[-1].work > LONG):
        with tempfile.TemporaryDirectory(dir=loaded.parent) as folder:
            copied = Path(folder) / loaded.name
            shutil.copyfile(loaded, copied)
            looks.append(look(copied, source, *options))
            if len(looks) == rounds or looks[-1].work > LONG:
                left(copied)
    return sorted(looks, key=lambda one: one.work)[len(looks) // 2]
