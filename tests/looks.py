"""Looks at made studies, so that a test has a history in a line or two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ctmonitor.formats import Piece, Reject
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.intake import PIECES_AT_ONCE
from ctmonitor.jobs.sweep import Plan, Report, sweep
from ctmonitor.store import Store
from tests.builders import a_payload

TODAY = "2026-03-02"
Given = bytes | str | Reject | BaseException | Callable[[], object]


@dataclass(frozen=True, slots=True)
class Pile:
    """A source of what a test gives it, in order.

    An error in it is raised when it is reached, and a function called.
    """

    given: Sequence[Given]
    name: str = "a pile"

    def pieces(self) -> Iterator[Piece | Reject]:
        """Everything given, as pieces."""
        for number, one in enumerate(self.given, start=1):
            if isinstance(one, BaseException):
                raise one
            if callable(one):
                one()
                continue
            payload = one.encode() if isinstance(one, str) else one
            is_reject = isinstance(payload, Reject)
            yield payload if is_reject else Piece(self.name, f"piece {number}", payload)


@dataclass(frozen=True, slots=True)
class SetClock(Clock):
    """A clock that a test sets; an hour passes only when the test says so."""

    moments: list[datetime] = field(default_factory=lambda: [datetime(2026, 3, 2, 9, tzinfo=UTC)])

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.moments[-1]

    def pass_time(self, **more: float) -> None:
        """Let some time go by; `hours=1`, as a timedelta is made."""
        self.moments.append(self.now() + timedelta(**more))


def clock_on(today: str) -> Clock:
    """A clock of a replay, on that day."""
    return Clock(day=date.fromisoformat(today))


def look(
    store: Store,
    *given: Given,
    today: str = TODAY,
    name: str = "a pile",
    **plan: Any,
) -> Report:
    """Sweep over what is given, on a day; `plan` is the rest of the sweep's plan."""
    plan = {"clock": clock_on(today), **plan}
    return sweep(store, Pile(given, name), Plan(**plan))


def a_full_batch(*first: bytes) -> list[bytes]:
    """Pieces that fill one batch exactly: these, and one study over and over."""
    return [*first, *[a_payload(nct_id="NCT09999999")] * (PIECES_AT_ONCE - len(first))]


def studies(count: int, **fields: Any) -> list[bytes]:
    """So many made studies, alike but for their numbers, from NCT00000001 on."""
    numbers = (f"NCT{number:08d}" for number in range(1, count + 1))
    return [a_payload(nct_id=number, **fields) for number in numbers]
