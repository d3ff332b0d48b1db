"""What asking the registry has come to over one look, and which release each answer was of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SAME_WITHIN = timedelta(minutes=1)
"""Servers may tell one release's instant with a second's difference; two releases are far apart."""


@dataclass(frozen=True, slots=True)
class Handful:
    """Studies that came with one page and were not handed over before in its release.

    `done` of `expected` requests of this listing are answered; `place` is where to go on.
    """

    studies: tuple[tuple[str | None, bytes], ...]
    release: str | None
    done: int
    expected: int | None
    place: dict[str, Any]


@dataclass(slots=True)
class Tale:
    """What asking has come to over one look: for its certificate."""

    known: str | None = None
    """The latest release of earlier looks."""
    before: str | None = None
    """The release that the first answer was of."""
    after: str | None = None
    """The latest release that any answer was of."""
    pages: int = 0
    rereads: int = 0
    duplicates: int = 0
    older: int = 0
    unsigned: int = 0
    """Answers that did not say of which release they were."""
    doubted: int = 0
    """Answers by number that did not hold as many studies as they counted."""

    def named(self, release: str | None) -> str | None:
        """A release as it was named before, where only seconds differ."""
        for name in (self.after, self.known):
            if release and name and _is_near(release, name):
                return name
        return release

    def is_older(self, release: str | None) -> bool:
        """Take note of an answer's release; whether it is older than one seen before."""
        if release is None:
            self.unsigned += 1
            return False
        if self.after is not None and release < self.after:
            self.older += 1
            return True
        self.before = self.before or release
        self.after = release
        return False


def _is_near(release: str, other: str) -> bool:
    if release == other or release[:10] != other[:10]:
        return release == other
    one, two = datetime.fromisoformat(release), datetime.fromisoformat(other)
    return abs(one - two) <= SAME_WITHIN
