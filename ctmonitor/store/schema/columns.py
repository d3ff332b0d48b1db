"""What all tables share: the pattern of their names, and the kinds of their columns.

What people read as text (`NCT01234567`, `2026-03`, `2026-03-02T09:00:04.123456Z`, `RECRUITING`) is
kept as a number that orders the same way: there are millions of rows, and most of them are dates.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    TypeDecorator,
    text,
)

from ctmonitor.changes import Kind, MadeBy
from ctmonitor.records import DateType, OverallStatus

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer(), "sqlite")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def nct_code(nct_id: str) -> int:
    """The eight digits of a study number."""
    return int(nct_id[3:])


@lru_cache(maxsize=50_000)
def day_code(day: str) -> int:
    """A day, month or year as yyyymmdd; what is not said is 0, and so comes before its days."""
    return int(day.replace("-", "").ljust(8, "0"))


@lru_cache(maxsize=50_000)
def day_said(code: int) -> str:
    """The day, month or year of a code."""
    year, month, day = code // 10_000, code // 100 % 100, code % 100
    if day:
        return f"{year:04}-{month:02}-{day:02}"
    return f"{year:04}-{month:02}" if month else f"{year:04}"


def instant_code(instant: str) -> int:
    """Microseconds since 1970 of an instant in UTC."""
    return (datetime.fromisoformat(instant) - _EPOCH) // _MICROSECOND


def instant_said(code: int) -> str:
    """The instant of a code: `2026-03-02T09:00:04.123456Z`."""
    try:
        moment = (_EPOCH + code * _MICROSECOND).replace(tzinfo=None)
    except OverflowError:
        return f"not an instant: {code}"
    return f"{moment.isoformat(timespec='microseconds')}Z"


def _as_it_is(value: Any) -> str | None:
    """What a tampered row holds where it should hold a code: words that no code stands for."""
    return None if value is None else f"not a code: {value!r}"


class Nct(TypeDecorator[str]):
    """A study number, kept as its digits."""

    # Not INTEGER on SQLite, which as a key would put rows in order of their numbers: a registry
    # comes in another order, and every batch would touch every page.
    impl = BigInteger().with_variant(Integer(), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> int | None:
        return None if value is None else nct_code(value)

    def process_result_value(self, value: int | None, dialect: Any) -> str | None:
        return f"NCT{value:08}" if isinstance(value, int) else _as_it_is(value)


class Day(TypeDecorator[str]):
    """A day, a month or a year, kept as yyyymmdd."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> int | None:
        return None if value is None else day_code(value)

    def process_result_value(self, value: int | None, dialect: Any) -> str | None:
        return day_said(value) if isinstance(value, int) else _as_it_is(value)


class Instant(TypeDecorator[str]):
    """An instant in UTC, kept as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> int | None:
        return None if value is None else instant_code(value)

    def process_result_value(self, value: int | None, dialect: Any) -> str | None:
        return instant_said(value) if isinstance(value, int) else _as_it_is(value)


class Coded(TypeDecorator[str]):
    """One of a few words, kept as its place among them, from 1; words are only ever added."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, *words: str) -> None:
        super().__init__()
        self.words = words
        self.codes = {word: place for place, word in enumerate(words, start=1)}

    def process_bind_param(self, value: str | None, dialect: Any) -> int | None:
        return None if value is None else self.codes[value]

    def process_result_value(self, value: int | None, dialect: Any) -> str | None:
        if isinstance(value, int) and 0 < value <= len(self.words):
            return self.words[value - 1]
        return _as_it_is(value)


class Hex(TypeDecorator[str]):
    """A digest in hexadecimal digits, kept as so many of its first bytes."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        return None if value is None else bytes.fromhex(value)[: self.length]

    def process_result_value(self, value: bytes | None, dialect: Any) -> str | None:
        return value.hex() if isinstance(value, bytes) else _as_it_is(value)


def _words(kind: type[StrEnum], *order: str) -> Coded:
    """The words of an enumeration in the order of their codes, which new words must not disturb."""
    assert set(order) == {str(word) for word in kind}
    return Coded(*order)


Status = _words(
    OverallStatus,
    *("ACTIVE_NOT_RECRUITING", "COMPLETED", "ENROLLING_BY_INVITATION", "NOT_YET_RECRUITING"),
    *("RECRUITING", "SUSPENDED", "TERMINATED", "WITHDRAWN", "AVAILABLE", "NO_LONGER_AVAILABLE"),
    *("TEMPORARILY_NOT_AVAILABLE", "APPROVED_FOR_MARKETING", "WITHHELD", "UNKNOWN"),
)
"""An overall status, in the order in which the registry's API lists them."""
TypeOfDate = _words(DateType, "ACTUAL", "ESTIMATED")
KindOfChange = _words(
    Kind,
    *("added", "removed", "changed", "later", "earlier", "more-exact", "less-exact"),
    *("markup", "cosmetic", "reworded", "numbers"),
)
ByWhom = _words(MadeBy, "sponsor", "registry")


def number(name: str, *, default: int = 0) -> Column[int]:
    """A column that counts, from `default` on."""
    return Column(name, Integer, nullable=False, server_default=text(str(default)))
