"""A mail server of one connection that fails where it is told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class FaultServer:
    """Answers by script: `replies` replaces the answer to a verb; None means dying there.

    The verbs are CONNECT, EHLO, MAIL, RCPT, DATA, DOT, QUIT and what else a client says.
    """

    replies: dict[str, str | None]
    heard: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    port: int = 0

    def answer(self, verb: str) -> bytes | None:
        usual = {"CONNECT": "220 ready", "DATA": "354 go on", "QUIT": "221 bye"}
        reply = self.replies.get(verb, usual.get(verb, "250 ok"))
        return None if reply is None else f"{reply}\r\n".encode()

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as lines:
                self._talk(connection, lines)

    def _talk(self, connection: socket.socket, lines) -> None:
        verb = "CONNECT"
        while (reply := self.answer(verb)) is not None:
            if reply == b"mute\r\n":
                lines.read()
                return
            connection.sendall(reply)
            if verb == "DATA" and reply.startswith(b"354"):
                if self.replies.get("BODY", "") is None:
                    lines.readline()
                    return
                self.bodies.append(b"".join(iter(lines.readline, b".\r\n")))
                verb = "DOT"
                continue
            line = lines.readline()
            if not line:
                return
            self.heard.append(line.decode("latin-1").rstrip())
            verb = self.heard[-1].split(" ")[0].upper()


@contextmanager
def faulty(**replies: str | None) -> Iterator[FaultServer]:
    """A running server with this script."""
    server = FaultServer(replies)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", server.port), 0.5).close()
            thread.join(5)
            assert not thread.is_alive()
