"""A mail server that fails where it is told to."""

from __future__ import annotations

import itertools
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes

USUAL = "usual"
Reply = str | None


@dataclass
class FaultServer:
    """Answers by script: `replies` replaces the answer to a verb; None means dying there.

    The verbs are CONNECT, EHLO, MAIL, RCPT, DATA, BODY, DOT, QUIT and what else a client says.
    A list is used up answer by answer, and what is not there is answered as usual. The answer
    `mute` says nothing more, `drip` a letter now and then, and `flood` lines without end.
    """

    replies: dict[str, Reply | list[Reply]]
    tls: ssl.SSLContext | None = None
    heard: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    taken: list[tuple[str, str]] = field(default_factory=list)
    """Address and Message-ID of every mail that was taken over, whether or not it said so."""
    connections: int = 0
    port: int = 0
    is_over: bool = False

    def next(self, verb: str) -> Reply:
        """What the script says to a verb now."""
        reply = self.replies.get(verb, USUAL)
        if isinstance(reply, list):
            reply = reply.pop(0) if reply else USUAL
        usual = {"CONNECT": "220 ready", "DATA": "354 go on", "QUIT": "221 bye"}
        return usual.get(verb, "250 ok") if reply == USUAL else reply

    def serve(self, listener: socket.socket) -> None:
        """Talk to one client after the other."""
        while True:
            connection, _ = listener.accept()
            if self.is_over:
                connection.close()
                return
            self.connections += 1
            with suppress(OSError):
                self._talk(connection)
            connection.close()

    def _talk(self, connection: socket.socket) -> None:
        verb, lines = "CONNECT", connection.makefile("rb")
        while True:
            reply = self.next(verb)
            if verb == "DOT" and (reply is None or reply[0] not in "45"):
                self._keep()
            if reply is None:
                break
            if reply in _ENDLESS:
                _ENDLESS[reply](connection)
                break
            connection.sendall(f"{reply}\r\n".encode())
            if verb == "STARTTLS" and reply.startswith("220") and self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                lines = connection.makefile("rb")
            if verb == "DATA" and reply.startswith("354"):
                if self.next("BODY") is None:
                    lines.readline()
                    break
                self.bodies.append(b"".join(iter(lines.readline, b".\r\n")))
                verb = "DOT"
                continue
            line = lines.readline()
            if not line:
                break
            self.heard.append(line.decode("latin-1").rstrip())
            verb = self.heard[-1].split(" ")[0].upper()
        lines.close()
        connection.close()

    def _keep(self) -> None:
        [*_, to] = (line for line in self.heard if line.upper().startswith("RCPT"))
        message_id = str(message_from_bytes(self.bodies[-1])["Message-ID"])
        self.taken.append((to.partition("<")[2].partition(">")[0], message_id))


def _mute(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


def _drip(connection: socket.socket) -> None:
    for letter in itertools.cycle(b"250-ok "):
        connection.sendall(bytes([letter]))
        time.sleep(0.02)


def _flood(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"250-more\r\n" * 1_000)


_ENDLESS = {"mute": _mute, "drip": _drip, "flood": _flood}


@contextmanager
def faulty(
    *, tls: ssl.SSLContext | None = None, **replies: Reply | list[Reply]
) -> Iterator[FaultServer]:
    """A running server with this script."""
    server = FaultServer(replies, tls)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.is_over = True
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", server.port), 0.5).close()
            thread.join(5)
            assert not thread.is_alive()
