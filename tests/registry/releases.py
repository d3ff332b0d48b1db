"""What the registry holds: one release a working day, one of them on show."""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

Study = dict[str, Any]
NUMBER = re.compile(r"^[Nn][Cc][Tt]0*([1-9]\d{0,7})$", re.ASCII)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, eq=False)
class Release:
    """All studies as one release shows them, in the order they are served."""

    data_timestamp: str
    """UTC without a zone, as /version says it: `2026-03-02T09:00:05`."""
    studies: tuple[Study, ...]

    def __post_init__(self) -> None:
        times = Counter(number_of(study) for study in self.studies)
        doubled = sorted(number for number, count in times.items() if count > 1)
        if doubled:
            raise ValueError(f"a release has each study once, not {', '.join(doubled)}")

    @property
    def etag(self) -> str:
        """The tag of every answer from this release; its last part is the release's instant."""
        instant = datetime.fromisoformat(self.data_timestamp).replace(tzinfo=UTC)
        return f"5a4d1c7/0.34.1/{_base36(int(instant.timestamp() * 1000))}"

    def without(self, *numbers: str) -> Release:
        """The same release with some studies gone."""
        kept = (study for study in self.studies if number_of(study) not in numbers)
        return replace(self, studies=tuple(kept))

    def shuffled(self, seed: int) -> Release:
        """The same release served in another order."""
        order = random.Random(seed).sample(self.studies, len(self.studies))
        return replace(self, studies=tuple(order))


class Registry:
    """Releases in the order they come out; the first is on show until `advance`."""

    def __init__(self, *releases: Release, tokens_outlive_releases: bool = False) -> None:
        self._releases = list(releases)
        self._place = 0
        self._lock = threading.Lock()
        self.tokens_outlive_releases = tokens_outlive_releases
        """Whether a page token stays good after a refresh, so that a crawl is torn unnoticed."""

    @property
    def current(self) -> Release:
        """The release on show."""
        with self._lock:
            return self._releases[self._place]

    def advance(self) -> Release:
        """Show the next release; the last one stays."""
        return self._move(1)

    def step_back(self) -> Release:
        """Show the release before, as an older replica does."""
        return self._move(-1)

    def replace(self, release: Release) -> None:
        """Put another release in the place of the one on show."""
        with self._lock:
            self._releases[self._place] = release

    def add(self, release: Release) -> None:
        """Bring a release out after all others; it is not on show yet."""
        with self._lock:
            self._releases.append(release)

    def _move(self, steps: int) -> Release:
        with self._lock:
            self._place = min(max(self._place + steps, 0), len(self._releases) - 1)
            return self._releases[self._place]


def a_release(day: str, studies: Iterable[Study]) -> Release:
    """A release of that day, 09:00:05 UTC, its date in every study; a full timestamp is kept."""
    data_timestamp = day if "T" in day else f"{day}T09:00:05"
    held_by = data_timestamp[:10]
    return Release(data_timestamp, tuple(_stamped(study, held_by) for study in studies))


@lru_cache(maxsize=16)
def sizes(release: Release) -> tuple[tuple[int, str], ...]:
    """The bytes of each study's JSON with its number, largest first."""
    told = ((len(orjson.dumps(study)), number_of(study)) for study in release.studies)
    return tuple(sorted(told, reverse=True))


@lru_cache(maxsize=16)
def by_number(release: Release) -> Mapping[str, Study]:
    """Each study by its number."""
    return {number_of(study): study for study in release.studies}


@lru_cache(maxsize=16)
def by_alias(release: Release) -> Mapping[str, str]:
    """The number that each former number now leads to."""
    return {alias: number_of(study) for study in release.studies for alias in aliases(study)}


def number_of(study: Study) -> str:
    """A study's own number."""
    return study["protocolSection"]["identificationModule"]["nctId"]


def aliases(study: Study) -> Iterator[str]:
    """The numbers a study had before."""
    yield from study["protocolSection"]["identificationModule"].get("nctIdAliases", ())


def spelled(number: str) -> str | None:
    """A number as the registry writes it, from any way to write it; None when it is none."""
    found = NUMBER.match(number)
    return f"NCT{int(found[1]):08d}" if found else None


def _stamped(study: Study, held_by: str) -> Study:
    derived = study.get("derivedSection", {})
    misc = {**derived.get("miscInfoModule", {}), "versionHolder": held_by}
    return {**study, "derivedSection": {**derived, "miscInfoModule": misc}}


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
