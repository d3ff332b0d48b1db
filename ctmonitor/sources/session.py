"""Requests that say who asks, and that go where we see."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests

import ctmonitor
from ctmonitor.sources.deadline import Lines, Tied
from ctmonitor.sources.names import printable
from ctmonitor.sources.pace import Manners


def session(manners: Manners, lines: Lines) -> requests.Session:
    """Requests that say who asks, on connections that are held in `lines`."""
    opened = _Session()
    letters = [letter for letter in manners.contact or "" if letter.isascii()]
    contact = f" (+{printable(''.join(letters))})" if letters else ""
    opened.headers.update(
        {
            "User-Agent": f"ctmonitor/{ctmonitor.__version__}{contact}",
            "Accept-Encoding": "gzip",
        }
    )
    adapter = Tied(lines)
    for scheme in ("http://", "https://"):
        opened.mount(scheme, adapter)
    return opened


def is_same_server(one: str, other: str) -> bool:
    """Whether two addresses are of one server; ValueError for an address that is none."""
    return _server(one) == _server(other)


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: redirects are followed here, and there the body would be read without a bound."""
        return None


def _server(address: str) -> tuple[str, str | None, int | None]:
    split = urlsplit(address)
    return split.scheme, split.hostname, split.port or {"http": 80, "https": 443}.get(split.scheme)
