"""A bound in wall-clock time for a whole request: what drips is cut off.

The timeouts of sockets bound one read, so a server that sends a byte now and then is never late.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event, Lock, Timer
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection


class Lines:
    """The open connections of one client, and what ends them all when time is up."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: dict[HTTPConnection, socket.socket] = {}
        self._running: Event | None = None
        self._timer: Timer | None = None

    @contextmanager
    def bounded(self, seconds: float) -> Iterator[Event]:
        """Cut every connection once the block lasts longer; the event says that it was done."""
        past = Event()
        with self._lock:
            self._running = past
            self._start(seconds, past)
        try:
            yield past
        finally:
            with self._lock:
                self._running = None
                self._stop()
                self._let_go()

    def renew(self, seconds: float) -> None:
        """Let the running block last so much longer from now on; it is too late once it was cut."""
        with self._lock:
            if self._running is not None and not self._running.is_set():
                self._stop()
                self._start(seconds, self._running)

    def hold(self, connection: HTTPConnection, opened: socket.socket) -> None:
        """Remember a connection that was just opened; one that comes too late is cut."""
        # A second handle on the same connection: TLS takes the first one over, and a connection
        # that ends with its answer is forgotten by its owner before the body is read.
        handle = opened.dup()
        with self._lock:
            older = self._held.pop(connection, None)
            if older is not None:
                older.close()
            self._held[connection] = handle
            if self._running is not None and self._running.is_set():
                _shut(handle)

    def close(self) -> None:
        """Let go of every connection."""
        with self._lock:
            for handle in self._held.values():
                handle.close()
            self._held.clear()

    def _start(self, seconds: float, past: Event) -> None:
        self._timer = Timer(seconds, self._cut, (past,))
        self._timer.daemon = True
        self._timer.start()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut(self, past: Event) -> None:
        with self._lock:
            if self._running is past:
                past.set()
                for handle in self._held.values():
                    _shut(handle)

    def _let_go(self) -> None:
        for connection in [held for held in self._held if held.sock is None]:
            self._held.pop(connection).close()


class Tied(HTTPAdapter):
    """Makes connections that are held in `lines`, so that they can be cut."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        super().__init__(pool_connections=1, pool_maxsize=1)

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> HTTPConnectionPool:
        """The pool for a request; its connections are held."""
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        if not hasattr(pool.ConnectionCls, "lines"):
            pool.ConnectionCls = _tied(pool.ConnectionCls, self._lines)
        tied: HTTPConnectionPool = pool
        return tied


def _tied(kind: type[HTTPConnection], held_in: Lines) -> type[HTTPConnection]:
    class Held(kind):  # type: ignore[valid-type, misc]
        lines = held_in

        def _new_conn(self) -> socket.socket:
            opened: socket.socket = super()._new_conn()
            self.lines.hold(self, opened)
            return opened

    return Held


def _shut(handle: socket.socket) -> None:
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
