"""Whether the watch itself goes on: one check for each way in which it could fall silent."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.scope import ALL_WATCHED, REGISTRY, scope_named
from ctmonitor.store import Store
from ctmonitor.store import health as asked
from ctmonitor.store.health import Made

INTERVALS = 2
LATEST_OWED = timedelta(minutes=15)
OLDEST_PROOF = timedelta(days=7)
LEAST_FREE = 0.05
SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    `why` may be read by anybody; `names` are the watch lists or addresses that it is about.
    """

    name: str
    is_well: bool
    why: str
    names: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """The check as an object of JSON that anybody may read."""
        return {"name": self.name, "ok": self.is_well, "why": self.why}


@dataclass(frozen=True, slots=True)
class Health:
    """All checks at one instant."""

    checks: tuple[Check, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing needs a person."""
        return all(check.is_well for check in self.checks)

    def plain(self) -> dict[str, Any]:
        """The checks as an object of JSON that anybody may read."""
        return {"ok": self.is_well, "checks": [check.plain() for check in self.checks]}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the checks judge; `free` is the part of the disk that is free, None if unknown."""

    looks: Mapping[str, datetime] = field(default_factory=dict)
    lists: Sequence[Made] = ()
    oldest_due: datetime | None = None
    dead: int = 0
    not_working: Sequence[str] = ()
    proved_at: datetime | None = None
    begun_at: datetime | None = None
    free: float | None = None


def health(store: Store, clock: Clock, interval: timedelta) -> Health:
    """How well the watch goes on now, where a sweep is to be made every `interval`."""
    with store.reading() as tx:
        seen = Seen(
            looks=asked.last_looks(tx),
            lists=asked.lists_made(tx),
            oldest_due=asked.oldest_due(tx),
            dead=asked.dead_letters(tx),
            not_working=asked.not_working(tx),
            proved_at=asked.last_proof(tx),
            begun_at=asked.first_act(tx),
            free=_free(asked.file_of(store)),
        )
    return judge(seen, clock.now(), interval, clock.zone)


def judge(seen: Seen, now: datetime, interval: timedelta, zone: tzinfo) -> Health:
    """What was seen, judged at an instant; the weekends of a zone do not count as time."""
    return Health(
        (
            _sweeps(seen, now, interval, zone),
            _owed(seen.oldest_due, now),
            _dead(seen.dead),
            _destinations(seen.not_working),
            _proof(seen, now),
            _disk(seen.free),
        )
    )


def not_well(name: str, why: str) -> Health:
    """The health of what could not even be asked."""
    return Health((Check(name, is_well=False, why=why),))


def working_time(since: datetime, until: datetime, zone: tzinfo) -> timedelta:
    """The time from one instant to another without the Saturdays and Sundays of a zone."""
    # The registry releases on weekdays; a day of a change of clocks is taken as it is on the wall.
    start, end = (one.astimezone(zone).replace(tzinfo=None) for one in (since, until))
    if end <= start:
        return timedelta()
    passed, day = timedelta(), start.replace(hour=0, minute=0, second=0, microsecond=0)
    while day < end:
        if day.weekday() < SATURDAY:
            passed += max(timedelta(), min(end, day + _DAY) - max(start, day))
        day += _DAY
    return passed


def _sweeps(seen: Seen, now: datetime, interval: timedelta, zone: tzinfo) -> Check:
    """A look at everything covers each list; one at files only where no other is ever made."""
    lasts = _last_by_list(seen)
    if not lasts:
        return Check("sweep", False, "nothing is watched, and nothing was swept yet")
    late = [
        name for name, last in lasts.items() if working_time(last, now, zone) > INTERVALS * interval
    ]
    oldest = min(lasts.values())
    since = f"{oldest:%Y-%m-%dT%H:%M:%SZ}"
    ago = said(now - oldest)
    if late:
        many = f" of {len(late):,} watch lists" if len(late) > 1 else ""
        why = f"no good sweep{many} since {since}, {ago} ago; one is due every {said(interval)}"
        return Check("sweep", False, why, tuple(name for name in late if name))
    if oldest not in seen.looks.values():
        return Check("sweep", True, f"watched since {since}; the first sweep is still to come")
    return Check("sweep", True, f"the last good sweep was at {since}, {ago} ago")


def _last_by_list(seen: Seen) -> dict[str, datetime]:
    """When each watch list was last swept, or made; under no name, the whole registry."""
    known = {REGISTRY, ALL_WATCHED, *(scope_named(one.name) for one in seen.lists)}
    looks = {scope: at for scope, at in seen.looks.items() if scope in known}
    if not looks and seen.looks:
        looks = {REGISTRY: max(seen.looks.values())}
    if not seen.lists:
        return {"": looks[REGISTRY]} if REGISTRY in looks else {}
    return {one.name: _last_of(one, looks) for one in seen.lists}


def _last_of(one: Made, looks: Mapping[str, datetime]) -> datetime:
    scopes = [REGISTRY] if one.is_all else [REGISTRY, ALL_WATCHED, scope_named(one.name)]
    return max([one.at, *(looks[scope] for scope in scopes if scope in looks)])


def _owed(oldest: datetime | None, now: datetime) -> Check:
    if oldest is None:
        return Check("owed", True, "nothing is owed")
    if oldest > now:
        return Check("owed", True, f"what is owed leaves from {oldest:%Y-%m-%dT%H:%M:%SZ} on")
    late = said(now - oldest)
    if now - oldest <= LATEST_OWED:
        return Check("owed", True, f"the oldest message was to leave {late} ago")
    why = f"a message was to leave {late} ago; `ctmonitor dispatch` sends what is owed"
    return Check("owed", False, why)


def _dead(count: int) -> Check:
    if not count:
        return Check("dead letters", True, "none was given up")
    messages = "1 message was" if count == 1 else f"{count:,} messages were"
    why = f"{messages} given up; `ctmonitor dispatch --list` says why"
    return Check("dead letters", False, why)


def _destinations(addresses: Sequence[str]) -> Check:
    if not addresses:
        return Check("destinations", True, "every address is sent to")
    many = "1 address is" if len(addresses) == 1 else f"{len(addresses):,} addresses are"
    return Check("destinations", False, f"{many} not sent to, having failed", tuple(addresses))


def _proof(seen: Seen, now: datetime) -> Check:
    """Before the first proof, the age is that of the journal."""
    last = seen.proved_at or seen.begun_at
    if last is None:
        return Check("proof", True, "nothing is kept yet that could be proved")
    what = "what is kept was proved" if seen.proved_at else "never proved; the journal was begun"
    why = f"{what} {said(now - last)} ago"
    if now - last <= OLDEST_PROOF:
        return Check("proof", True, why)
    return Check("proof", False, f"{why}; `ctmonitor verify` proves it")


def _disk(free: float | None) -> Check:
    if free is None:
        return Check("disk", True, "the database's own disk is not seen from here")
    why = f"{100 * free:.1f} % of the disk is free"
    if free >= LEAST_FREE:
        return Check("disk", True, why)
    return Check("disk", False, f"only {why}; make room, or nothing more can be kept")


def said(span: timedelta) -> str:
    """A span in its largest whole unit: `3 days`, `26 hours`, `5 minutes`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size, least in (("day", 86_400, 3), ("hour", 3_600, 2), ("minute", 60, 1)):
        if seconds >= size * least:
            number = seconds // size
            return f"{number:,} {unit}{'' if number == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _free(file: Path | None) -> float | None:
    """The part of a file's disk that is free; None without a file, or where nobody tells."""
    if file is None:
        return None
    try:
        usage = shutil.disk_usage(file.parent)
    except OSError:
        return None
    return usage.free / usage.total if usage.total else None
