"""What the modules of one made study must agree on: number, size, status, dates, arms."""

from __future__ import annotations

import math
import random
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist

from tests.speed.prose import AGENTS, FIRMS, HOUSES, ILLNESSES, PEOPLE, pick

FIRST_NUMBER = 90_000_000
"""Far above the numbers that real studies have reached."""

NUMBERS = 7_000_000
_STEP = 2_654_437
"""Shares no factor with NUMBERS, so that every index has a number of its own."""

RESULTS_SHARE = 0.133
# Shares of 2023-10 over the whole registry; the rest is COMPLETED.
SHARES = {
    "RECRUITING": 0.137,
    "UNKNOWN": 0.135,
    "TERMINATED": 0.058,
    "NOT_YET_RECRUITING": 0.041,
    "ACTIVE_NOT_RECRUITING": 0.041,
    "WITHDRAWN": 0.028,
    "ENROLLING_BY_INVITATION": 0.008,
    "SUSPENDED": 0.0034,
    "WITHHELD": 0.0018,
    "NO_LONGER_AVAILABLE": 0.0009,
    "AVAILABLE": 0.0005,
    "APPROVED_FOR_MARKETING": 0.0004,
    "TEMPORARILY_NOT_AVAILABLE": 0.0001,
}
_WITH_RESULTS = {"TERMINATED": 0.12, "ACTIVE_NOT_RECRUITING": 0.03}
LAPSING = {
    "RECRUITING": 0.55,
    "NOT_YET_RECRUITING": 0.2,
    "ACTIVE_NOT_RECRUITING": 0.2,
    "ENROLLING_BY_INVITATION": 0.05,
}
STOPPED = frozenset({"SUSPENDED", "TERMINATED", "WITHDRAWN"})
EXPANDED = frozenset(
    {
        "NO_LONGER_AVAILABLE",
        "AVAILABLE",
        "APPROVED_FOR_MARKETING",
        "TEMPORARILY_NOT_AVAILABLE",
    }
)
_ENDED = frozenset({"COMPLETED", "TERMINATED", "WITHDRAWN"})
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Plan:
    """One made study before it is written out."""

    nct_id: str
    released: date
    size: int
    """About how many bytes the whole study takes."""
    has_results: bool
    shown: str
    """The overall status as the registry shows it."""
    submitted: str
    verified: date
    start: date
    completion: date
    first_posted: date
    last_posted: date
    sponsor: str
    official: str
    illness: str
    agents: tuple[str, ...]
    arms: tuple[str, ...]

    @property
    def is_ended(self) -> bool:
        """Whether its completion date is past for good."""
        return self.submitted in _ENDED

    @property
    def study_type(self) -> str:
        """The registry's type; three in four are interventional."""
        if self.shown in EXPANDED:
            return "EXPANDED_ACCESS"
        is_watched = not self.has_results and int(self.nct_id[3:]) % 4 == 0
        return "OBSERVATIONAL" if is_watched else "INTERVENTIONAL"


def plan_of(index: int, *, seed: int, rng: random.Random, released: date) -> Plan:
    """The plan of the study at a place; sizes and statuses are spread evenly over places."""
    spread, turn = (_spread(index, seed, step) for step in (0.7548776662, 0.5698402910))
    has_results = spread >= 1 - RESULTS_SHARE
    shown = _drawn(turn, _shares(has_results=has_results))
    submitted = shown if shown != "UNKNOWN" else _drawn(rng.random(), LAPSING)
    verified, completion = _ends(rng, shown, submitted, released)
    start = completion - timedelta(days=int(200 + 1600 * rng.random()))
    if submitted == "NOT_YET_RECRUITING" and shown != "UNKNOWN":
        start = released + timedelta(days=int(5 + 150 * rng.random()))
        completion = max(completion, start + timedelta(days=400))
    last = max(verified, released - timedelta(days=7000)) + timedelta(days=int(28 * rng.random()))
    last = min(last, released - timedelta(days=1))
    return Plan(
        nct_id=f"NCT{number_at(index, seed):08d}",
        released=released,
        size=_size(spread, has_results=has_results),
        has_results=has_results,
        shown=shown,
        submitted=submitted,
        verified=verified,
        start=start,
        completion=completion,
        first_posted=min(start + timedelta(days=int(90 * rng.random() - 60)), last),
        last_posted=last,
        sponsor=pick(rng, FIRMS if rng.random() < 0.35 else HOUSES),
        official=pick(rng, PEOPLE),
        illness=pick(rng, ILLNESSES),
        agents=tuple({pick(rng, AGENTS): None for _ in range(1 + int(rng.random() * 3))}),
        arms=("Treatment", "Placebo", "High Dose", "Usual Care")[: 1 + int(rng.random() * 4)],
    )


def number_at(index: int, seed: int) -> int:
    """The digits of the NCT number of the study at a place."""
    return FIRST_NUMBER + (index * _STEP + seed * 7919) % NUMBERS


def is_lapsed(submitted: str, *, verified: date, completion: date, released: date) -> bool:
    """Whether the registry shows UNKNOWN on a release date, both dates known to the day."""
    months = verified.year * 12 + verified.month - 1 + 24
    year, month = months // 12, months % 12 + 1
    unverified = date(year, month, monthrange(year, month)[1])
    return submitted in LAPSING and released >= unverified and completion < released


def months_before(day: date, months: int) -> date:
    """The first day of the month that lies some months before a day."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def _spread(index: int, seed: int, step: float) -> float:
    return (0.5 + seed * 0.137 + (index + 1) * step) % 1


def _shares(*, has_results: bool) -> dict[str, float]:
    if has_results:
        return _WITH_RESULTS
    return {
        status: (share - RESULTS_SHARE * _WITH_RESULTS.get(status, 0)) / (1 - RESULTS_SHARE)
        for status, share in SHARES.items()
    }


def _drawn(turn: float, shares: dict[str, float]) -> str:
    for status, share in shares.items():
        turn -= share
        if turn < 0:
            return status
    return "COMPLETED" if shares is not LAPSING else "RECRUITING"


def _size(spread: float, *, has_results: bool) -> int:
    """Lognormal in two parts, as 1,573 real records were: without and with results."""
    floor = 1 - RESULTS_SHARE
    within = (spread - floor) / RESULTS_SHARE if has_results else spread / floor
    z = _NORMAL.inv_cdf(min(max(within, 0.0005), 0.9995))
    median, sigma = (41_000, 0.92) if has_results else (9_800, 0.46)
    return int(median * math.exp(sigma * z))


def _ends(rng: random.Random, shown: str, submitted: str, released: date) -> tuple[date, date]:
    """The verified month and the completion day that make the registry show just this."""
    if shown == "UNKNOWN":
        verified = months_before(released, 25 + int(120 * rng.random() ** 2))
        return verified, released - timedelta(days=1 + int(2500 * rng.random()))
    if submitted in _ENDED:
        ended = int(30 + 6500 * rng.random() ** 1.4)
        later = ended // 30 - int(min(ended // 30, 30) * rng.random())
        return months_before(released, later), released - timedelta(days=ended)
    if rng.random() < 0.12:
        # Long unverified, held up by nothing but a completion date that is still to come.
        verified = months_before(released, 25 + int(40 * rng.random()))
        return verified, released + timedelta(days=int(1200 * rng.random() ** 1.5))
    verified = months_before(released, int(23.99 * rng.random() ** 2))
    return verified, released + timedelta(days=int(2400 * rng.random()) - 250)
