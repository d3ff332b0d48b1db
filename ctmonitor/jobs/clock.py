"""Our clock, and the day that a job believes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time to a job; a replay moves it to another day, and the hour goes on.

    `day` None means the date in `zone`. What a job sees is written under `at()`; leases and
    waits go by `now()`, which nothing moves.
    """

    zone: tzinfo = UTC
    day: date | None = None

    @property
    def today(self) -> date:
        """The date that rules believe in."""
        return self.day or self.now().astimezone(self.zone).date()

    def now(self) -> datetime:
        """This instant."""
        return datetime.now(UTC)

    def at(self) -> datetime:
        """This instant, on the day believed in."""
        if self.day is None:
            return self.now()
        local = self.now().astimezone(self.zone)
        return local.replace(year=self.day.year, month=self.day.month, day=self.day.day).astimezone(
            UTC
        )

    def end_of(self, day: date) -> datetime:
        """The instant at which a day is over, in the zone."""
        return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)

    def start_of(self, day: date) -> datetime:
        """The instant at which a day begins, in the zone."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)
