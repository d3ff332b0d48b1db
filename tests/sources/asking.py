"""A client that never really waits, and sockets that say what a server of HTTP would not."""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ctmonitor.sources.client import Client, Manners
from ctmonitor.sources.ctgov import Registry
from tests.registry import wire
from tests.registry.faults import Fault, answering

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Clock:
    """Time that passes only in waits; it is noon when it begins."""

    at: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds

    def monotonic(self) -> float:
        return self.at


def a_client(url: str, clock: Clock | None = None, **manners: Any) -> Client:
    """A client in a hurry, whose waits are the longest that chance allows."""
    clock = clock or Clock()
    usual = {"rate": math.inf, "request_seconds": 5.0, **manners}
    return Client(
        Manners(url, **usual),
        sleep=clock.sleep,
        monotonic=clock.monotonic,
        now=lambda: NOON,
        jitter=lambda: 1.0,
    )


def a_look(url: str, clock: Clock | None = None, **manners: Any) -> Registry:
    """The registry behind such a client."""
    return Registry(a_client(url, clock, **manners))


def saying(body: bytes | str, content_type: str = "application/json", **headers: str) -> Fault:
    """200 and this body."""
    written = body.encode() if isinstance(body, str) else body
    return answering(200, written, content_type, **headers)


def farewell_drip(per_second: float) -> Fault:
    """The connection is said to end with the answer, whose body has no length and drips."""

    def send(answer: Any, way: wire.Wire) -> None:
        way.is_over = True
        way.send(wire.head(answer, ("Connection", "close")))
        way.drip(answer.body, per_second)

    return Fault("dripped farewell", send=send, is_plain=True)


def swelling(fault: Fault, megabytes: int) -> Fault:
    """Another fault with so many megabytes of blanks before its body, packed small."""
    return replace(fault, send=wire.bomb_of(megabytes), is_plain=True)


@contextmanager
def a_door(talk: Callable[[socket.socket, threading.Event], object]) -> Iterator[int]:
    """The port of a server that does this with each connection, until the event is set."""
    over = threading.Event()
    threads = []

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            talk(connection, over)

    def listen() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=answer, args=(connection,)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listening = threading.Thread(target=listen)
        listening.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            for thread in (listening, *threads):
                thread.join()
