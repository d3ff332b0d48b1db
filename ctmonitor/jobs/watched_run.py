"""A look of which somebody outside is told how it went."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ctmonitor.delivery.ping import ping
from ctmonitor.jobs.sweep import Report

T = TypeVar("T")


def pinging(url: str | None, look: Callable[[], T], say: Callable[[str], None]) -> T:
    """What a look gives; the address is asked for when it was good, and with /fail when not.

    One that read nothing, of a release older than held or because another look is under way,
    says nothing either way. That nobody could be told is said, and changes nothing else.
    """
    try:
        given = look()
    except BaseException:
        _ping(url, False, say)
        raise
    if isinstance(given, Report) and given.state != "stale":
        _ping(url, given.is_complete and not given.held, say)
    return given


def _ping(url: str | None, is_good: bool, say: Callable[[str], None]) -> None:
    why = ping(url, is_good=is_good) if url else None
    if why is not None:
        say(f"CTMONITOR_PING_URL: {why}; whoever watches from outside was not told")
