"""Tell a watchman outside that a sweep went well, or that it did not: one request, no more."""

from __future__ import annotations

import requests

from ctmonitor import __version__
from ctmonitor.delivery.hushed import hushed
from ctmonitor.delivery.reach import reaching
from ctmonitor.delivery.words import answered

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 5.0
SECONDS = 15.0
"""The longest that it may take in all, however slowly the watchman talks."""


def ping(url: str, *, is_good: bool) -> str | None:
    """Ask for an address, with `/fail` behind it when it did not go well.

    Gives why it could not be told, or None. Never raises: whoever waits for it will notice. The
    address may hold a secret, so no reason repeats it.
    """
    asked = url if is_good else _failing(url)
    try:
        with hushed(), reaching(SECONDS, may_be_private=True), requests.Session() as session:
            session.trust_env = False
            with session.get(
                asked,
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
                stream=True,
                headers={"User-Agent": f"ctmonitor/{__version__}"},
            ) as answer:
                if answer.status_code // 100 == 2:
                    return None
                return answered(answer.status_code)
    except requests.Timeout:
        return "it took too long to answer"
    except (requests.RequestException, UnicodeError, ValueError) as problem:
        return f"it could not be reached ({type(problem).__name__})"


def _failing(url: str) -> str:
    """The address with `/fail` at the end of its path, before any question mark."""
    path, mark, rest = url.partition("?")
    return f"{path.rstrip('/')}/fail{mark}{rest}"
