"""A watchman outside is told, in one request, and whatever it does harms nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ctmonitor.delivery import ping as pinging
from ctmonitor.delivery.ping import ping
from tests.delivery.dripping import dripping


@contextmanager
def watchman(code: int = 200) -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that answers so; gives its address and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(code)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("path", "is_good", "asked"),
    [
        ("/ping/a-secret", True, "/ping/a-secret"),
        ("/ping/a-secret", False, "/ping/a-secret/fail"),
        ("/ping?rid=1", False, "/ping/fail?rid=1"),
    ],
)
def test_one_request_says_how_it_went(path, is_good, asked):
    """The address itself when it went well, with /fail behind it when not."""
    with watchman() as (url, heard):
        assert ping(f"{url}{path}", is_good=is_good) is None
    assert heard == [asked]


@pytest.mark.parametrize("code", [302, 404, 500])
def test_a_watchman_that_was_not_told_is_said(code):
    """A redirection is not followed; no reason repeats the address, which may hold a secret."""
    with watchman(code) as (url, heard):
        why = ping(f"{url}/a-secret", is_good=True)
    assert why and why.startswith(f"it answered {code}") and "a-secret" not in why
    assert heard == ["/a-secret"]


def test_a_watchman_that_is_not_there_harms_nothing():
    """Neither a closed port nor a name that is none is an error of ours."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/a-secret", "http://[::bad/a-secret"):
        why = ping(url, is_good=True)
        assert why and why.startswith("it could not be reached") and "a-secret" not in why


def test_a_watchman_that_says_nothing_is_not_waited_for(monkeypatch):
    """A server that takes the request and never answers holds a sweep up for seconds only."""
    monkeypatch.setattr(pinging, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert ping(url, is_good=True) == "it took too long to answer"


def test_a_watchman_that_drips_is_left(monkeypatch):
    """Whatever it does, a sweep waits for it no longer than this."""
    monkeypatch.setattr(pinging, "SECONDS", 0.6)
    begun = time.monotonic()
    with dripping() as (port, _):
        assert ping(f"http://127.0.0.1:{port}/", is_good=True)
    assert time.monotonic() - begun < 4
