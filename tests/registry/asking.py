"""Small registries, and plain ways to ask a server."""

from __future__ import annotations

import socket
import time
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.builders import a_study
from tests.registry.releases import Registry, Release, a_release, number_of
from tests.registry.server import Served

DAYS = ("2026-03-02", "2026-03-03")


def some(count: int, **fields: Any) -> list[dict[str, Any]]:
    """So many studies, alike but for their numbers."""
    return [a_study(nct_id=f"NCT{number:08d}", **fields) for number in range(1, count + 1)]


def a_registry(*studies: dict[str, Any], count: int = 5, **options: bool) -> Registry:
    """Two releases of the same studies; some made ones when none are given."""
    return Registry(*(a_day(day, *studies or some(count)) for day in DAYS), **options)


def a_day(day: str, *studies: dict[str, Any]) -> Release:
    """A release of these studies."""
    return a_release(day, studies)


def ask(served: Served, path: str, **query: Any) -> requests.Response:
    """One request on a connection of its own; `_` in a parameter's name is a dot."""
    named = {name.replace("_", "."): value for name, value in query.items()}
    return requests.get(served.url + path, named, timeout=5, allow_redirects=False)


def crawl(served: Served, **query: Any) -> list[dict[str, Any]]:
    """Every page of a listing, until one has no token."""
    query["countTotal"] = "true"
    pages = [ask(served, "/studies", **query).json()]
    while token := pages[-1].get("nextPageToken"):
        pages.append(ask(served, "/studies", pageToken=token, **query).json())
    return pages


def numbers(*pages: dict[str, Any]) -> list[str]:
    """The numbers on some pages, in order."""
    return [number_of(study) for page in pages for study in page["studies"]]


def found(served: Served, **query: Any) -> list[str]:
    """The last digit of each study that a listing has."""
    return [number[-1] for number in numbers(*crawl(served, **query))]


def raw(served: Served, path: str = "/version", *, seconds: float = 2) -> bytes:
    """Everything a server sends to one request until it ends or the time is up."""
    deadline = time.monotonic() + seconds
    split = urlsplit(served.url)
    asked = f"GET {split.path}{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    heard = b""
    with socket.create_connection((split.hostname, split.port), seconds) as connection:
        connection.sendall(asked.encode())
        try:
            while part := connection.recv(65536):
                heard += part
                connection.settimeout(max(deadline - time.monotonic(), 0.001))
        except TimeoutError:
            pass
    return heard
