"""How hard a server is asked: how often, how long, how many times, and when not any more."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from ctmonitor.errors import SourceUnreadable
from ctmonitor.sources.names import printable
from ctmonitor.sources.reasons import lasting

_LONGEST_WAIT: Final = 60.0
_LONGEST_RETRY_AFTER: Final = 900.0


@dataclass(frozen=True, slots=True)
class Manners:
    """Which server is asked, and how hard."""

    url: str
    """The address that paths are below: `https://clinicaltrials.gov/api/v2`."""
    rate: float = 1.0
    """Requests a second."""
    contact: str | None = None
    """Who to write to about our requests."""
    request_seconds: float = 120.0
    """The longest one request may take, with its whole body."""
    look_seconds: float = 14_400.0
    """The longest that all requests of one client may take, with the waits between them."""
    tries: int = 6
    first_wait: float = 1.0
    """Seconds before the second try; each further wait is twice as long, up to a minute."""

    def __post_init__(self) -> None:
        split = urlsplit(self.url)
        if split.scheme not in ("http", "https") or not split.hostname:
            raise ValueError(f"{self.url!r} is no address of a server")
        if min(self.rate, self.request_seconds, self.look_seconds, self.tries) <= 0:
            raise ValueError("rate, seconds and tries are above zero")

    @property
    def name(self) -> str:
        """The server as people call it: its address without credentials."""
        return server_name(self.url)


@dataclass(slots=True)
class Pace:
    """When the next request is due, and how long it may take."""

    manners: Manners
    sleep: Callable[[float], object] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random
    next_at: float = -math.inf
    ends_at: float | None = None
    """When all requests are over; the first one sets it."""

    def turn(self) -> float:
        """Wait until a request is due; the seconds it may take."""
        self._pause(self.next_at - self.monotonic())
        begun_at = self.monotonic()
        self.next_at = begun_at + 1 / self.manners.rate
        left = math.inf if self.ends_at is None else self.ends_at - begun_at
        return min(self.manners.request_seconds, left)

    def back_off(self, tries: int, asked_for: float, why: str) -> None:
        """Wait after so many tries in vain: longer each time, and as long as the server asks."""
        own = min(_LONGEST_WAIT, self.manners.first_wait * 2 ** (tries - 1))
        self._pause(max(own * (1 + self.jitter()) / 2, asked_for), f"; {why}")

    def allow(self, seconds: float) -> None:
        """Do not count so many seconds that were well spent among those of all requests."""
        if self.ends_at is not None:
            self.ends_at += seconds

    def asked_for(self, text: str | None) -> float:
        """The seconds in a Retry-After; 0 when it says nothing that can be read."""
        text = (text or "").strip()
        if text.isascii() and text.isdigit():
            return min(float(text), _LONGEST_RETRY_AFTER)
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, TypeError, OverflowError):
            return 0.0
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return min(max((until - self.now()).total_seconds(), 0.0), _LONGEST_RETRY_AFTER)

    def _pause(self, seconds: float, why: str = "") -> None:
        """Wait, unless the time for all requests would be over then."""
        if self.ends_at is None:
            self.ends_at = self.monotonic() + self.manners.look_seconds
        if self.monotonic() + max(seconds, 0.0) >= self.ends_at:
            given = lasting(self.manners.look_seconds)
            raise SourceUnreadable(
                self.manners.name, f"asking it may take {given}, and that is not enough{why}"
            )
        if seconds > 0:
            self.sleep(seconds)


def server_name(address: str) -> str:
    """The server of an address, without credentials."""
    split = urlsplit(address)
    host = split.netloc.rpartition("@")[2]
    return printable(urlunsplit((split.scheme, host, "", "", "")))
