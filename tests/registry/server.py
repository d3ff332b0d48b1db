"""The server on loopback, and what it heard."""

from __future__ import annotations

import gzip
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.registry.answers import BASE, not_found, usual_answer
from tests.registry.faults import Fault, On, Script
from tests.registry.messages import Answer, Asked
from tests.registry.releases import Registry
from tests.registry.wire import Wire, ends_hard, whole

LOOPBACK = "127.0.0.1"
_SMALL = 500
"""Bytes that are not worth packing."""


class Served:
    """A registry that is being served: where it is, and what was asked of it."""

    def __init__(self, registry: Registry, faults: Iterable[On] = (), *, port: int = 0) -> None:
        self.registry = registry
        self.script = Script(tuple(faults))
        self.asked: list[Asked] = []
        self.struck: list[tuple[int, str]] = []
        """The number of each request that something went wrong with, and what it was."""
        self.sent: list[tuple[str, int]] = []
        """The path of each request that was answered, and the bytes of its answer that left."""
        self.troubles: list[BaseException] = []
        """The stand-in's own mistakes."""
        self.closing = threading.Event()
        self.port = port
        self._lock = threading.Lock()
        self._door = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._servers: list[_Server] = []
        self._waiting: list[threading.Thread] = []
        self._is_up = False
        self.pick_up()

    @property
    def url(self) -> str:
        """The API's base, as the real one's ends: `/api/v2`."""
        return f"http://{LOOPBACK}:{self.port}{BASE}"

    def paths(self) -> list[str]:
        """The path of every request so far."""
        return [asked.path for asked in list(self.asked)]

    def pick_up(self) -> None:
        """Take connections, if that is not done yet."""
        with self._door:
            if self._is_up:
                return
            server = _Server((LOOPBACK, self.port), self)
            self.port = server.server_address[1]
            self._servers.append(server)
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            self._is_up = True

    def hang_up(self) -> None:
        """Refuse connections until `pick_up`; those that are open stay."""
        with self._door:
            if self._is_up:
                self._servers[-1].shutdown()
                self._servers[-1].socket.close()
                self._is_up = False

    def go_away(self, seconds: float) -> None:
        """Refuse connections for so many seconds."""
        self.hang_up()

        def come_back() -> None:
            if not self.closing.wait(seconds):
                self.pick_up()

        thread = threading.Thread(target=come_back, daemon=True)
        self._waiting.append(thread)
        thread.start()

    def close(self) -> None:
        """End every connection and wait for the threads."""
        self.closing.set()
        for thread in self._waiting:
            thread.join()
        self.hang_up()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for server in self._servers:
            server.server_close()

    def hear(self, target: str, headers: dict[str, str]) -> tuple[Asked, Fault | None]:
        """Note a request, and what will go wrong with it."""
        split = urlsplit(target)
        with self._lock:
            asked = Asked(
                number=len(self.asked) + 1,
                path=split.path.removeprefix(BASE),
                query=dict(parse_qsl(split.query, keep_blank_values=True)),
                headers=headers,
                at=time.monotonic(),
                target=target,
            )
            self.asked.append(asked)
        fault = self.script.fault_for(asked)
        if fault is not None:
            self.struck.append((asked.number, fault.name))
        return asked, fault

    def hold(self, connection: socket.socket) -> None:
        """Remember an open connection; one that came too late is ended."""
        with self._lock:
            self._connections.add(connection)
            if self.closing.is_set():
                connection.shutdown(socket.SHUT_RDWR)

    def release(self, connection: socket.socket) -> None:
        """Forget a connection that ended."""
        with self._lock:
            self._connections.discard(connection)


@contextmanager
def serving(registry: Registry, *faults: On, port: int = 0) -> Iterator[Served]:
    """A registry on loopback while the block runs; the stand-in's own mistakes end it."""
    served = Served(registry, faults, port=port)
    try:
        yield served
    finally:
        served.close()
    if served.troubles:
        raise served.troubles[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], served: Served) -> None:
        self.served = served
        super().__init__(address, _Handler)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection; one that is to be reset without a farewell."""
        if ends_hard(request):
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep a mistake of ours; a client that went away is none."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.served.troubles.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.served.hold(self.connection)

    def finish(self) -> None:
        self.server.served.release(self.connection)
        super().finish()

    def do_GET(self) -> None:
        """Answer one request, or fail as the script says."""
        served = self.server.served
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked, fault = served.hear(self.path, headers)
        wire = Wire(self.connection, served.closing)
        if fault is not None:
            fault.before(served)
        answer = _answered(asked, served.registry)
        if fault is not None:
            answer = fault.remake(answer, asked, served.registry)
        if fault is None or not fault.is_plain:
            answer = _packed(answer, asked)
        with suppress(OSError):
            (whole if fault is None else fault.send)(answer, wire)
        served.sent.append((asked.path, wire.sent))
        self.close_connection = self.close_connection or wire.is_over

    def log_message(self, *_: Any) -> None:
        """Say nothing; `Served.asked` is the log."""


def _answered(asked: Asked, registry: Registry) -> Answer:
    return usual_answer(asked, registry) if asked.target.startswith(f"{BASE}/") else not_found()


def _packed(answer: Answer, asked: Asked) -> Answer:
    """The answer as gzip where the client takes it and it is worth it."""
    is_packed = answer.content_type == "application/zip"
    if len(answer.body) < _SMALL or is_packed or not asked.takes("gzip"):
        return answer
    headers = tuple(
        (name, f'{value[:-1]}-gzip"' if name == "ETag" else value) for name, value in answer.headers
    )
    told = (*headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return replace(answer, body=gzip.compress(answer.body, 1), headers=told)
