"""How far a look has come: a bar on a terminal, a line a page elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, counted

if TYPE_CHECKING:
    from ctmonitor.jobs.sweep import Progress

BAR = 20
WIDEST = 110
MEGABYTE = 1_000_000
FETCHED = 100 * MEGABYTE
"""Bytes of a download between two lines about it."""
_FULL, _EMPTY = "#", "."


class Gauge:
    """Pages answered of those expected, over all parts of one look, and how fast.

    A look may have several parts, and read one again; each counts its own pages from one.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._started = monotonic()
        self._before = 0
        self._part = 0
        self._skipped: int | None = None
        self.done = 0
        self.expected: int | None = None
        self.studies = 0
        self.changed = 0
        self.is_of_studies = False

    def take(self, progress: Progress) -> None:
        """Take a sign of progress in; one without pages has only counts."""
        self.studies, self.changed = progress.counts.received, progress.counts.changed
        if not progress.done:
            return
        self.is_of_studies = progress.is_of_studies
        if progress.done <= self._part:
            self._before += self._part
        self._part = progress.done
        self.done = self._before + progress.done
        self.expected = self._before + progress.expected if progress.expected else None
        if self._skipped is None:
            # A look that goes on from another one begins in the middle.
            self._skipped = 0 if self.is_of_studies else progress.done - 1

    @property
    def percent(self) -> float | None:
        """How much of the pages expected until now is done; None where that is not known."""
        return min(100.0, 100 * self.done / self.expected) if self.expected else None

    @property
    def seconds_left(self) -> float | None:
        """How long the pages still expected will take, at the pace until now."""
        if not self.expected or self._skipped is None:
            return None
        read = self.done - self._skipped
        return self._seconds / read * max(self.expected - self.done, 0)

    def line(self) -> str:
        """`page 3 of 67: 450 studies, 4 changed, 150 a second, 64 s left`; `450 of 9,000: ...`."""
        return f"{self._pages()}{', '.join(self._parts())}"

    def bar(self, width: int) -> str:
        """`[####......] page 3 of 67: 450 studies, ...`, as much of it as there is room for."""
        parts = self._parts()
        percent = self.percent
        drawn = "" if percent is None else f"[{_drawn(percent)}] {percent:3.0f} % "
        shown = f"{drawn}{self._pages()}{parts[0]}"
        # What is left to wait matters more than what has changed.
        for part in (*reversed(parts[2:]), parts[1]):
            if len(shown) + len(part) + 2 <= width:
                shown = f"{shown}, {part}"
        return shown[:width]

    @property
    def _seconds(self) -> float:
        return max(self._monotonic() - self._started, 0.001)

    def _pages(self) -> str:
        if not self.done:
            return ""
        of = f" of {self.expected:,}" if self.expected else ""
        # Studies are counted behind it.
        return f"{self.done:,}{of}: " if self.is_of_studies else f"page {self.done:,}{of}: "

    def _parts(self) -> list[str]:
        left = self.seconds_left
        return [
            counted(self.studies, "study", "studies"),
            f"{self.changed:,} changed",
            f"{self.studies / self._seconds:,.0f} a second",
            *([f"{lasting(left)} left"] if left and left >= 1 else []),
        ]


@contextmanager
def shown(call: Call) -> Iterator[Callable[[Progress], None] | None]:
    """What to do with each sign of progress of one look; None when nobody wants to see it."""
    if call.args.quiet:
        yield None
        return
    gauge = Gauge()
    if not sys.stderr.isatty():
        yield lambda progress: _told(call, gauge, progress)
        return
    width = min(shutil.get_terminal_size().columns - 1, WIDEST)
    sys.stderr.write("\rasking ...")
    sys.stderr.flush()
    try:
        yield lambda progress: _drawn_anew(gauge, progress, width)
    finally:
        # Whatever is said next begins on an empty line.
        sys.stderr.write(f"\r{' ' * width}\r")
        sys.stderr.flush()


def fetching(call: Call) -> Callable[[int, int | None], None]:
    """What to do with each sign of a download: a line for every hundred megabytes."""
    told = 0

    def tell(done: int, expected: int | None) -> None:
        nonlocal told
        if done // FETCHED != told:
            told = done // FETCHED
            of = f" of {expected / MEGABYTE:,.0f}" if expected else ""
            call.say(f"{done / MEGABYTE:,.0f}{of} MB fetched")

    return tell


def lasting(seconds: float) -> str:
    """`64 s`, `12 min`, `3 h 5 min`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"


def _told(call: Call, gauge: Gauge, progress: Progress) -> None:
    gauge.take(progress)
    if progress.done:
        call.say(gauge.line())


def _drawn_anew(gauge: Gauge, progress: Progress, width: int) -> None:
    gauge.take(progress)
    sys.stderr.write(f"\r{gauge.bar(width).ljust(width)}")
    sys.stderr.flush()


def _drawn(percent: float) -> str:
    full = int(percent * BAR / 100)
    return _FULL * full + _EMPTY * (BAR - full)
