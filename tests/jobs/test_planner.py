"""Which way a look takes, by what is known before it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ctmonitor.jobs.planner import FULL_UP_TO, ROWS_UP_TO, Situation, Way, choose, since
from ctmonitor.store.looks import Proven

NOW = "2026-03-12T09:00:05"
LATER = "2026-03-13T09:00:05"
MANY = FULL_UP_TO + 1
HUGE = ROWS_UP_TO + 1


def _proven(ago: int = 0, *, scope: str = "same", listed: int = MANY) -> Proven:
    """A complete look at a release of so many days ago."""
    day = date(2026, 3, 12) - timedelta(days=ago)
    return Proven(f"{day}T09:00:05", scope, listed)


def _list(*, count: int = MANY, full: int = 1, ago: int = 1, **known) -> Situation:
    """A watch list that was looked at before; `full` and `ago` are days."""
    looks = {"last": _proven(ago), "last_full": _proven(full), "last_listing": _proven(ago)}
    return Situation(**{**_SAME, "is_all": False, "count": count, **looks, **known})


def _all(
    *, full: int = 1, listing: int = 1, ago: int = 1, listed: int = HUGE, **known
) -> Situation:
    """The whole registry, which was looked at before."""
    looks = {
        "last": _proven(ago, listed=listed),
        "last_full": _proven(full, listed=listed),
        "last_listing": _proven(listing, listed=listed),
    }
    return Situation(**{**_SAME, "is_all": True, "count": 0, **looks, **known})


def _on(day: str, listed_on: str) -> Situation:
    """The whole registry on a day, last listed on another."""
    listing = Proven(f"{listed_on}T09:00:05", "same", HUGE)
    looks = {"last": listing, "last_full": listing, "last_listing": listing}
    return Situation(**{**_SAME, "is_all": True, "count": 0, "release": f"{day}T09:00:05", **looks})


_SAME = {"scope_digest": "same", "release": NOW, "today": date(2026, 3, 12)}
_NEVER = {"last": None, "last_full": None, "last_listing": None}
_ASKED_FULL, _ASKED_STATUS = {"asked": Way.FULL}, {"asked": Way.STATUS}
_ASKED_SINCE = {"asked": Way.INCREMENTAL}

TABLE = {
    "a list never looked at": (_list(**_NEVER), Way.FULL, "no complete look"),
    "everything, never looked at": (_all(**_NEVER), Way.FULL, "no complete look"),
    "a list never read whole": (_list(last_full=None), Way.FULL, "no complete look"),
    "everything, never listed": (_all(last_listing=None), Way.FULL, "no complete look"),
    "rows asked for before any look": (_list(**_NEVER, **_ASKED_STATUS), Way.FULL, "no complete"),
    "postings asked for before any look": (_all(**_NEVER, **_ASKED_SINCE), Way.FULL, "no compl"),
    "a list in the same release": (_list(ago=0), Way.NOTHING_NEW, f"still the release of {NOW}"),
    "a short list in the same release": (_list(count=1, ago=0), Way.NOTHING_NEW, "still"),
    "everything in the same release": (_all(ago=0), Way.NOTHING_NEW, "still the release"),
    "the same release long after": (_list(ago=0, full=90), Way.NOTHING_NEW, "still"),
    "the same release, other numbers": (
        _list(ago=0, scope_digest="other"),
        Way.STATUS,
        "more than 1,000",
    ),
    "the same release, few other numbers": (
        _list(count=3, ago=0, scope_digest="other"),
        Way.FULL,
        "no more than 1,000",
    ),
    "the same release, another question": (
        _all(ago=0, scope_digest="other"),
        Way.INCREMENTAL,
        "listed on",
    ),
    "the same release, asked whole": (_list(ago=0, **_ASKED_FULL), Way.FULL, "asked for"),
    "the same release, asked for rows": (_list(ago=0, **_ASKED_STATUS), Way.STATUS, "asked for"),
    "the same release, asked since": (_all(ago=0, **_ASKED_SINCE), Way.INCREMENTAL, "asked for"),
    "an older release": (_list(latest_release=LATER), Way.STALE, f"older than {LATER}"),
    "an older release, asked whole": (
        _all(latest_release=LATER, **_ASKED_FULL),
        Way.STALE,
        "older than",
    ),
    "an older release, never looked at": (
        _list(**_NEVER, latest_release=LATER),
        Way.STALE,
        "older than",
    ),
    "the latest release, seen by another look": (_list(latest_release=NOW), Way.STATUS, "more"),
    "1,000 studies": (_list(count=1_000), Way.FULL, "no more than 1,000 studies"),
    "1,001 studies": (_list(count=1_001), Way.STATUS, "more than 1,000 studies"),
    "few studies, asked for rows": (_list(count=3, **_ASKED_STATUS), Way.STATUS, "asked for"),
    "many studies, asked whole": (_list(**_ASKED_FULL), Way.FULL, "asked for"),
    "a list read whole 6 days ago": (_list(full=6), Way.STATUS, "more than 1,000 studies"),
    "a list read whole 7 days ago": (_list(full=7), Way.FULL, "last whole look was of 2026-03-05"),
    "a list of twice as many as then": (_list(count=2 * MANY), Way.STATUS, "more than 1,000"),
    "a list of more than twice as many": (_list(count=2 * MANY + 1), Way.FULL, "not read whole"),
    "a registry of 1,000": (_all(listed=FULL_UP_TO), Way.FULL, "no more than 1,000"),
    "a registry of 1,001": (_all(listed=MANY), Way.STATUS, "more than 1,000"),
    "a registry of 100,000": (_all(listed=ROWS_UP_TO), Way.STATUS, "more than 1,000"),
    "a registry of 100,000, read whole 7 days ago": (
        _all(listed=ROWS_UP_TO, full=7),
        Way.FULL,
        "was of 2026-03-05",
    ),
    "everything, the day after": (_all(), Way.INCREMENTAL, "listed on 2026-03-11"),
    "everything, listed 6 days ago": (_all(listing=6), Way.INCREMENTAL, "listed on 2026-03-06"),
    "everything, listed 7 days ago": (_all(listing=7), Way.STATUS, "was of 2026-03-05"),
    "everything, read whole 29 days ago": (_all(full=29), Way.INCREMENTAL, "listed on"),
    "everything, read whole 30 days ago": (_all(full=30), Way.FULL, "was of 2026-02-10"),
    "everything, asked for rows": (_all(**_ASKED_STATUS), Way.STATUS, "asked for"),
    "everything, asked since": (_all(listing=9, **_ASKED_SINCE), Way.INCREMENTAL, "asked for"),
    "the last day of a month": (_on("2026-03-31", "2026-03-30"), Way.STATUS, "of 2026-03-30"),
    "the day before the last": (_on("2026-03-30", "2026-03-27"), Way.INCREMENTAL, "listed"),
    "the day after a month's last listing": (
        _on("2026-04-01", "2026-03-31"),
        Way.INCREMENTAL,
        "listed",
    ),
    "a month that ends on a Saturday": (_on("2026-03-02", "2026-02-27"), Way.STATUS, "2026-02-27"),
    "a month that ends on the day of release": (
        _on("2026-02-28", "2026-02-27"),
        Way.STATUS,
        "of 2026-02-27",
    ),
    "the year's end": (_on("2026-01-01", "2025-12-30"), Way.STATUS, "of 2025-12-30"),
    "not asked yet, a short list": (_list(count=3, release=None), Way.FULL, "no more than"),
    "not asked yet, a long list": (_list(release=None), Way.STATUS, "more than 1,000"),
    "not asked yet, a week after": (_list(release=None, full=7), Way.FULL, "last whole look"),
    "not asked yet, everything": (_all(release=None), Way.INCREMENTAL, "listed on"),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_way_is_the_cheapest_that_misses_nothing(name):
    """Each row: what is known, the way that is taken, and why, in words for people."""
    situation, way, why = TABLE[name]
    choice = choose(situation)
    assert choice.way is way
    assert why in choice.why


def test_every_way_and_reason_is_in_the_table():
    """There is no way to look at the registry's API that no row of the table takes."""
    of_archives = {Way.FAST, Way.DEEP}
    assert {way for _, way, _ in TABLE.values()} == set(Way) - of_archives


def test_what_was_posted_is_asked_for_with_an_overlap():
    """A posting may show a day or two after its date, and over a weekend three."""
    assert since(_proven(0)) == date(2026, 3, 9)
