"""What a fast look costs, as a formula: T = a + b x studies + c x changed, fitted to looks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.speed.made_archive import ONLY_DATES, Course, archives
from tests.speed.our_look import look, look_again

CHANGED = (0.2, 1.0, 5.0, 19.0, 20.0)
"""With flips and new studies the last is more than a fifth, where a look may read everything."""

COURSES = (ONLY_DATES, *(Course(percent, shuffled=0) for percent in CHANGED))
"""Terms in another order would be a second kind of difference, and are left out."""

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One look: CPU seconds of its work, at how much."""

    studies: int
    changed: int
    """Changed and new ones."""
    percent: float
    seconds: float
    way: str = ""
    """How the look says that it was made: above some share of changes it reads everything."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A formula for the seconds of a look."""

    fixed: float
    a_study: float
    a_change: float

    def at(self, point: Point) -> float:
        """The seconds that the formula gives."""
        return self.fixed + self.a_study * point.studies + self.a_change * point.changed


def cost_lines(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """The looks at up to N studies, the formulas fitted to them, and what these leave over."""
    points = [
        point
        for count in sizes(int(environ.get("N", "60000")))
        for point in _points(count, folder, environ)
    ]
    # Plain squares fit the dearest looks best, relative ones the cheapest.
    fast = [point for point in points if point.way != "deep"]
    plain, relative = fitted(fast), fitted(fast, is_relative=True)
    lines = [
        "What a fast look costs, CPU s = a + b x studies + c x changed; fits to what stayed fast"
    ]
    for name, fit in (("least squares", plain), ("least relative squares", relative)):
        lines.append(
            f"  {name:<24} a {fit.fixed:.3f} s   b {1e6 * fit.a_study:.3f} us a study"
            f"   c {1e3 * fit.a_change:.3f} ms a changed study"
        )
    heads = f"{'studies':>9} {'changed':>15} {'seen s':>8} {'fit s':>8}"
    lines.append(f"  {heads} {'off by':>7} {'other fit':>9}")
    return lines + [_line(point, plain, relative) for point in points]


def sizes(count: int) -> list[int]:
    """How many studies are looked at: N, a tenth, and where that is many a hundredth of it."""
    return [size for size in (count // 100, count // 10, count) if size >= min(count // 10, 6_000)]


def fitted(points: Sequence[Point], *, is_relative: bool = False) -> Fit:
    """The formula that leaves the least squares over, in seconds or in shares of what was seen."""
    seen = np.array([point.seconds for point in points])
    terms = np.array([(1, point.studies, point.changed) for point in points], dtype=float)
    weights = 1 / seen if is_relative else np.ones(len(points))
    found = np.linalg.lstsq(terms * weights[:, None], seen * weights, rcond=None)[0]
    return Fit(*(float(value) for value in found))


def _points(count: int, folder: Path, environ: Mapping[str, str]) -> Iterator[Point]:
    made = archives(count, COURSES, environ=environ)
    store = folder / f"{count}.db"
    look(store, made[ONLY_DATES] / "day-1.zip")
    for course in COURSES:
        told = json.loads((made[course] / "changed.json").read_bytes())["day-2"]
        one = look_again(store, made[course] / "day-2.zip", rounds=ROUNDS)
        moved = len(told["changed"]) + len(told["new"])
        yield Point(count, moved, course.changed, one.work, one.found.get("way") or "")
    store.unlink()


def _line(point: Point, plain: Fit, relative: Fit) -> str:
    at, share = plain.at(point), relative.at(point) / point.seconds - 1
    return (
        f"  {point.studies:9,} {point.changed:8,} {point.percent:4g} % {point.seconds:8.3f}"
        f" {at:8.3f} {100 * (at / point.seconds - 1):+6.0f}% {100 * share:+8.0f}%  {point.way}"
    )
