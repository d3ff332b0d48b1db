"""How an answer reaches the socket: whole, or as badly as a fault wants."""

from __future__ import annotations

import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

from tests.registry.messages import Answer

_ENDS_HARD = struct.pack("ii", 1, 0)
_MEGABYTE = 1 << 20


@dataclass(slots=True)
class Wire:
    """One connection, while one answer is sent."""

    connection: socket.socket
    closing: threading.Event
    """Set when the server goes away, so that nothing slow outlives it."""
    is_over: bool = False
    """Whether the connection is closed after this answer."""
    sent: int = 0
    """Bytes that were given to the connection."""

    def send(self, part: bytes) -> None:
        """Send bytes as they are."""
        self.connection.sendall(part)
        self.sent += len(part)

    def wait(self, seconds: float) -> bool:
        """Let time go by; False when the server goes away meanwhile."""
        return not self.closing.wait(seconds)

    def drip(self, whole: bytes, per_second: float) -> None:
        """Send a byte at a time."""
        for place in range(len(whole)):
            self.send(whole[place : place + 1])
            if not self.wait(1 / per_second):
                break

    def reset(self) -> None:
        """End the connection with RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ENDS_HARD)
        self.is_over = True


def ends_hard(connection: socket.socket) -> bool:
    """Whether the connection is to end with RST, so that no FIN may go before."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_ENDS_HARD))
    return told == _ENDS_HARD


Sender = Callable[[Answer, Wire], None]


def head(answer: Answer, *headers: tuple[str, str]) -> bytes:
    """The line and headers of an answer; these headers come last and are all about its length."""
    lines = [
        f"HTTP/1.1 {answer.code} {HTTPStatus(answer.code).phrase}",
        f"Date: {formatdate(usegmt=True)}",
        "Server: istio-envoy",
        *([f"Content-Type: {answer.content_type}"] if answer.body else []),
        *(f"{name}: {value}" for name, value in (*answer.headers, *headers)),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def whole(answer: Answer, wire: Wire) -> None:
    """The answer as it should be."""
    wire.send(_sized(answer) + answer.body)


def cut_at(count: int) -> Sender:
    """The length is announced in full, and the body ends after so many bytes."""

    def send(answer: Answer, wire: Wire) -> None:
        wire.is_over = True
        wire.send(_sized(answer) + answer.body[:count])

    return send


def length_off_by(more: int) -> Sender:
    """All of the body under a length that is wrong by so many bytes."""

    def send(answer: Answer, wire: Wire) -> None:
        wire.is_over = True
        told = len(answer.body) + more
        wire.send(head(answer, ("Content-Length", str(told))) + answer.body)

    return send


def chunks_cut_at(count: int) -> Sender:
    """The body in chunks, without a last one, ended after so many bytes."""

    def send(answer: Answer, wire: Wire) -> None:
        wire.is_over = True
        wire.send(head(answer, ("Transfer-Encoding", "chunked")))
        half = count // 2
        for part in (answer.body[:half], answer.body[half:count]):
            if part:
                wire.send(b"%x\r\n%s\r\n" % (len(part), part))

    return send


def unsized_cut_at(count: int) -> Sender:
    """No length at all: the end of the connection is the end of the body, too early."""

    def send(answer: Answer, wire: Wire) -> None:
        wire.is_over = True
        wire.send(head(answer, ("Connection", "close")) + answer.body[:count])

    return send


def reset_at(count: int) -> Sender:
    """The connection is reset after so many bytes of the whole answer."""

    def send(answer: Answer, wire: Wire) -> None:
        wire.send((_sized(answer) + answer.body)[:count])
        wire.reset()

    return send


def hung_up(answer: Answer, wire: Wire) -> None:
    """The connection is closed without a word."""
    wire.is_over = True


def silent(answer: Answer, wire: Wire) -> None:
    """Nothing is said, and the connection stays, until the client goes."""
    wire.is_over = True
    wire.connection.settimeout(0.1)
    while not wire.closing.is_set():
        with suppress(TimeoutError):
            if not wire.connection.recv(1024):
                return


def headers_dripped(per_second: float) -> Sender:
    """The headers come a byte at a time."""

    def send(answer: Answer, wire: Wire) -> None:
        wire.is_over = True
        wire.drip(_sized(answer), per_second)
        wire.send(answer.body)

    return send


def body_dripped(per_second: float) -> Sender:
    """The headers come at once, the body a byte at a time."""

    def send(answer: Answer, wire: Wire) -> None:
        wire.is_over = True
        wire.send(_sized(answer))
        wire.drip(answer.body, per_second)

    return send


def bomb_of(megabytes: int) -> Sender:
    """A small gzip body that unpacks to so many megabytes of blanks before the answer."""

    def send(answer: Answer, wire: Wire) -> None:
        wire.is_over = True
        wire.send(head(answer, ("Content-Encoding", "gzip"), ("Connection", "close")))
        for part in _packed(megabytes, answer.body):
            wire.send(part)

    return send


def _packed(megabytes: int, last: bytes) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    for _ in range(megabytes):
        yield packer.compress(b" " * _MEGABYTE)
    yield packer.compress(last)
    yield packer.flush()


def _sized(answer: Answer) -> bytes:
    if answer.code == HTTPStatus.NOT_MODIFIED:
        return head(answer)
    return head(answer, ("Content-Length", str(len(answer.body))))
