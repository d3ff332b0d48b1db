"""A server that answers a byte every tenth of a second: no single one of them comes too late."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ANSWER = b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200


@contextmanager
def dripping() -> Iterator[tuple[int, list[socket.socket]]]:
    """Its port on loopback, and who came."""
    came: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_serve, args=(listening, came), daemon=True).start()
        yield listening.getsockname()[1], came


def _serve(listening: socket.socket, came: list[socket.socket]) -> None:
    with suppress(OSError):
        while True:
            taken, _ = listening.accept()
            came.append(taken)
            threading.Thread(target=_drip, args=(taken,), daemon=True).start()


def _drip(taken: socket.socket) -> None:
    with taken, suppress(OSError):
        for letter in ANSWER:
            time.sleep(0.1)
            taken.send(bytes([letter]))
