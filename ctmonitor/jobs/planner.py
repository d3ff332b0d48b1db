"""Choose how to look at the registry: the cheapest way that misses nothing it should see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ctmonitor.store.looks import Proven

FULL_UP_TO = 1_000
"""Studies of which every look reads the whole record: a handful of requests."""
FULL_EVERY = timedelta(days=7)
"""Longest time between whole looks at a list: what the registry changes silently shows in them."""
ROWS_UP_TO = 100_000
"""Studies of which every look reads at least the row: a hundred requests."""
FULL_REGISTRY_EVERY = timedelta(days=30)
ROWS_EVERY = timedelta(days=7)
"""Longest time between listings of a larger registry; it is listed after a month's end, too."""
MOSTLY_NEW = 2
"""A list of more than so many times the studies that the last whole look had is read whole."""
OVERLAP = timedelta(days=3)
"""How far before the last complete look an incremental one begins."""


class Way(StrEnum):
    """How a look is made."""

    NOTHING_NEW = "nothing-new"
    """The registry still shows the release of the last complete look: one request, done."""
    FULL = "full"
    """Every study's whole record."""
    STATUS = "status"
    """Every study's row of the few fields that flip; the whole record of those that differ."""
    INCREMENTAL = "incremental"
    """What was posted since, and by number what was due to flip."""
    FAST = "fast"
    """Of an archive, what its directory does not prove unchanged."""
    DEEP = "deep"
    """Of an archive, every study."""
    STALE = "stale"
    """The registry shows an older release than before: nothing is read."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known before a look: its scope, the looks before it, what the registry shows.

    `count` is how many studies a list has, about, and 0 of the whole registry.
    `last_listing` is the last complete look that saw every study of the scope, whole or as a row.
    `release` None means that the registry was not asked yet, and shows a new one.
    """

    is_all: bool
    count: int
    scope_digest: str
    release: str | None
    last: Proven | None = None
    last_full: Proven | None = None
    last_listing: Proven | None = None
    latest_release: str | None = None
    asked: Way | None = None
    """The way that the operator asked for."""
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A way, and why it was chosen, in words."""

    way: Way
    why: str


def choose(now: Situation) -> Choice:
    """The way to look; see `Situation`. The first reason that holds decides."""
    if now.release and now.latest_release and now.release < now.latest_release:
        why = f"the registry shows the release of {now.release}, older than {now.latest_release}"
        return Choice(Way.STALE, why)
    if now.asked is Way.FULL:
        return Choice(Way.FULL, "asked for")
    if now.last is None or now.last_full is None or now.last_listing is None:
        return Choice(Way.FULL, "no complete look at these studies before")
    is_same = now.release == now.last.release and now.scope_digest == now.last.scope_digest
    if now.asked is None and is_same:
        return Choice(Way.NOTHING_NEW, f"still the release of {now.release}")
    if now.asked is Way.STATUS or (now.asked is Way.INCREMENTAL and now.is_all):
        return Choice(now.asked, "asked for")
    return _by_size(now, now.last_full, now.last_listing)


def _by_size(now: Situation, last_full: Proven, last_listing: Proven) -> Choice:
    count = last_listing.listed if now.is_all else now.count
    if count <= FULL_UP_TO:
        return Choice(Way.FULL, f"no more than {FULL_UP_TO:,} studies")
    day = day_of_release(now.release) if now.release else now.today
    every = FULL_REGISTRY_EVERY if count > ROWS_UP_TO else FULL_EVERY
    if day is not None and day - last_full.data_date >= every:
        return Choice(Way.FULL, f"the last whole look was of {last_full.data_date}")
    if count > MOSTLY_NEW * last_full.listed:
        # Rows of studies that we do not hold only lead to their records: one request more.
        return Choice(Way.FULL, "most of these studies were not read whole before")
    if not now.is_all or count <= ROWS_UP_TO:
        return Choice(Way.STATUS, f"more than {FULL_UP_TO:,} studies")
    listed_on = last_listing.data_date
    if day is None or day - listed_on >= ROWS_EVERY or _months(day) != _months(listed_on):
        return Choice(Way.STATUS, f"the last listing of all studies was of {listed_on}")
    return Choice(Way.INCREMENTAL, f"all studies were listed on {listed_on}")


def since(last: Proven) -> date:
    """The first posting date that an incremental look asks for."""
    return last.data_date - OVERLAP


def day_of_release(release: str) -> date:
    """The day of a release's timestamp."""
    return date.fromisoformat(release[:10])


def _months(day: date) -> int:
    """The month that a day counts to: the registry turns a month's records on its last day."""
    after = day + timedelta(days=1)
    return after.year * 12 + after.month
