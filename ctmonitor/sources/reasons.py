"""Why a server gave no answer, in words for people."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from typing import Protocol

import requests

_LONGEST = 300
_LOOKED_AT = 4096


class Plain(Protocol):
    """An answer, as far as words are looked for in it."""

    @property
    def body(self) -> bytes: ...

    @property
    def content_type(self) -> str: ...


def said_of(code: int) -> str:
    """A code with its meaning: `503 (Service Unavailable)`."""
    try:
        return f"{code} ({HTTPStatus(code).phrase})"
    except ValueError:
        return str(code)


def lasting(seconds: float) -> str:
    """A length of time: `4 hours`, `90 seconds`."""
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds >= length and seconds % length == 0:
            count = round(seconds / length)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    number = f"{seconds:.3g}" if seconds < 100 else f"{seconds:.0f}"
    return f"{number} second{'' if number == '1' else 's'}"


def said(error: BaseException) -> str:
    """What went wrong with a connection."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return f"no safe connection could be made ({cause.reason or 'TLS'})"
        if isinstance(cause, socket.gaierror):
            return "its name was not found"
        if isinstance(cause, ConnectionRefusedError):
            return "it refused the connection"
    for cause in causes:
        if isinstance(cause, requests.ConnectTimeout):
            return "it could not be reached in time"
        if isinstance(cause, TimeoutError | requests.Timeout):
            return "it said nothing for too long"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy could not be used"
    return "its answer was broken off"


def words_in(answer: Plain) -> str | None:
    """A refusal in the server's own words, on one line; None when it is no plain text."""
    if answer.content_type != "text/plain":
        return None
    text = answer.body[:_LOOKED_AT].decode("utf-8", "replace")
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(shown.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that lies behind it."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
            waiting += cause.args
