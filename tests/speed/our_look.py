"""One look of ours at an archive, measured."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.speed.spent import FINISHED, Failed, run

LONG = 20.0
"""CPU seconds from which a look is not repeated."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look took, and what it said it found."""

    work: float
    """CPU seconds from its call to its end, with the processes it started."""
    whole: float
    """CPU seconds of a process as the command line starts it, from its start to its end."""
    peak_mb: float
    """Of the largest of its processes."""
    found: dict[str, Any]


class NotThere(Exception):
    """The program does not know the option yet."""


def look(database: Path, source: Path, *options: str) -> Look:
    """Let the command line look at an archive; NotThere for an option it does not know.

    Its code is loaded first, all that a look may need: the whole and the peak count that too.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "spent.json"
        words = (*_words(database, source), *options)
        try:
            whole = run("-m", "tests.speed.warmed", str(told), *words)
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
    """The look of median work of several, each at a copy of a loaded store; one more, started as
    usual, says what the whole process takes.

    `left` is shown the store that this one leaves, before it is thrown away.
    """
    looks: list[Look] = []
    while len(looks) < rounds and not (looks and looks[-1].work > LONG):
        with _copied(loaded) as database:
            looks.append(look(database, source, *options))
    middle = sorted(looks, key=lambda one: one.work)[len(looks) // 2]
    with _copied(loaded) as database:
        words = (*_words(database, source), *options)
        usual = run("-m", "ctmonitor.cli", *words, well=FINISHED)
        left(database)
    return replace(middle, whole=usual.cpu_seconds, peak_mb=usual.peak_mb)


@contextmanager
def _copied(loaded: Path) -> Iterator[Path]:
    """A copy of a store that is thrown away."""
    with tempfile.TemporaryDirectory(dir=loaded.parent) as folder:
        yield Path(shutil.copyfile(loaded, Path(folder) / loaded.name))


def _words(database: Path, source: Path) -> tuple[str, ...]:
    return ("--db", f"sqlite:///{database}", "--json", "sweep", str(source), "--no-dispatch")
