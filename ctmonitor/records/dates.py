"""Dates as the registry writes them: known to the day, the month or only the year."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

LAST_YEAR = 9_000
"""Later years are no dates of a study, and days counted from them would leave the calendar."""

_WRITTEN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A registry date; `month` and `day` are None where the registry does not say them."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise ValueError("a day needs a month")
        if self.year > LAST_YEAR:
            raise ValueError(f"a year after {LAST_YEAR}")
        date(self.year, _or_first(self.month), _or_first(self.day))

    @staticmethod
    @lru_cache(maxsize=50_000)  # more than the days of a century; what is refused is not kept
    def parse(text: str) -> PartialDate:
        """The date in `2024`, `2024-02` or `2024-02-29`; ValueError for anything else."""
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise ValueError(f"{text[:40]!r} is not a date as YYYY, YYYY-MM or YYYY-MM-DD")
        year, month, day = (None if part is None else int(part) for part in written.groups())
        try:
            return PartialDate(year or 0, month, day)
        except ValueError as problem:
            raise ValueError(f"{text!r} is not in the calendar") from problem

    def __str__(self) -> str:
        if self.month is None:
            return f"{self.year:04d}"
        if self.day is None:
            return f"{self.year:04d}-{self.month:02d}"
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"

    @property
    def first(self) -> date:
        """The first day this can mean."""
        return date(self.year, _or_first(self.month), _or_first(self.day))

    @property
    def last(self) -> date:
        """The last day this can mean; a month alone ends with its last day."""
        if self.month is None:
            return date(self.year, 12, 31)
        if self.day is None:
            return date(self.year, self.month, monthrange(self.year, self.month)[1])
        return date(self.year, self.month, self.day)

    def refines(self, other: PartialDate) -> bool:
        """Whether this says a day or month within `other`, only more exactly."""
        if other.day is not None or self == other:
            return False
        return other.first <= self.first <= self.last <= other.last


def _or_first(part: int | None) -> int:
    return 1 if part is None else part


def end_of_month_after(month: PartialDate, months: int) -> date:
    """The last day of the month that lies `months` after the month of `month`."""
    last = month.last
    count = last.year * 12 + last.month - 1 + months
    year, zero_based = divmod(count, 12)
    return date(year, zero_based + 1, monthrange(year, zero_based + 1)[1])


def same_day_after(day: date, years: int) -> date:
    """The same day some years later; 28 February for a 29th that is not there."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
