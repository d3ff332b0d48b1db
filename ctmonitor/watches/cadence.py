"""When what is owed may leave: at once, with the run, or at an hour in somebody's own zone.

Instants in, instants out; no clock is read here. Where clocks are put forward, a time that does not
exist is the first instant after it; where they are put back, a time that comes twice is the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ctmonitor.alerts import Severity

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_SPAN = re.compile(r"(?:([a-z]{3})(?:-([a-z]{3}))? )?(\d\d:\d\d)-(\d\d:\d\d)", re.ASCII)


class Pace(StrEnum):
    """How what is owed is gathered; the most urgent first."""

    NOW = "now"
    RUN = "run"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often somebody hears of a watch list: `now`, `run`, `daily 08:00`, `weekly mon 08:00`.

    `now` is a message a study, `run` one digest of all that a run found.
    """

    pace: Pace = Pace.RUN
    at: time | None = None
    weekday: int | None = None

    @classmethod
    def parse(cls, text: str) -> Cadence:
        """The cadence in words; ValueError says what it may be."""
        pace, *rest = text.strip().lower().split()
        if pace in (Pace.NOW, Pace.RUN) and not rest:
            return cls(Pace(pace))
        if pace == Pace.DAILY and len(rest) == 1:
            return cls(Pace.DAILY, _time(rest[0]))
        if pace == Pace.WEEKLY and len(rest) == 2 and rest[0] in WEEKDAYS:
            return cls(Pace.WEEKLY, _time(rest[1]), WEEKDAYS.index(rest[0]))
        raise ValueError(
            f"{text[:40]!r} is no cadence; write now, run, daily HH:MM or weekly mon HH:MM"
        )

    def __str__(self) -> str:
        if self.at is None:
            return str(self.pace)
        day = "" if self.weekday is None else f"{WEEKDAYS[self.weekday]} "
        return f"{self.pace} {day}{self.at:%H:%M}"

    @property
    def rank(self) -> int:
        """0 for the most urgent; sorts by how soon it tells."""
        return list(Pace).index(self.pace)

    def leaves_at(self, owed_at: datetime, zone: ZoneInfo) -> datetime:
        """The instant at which what came to be owed at one is to leave.

        A time of the day is the next one after it; a local day that does not exist has none.
        """
        if self.at is None:
            return owed_at
        first = owed_at.astimezone(zone).date()
        for day in (first + count * _DAY for count in range(-1, 16)):
            if self.weekday in (None, day.weekday()):
                instant = _instant(day, self.at, zone)
                if instant > owed_at and instant.astimezone(zone).date() == day:
                    return instant
        raise AssertionError("no week is without any of its days twice")  # pragma: no cover


@dataclass(frozen=True, slots=True)
class Span:
    """Some hours of some weekdays; of one that ends before it begins, the end is the next day's."""

    weekdays: frozenset[int]
    start: time
    end: time | None
    """None means midnight at the end of the day."""

    def ends(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """When the hours end that a moment lies in; None where it lies in none."""
        today = moment.astimezone(zone).date()
        for day in (today - _DAY, today):
            if day.weekday() in self.weekdays:
                is_over_midnight = self.end is None or self.end <= self.start
                last = day + _DAY if is_over_midnight else day
                end = _instant(last, self.end or time(0), zone)
                if _instant(day, self.start, zone) <= moment < end:
                    return end
        return None


@dataclass(frozen=True, slots=True)
class Manner:
    """How one subscriber is to be told: zone, hours of quiet, and what breaks them."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    quiet: tuple[Span, ...] = ()
    breaks_quiet: Severity = Severity.CRITICAL

    def leaves_at(self, cadence: Cadence, worst: Severity, owed_at: datetime) -> datetime:
        """The instant at which alerts are to leave, the worst of which is so severe.

        Hours of quiet hold it until their end, and never drop it.
        """
        leaves = cadence.leaves_at(owed_at, self.zone)
        if worst.rank <= self.breaks_quiet.rank:
            return leaves
        # Hours may end where others begin; a week is enough to come out of those that ever end.
        for _ in range(len(self.quiet) * 8):
            ends = [end for span in self.quiet if (end := span.ends(leaves, self.zone))]
            if not ends:
                break
            leaves = max(ends)
        return leaves


def spans(text: str) -> tuple[Span, ...]:
    """The hours in `mon-fri 18:00-08:00, sat-sun 00:00-24:00`; ValueError for anything else."""
    found = tuple(_span(part.strip().lower()) for part in text.split(",") if part.strip())
    if found and _is_always(found):
        raise ValueError("it leaves no hour in which anything could be told")
    return found


def _span(text: str) -> Span:
    written = _SPAN.fullmatch(text)
    if written is None:
        raise ValueError(f"{text[:40]!r} are no hours; write mon-fri 18:00-08:00, or 22:00-06:00")
    first, last, start, end = written.groups()
    return Span(_weekdays(first, last), _time(start), None if end == "24:00" else _time(end))


def _weekdays(first: str | None, last: str | None) -> frozenset[int]:
    if first is None:
        return frozenset(range(7))
    for name in (first, last):
        if name not in (*WEEKDAYS, None):
            raise ValueError(f"{name!r} is no weekday; write {', '.join(WEEKDAYS)}")
    begin = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(last) - begin) % 7 if last else 0
    return frozenset((begin + count) % 7 for count in range(length + 1))


def _is_always(found: tuple[Span, ...]) -> bool:
    """Whether every minute of a week lies in some of the hours."""
    monday, manner = datetime(2026, 3, 2, tzinfo=UTC), Manner(quiet=found)
    ends = manner.leaves_at(Cadence(), Severity.LOW, monday)
    return any(span.ends(ends, manner.zone) for span in found)


def _time(text: str) -> time:
    written = _TIME.fullmatch(text)
    if written is None:
        raise ValueError(f"{text[:20]!r} is no time of the day; write HH:MM")
    return time(int(written[1]), int(written[2]))


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a local time; the first after it where it does not exist."""
    instant = datetime.combine(day, at, zone).astimezone(UTC)
    if instant.astimezone(zone).time() == at:
        return instant
    # By the offset after the gap, the same time lies before it: between both, clocks moved.
    before = datetime.combine(day, at.replace(fold=1), zone).astimezone(UTC)
    offset = instant.astimezone(zone).utcoffset()
    while before < instant and before.astimezone(zone).utcoffset() != offset:
        before += timedelta(minutes=1)
    return before
