"""Secrets that can be told again wherever they turn up, and servers that repeat what they hear."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

NAMES = (
    "smtp-password",
    "smtp-url-password",
    "database-password",
    "database-option",
    "ping-url",
    "operator",
    "web-secret",
    "old-web-secret",
    "webhook-url",
    "webhook-secret",
    "old-webhook-secret",
    "chat-url",
)


def _canary(name: str) -> str:
    letters = name.replace("-", "")
    return f"Canary{letters}Sings{len(name):02d}InTheCoalMine"


CANARIES = {name: _canary(name) for name in NAMES}


def whsec(name: str) -> str:
    """The canary as a secret that signs."""
    return f"whsec_{base64.b64encode(CANARIES[name].encode()).decode()}"


def heard(said: bytes) -> set[str]:
    """The canaries in what was said, plainly or as it is sent over the wire."""
    return {name for name, text in CANARIES.items() if any(one in said for one in _dresses(text))}


def _dresses(text: str) -> Iterator[bytes]:
    raw = text.encode()
    yield raw
    yield raw.hex().encode()
    yield quote(text).encode()
    # Whatever stands before it, so in one of three places, base64 has this in it.
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw)
        yield coded[4 if before else 0 : -4]


class _RepeatingMail(socketserver.StreamRequestHandler):
    """Refuses every command after the greeting, and says again what it was told."""

    def handle(self) -> None:
        """One session."""
        self.wfile.write(b"220 parrot\r\n")
        told: list[bytes] = []
        while line := self.rfile.readline().strip():
            if line.upper().startswith(b"EHLO"):
                self.wfile.write(b"250-parrot\r\n250 AUTH PLAIN LOGIN\r\n")
            elif line.upper() == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            elif line.upper() in (b"AUTH LOGIN", b"AUTH PLAIN"):
                self.wfile.write(b"334 VXNlcm5hbWU6\r\n")
            else:
                told += [line, *_decoded(line.split()[-1])]
                self.wfile.write(b"535 5.7.8 you said " + b" ".join(told)[:400] + b"\r\n")


def _decoded(word: bytes) -> list[bytes]:
    try:
        return [base64.b64decode(word, validate=True).replace(b"\0", b" ")]
    except ValueError:
        return []


class _RepeatingHttp(BaseHTTPRequestHandler):
    """Fails with the code that it is asked for, and says again what it was told."""

    code = 500

    def _repeat(self) -> None:
        told = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        head = f"{self.path} {' '.join(self.headers.values())}"
        self.send_response(self.code, f"you said {head}"[:1_000])
        self.send_header("Location", f"http://127.0.0.1:1{self.path}")
        self.end_headers()
        self.wfile.write(head.encode() + told)

    do_GET = do_POST = do_PUT = _repeat

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of it."""


@contextmanager
def parrots(code: int = 500) -> Iterator[tuple[int, int]]:
    """A mail server and a web server that refuse and repeat everything; their ports."""
    http = type("Repeating", (_RepeatingHttp,), {"code": code})
    servers = (
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), _RepeatingMail),
        ThreadingHTTPServer(("127.0.0.1", 0), http),
    )
    for server in servers:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield servers[0].server_address[1], servers[1].server_address[1]
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def mistakes() -> dict[str, dict[str, str]]:
    """What somebody may set wrongly, each with a secret in it."""
    mail, store = CANARIES["smtp-url-password"], CANARIES["database-password"]
    option, web = CANARIES["database-option"], CANARIES["web-secret"]
    urls = {
        "no scheme": f"user:{mail}@mail.example",
        "one slash": f"smtp:/user:{mail}@mail.example",
        "other scheme": f"imap://user:{mail}@mail.example",
        "no host": f"smtp://user:{mail}@",
        "no port": f"smtp://user:{mail}@mail.example:port",
        "port too high": f"smtp://user:{mail}@mail.example:99999",
        "with a path": f"smtp://user:{mail}@mail.example/path",
        "bracket": f"smtp://user:{mail}@[mail.example",
        "no user": f"smtp://:{mail}@mail.example",
        "an at sign in it": f"smtp://user:a@b{mail}@mail.example",
        "a slash in it": f"smtp://user:a/b{mail}@mail.example",
    }
    stores = {
        "nobody there": f"postgresql://user:{store}@127.0.0.1:1/db",
        "as an option": f"postgresql://user@127.0.0.1:1/db?password={option}",
        "as an option of TLS": f"postgresql://user@127.0.0.1:1/db?sslpassword={option}",
        "other database": f"mysql://user:{store}@127.0.0.1/db",
        "no port": f"postgresql://user:{store}@127.0.0.1:port/db",
        "no scheme": f"user:{store}@127.0.0.1/db",
        "one slash": f"postgresql:/user:{store}@127.0.0.1/db",
        "other driver": f"postgresql+nothing://user:{store}@127.0.0.1/db",
        "wrong option": f"postgresql://user:{store}@127.0.0.1:1/db?nothing=1&password={option}",
    }
    others = {
        "short secret": {"CTMONITOR_WEB_SECRET": web[:28]},
        "ping": {"CTMONITOR_PING_URL": f"ftp://hc.example/{CANARIES['ping-url']}"},
        "ping port": {"CTMONITOR_PING_URL": f"http://hc.example:port/{CANARIES['ping-url']}"},
    }
    return {
        **{f"mail URL, {name}": {"CTMONITOR_SMTP_URL": url} for name, url in urls.items()},
        **{f"database URL, {name}": {"CTMONITOR_DATABASE_URL": u} for name, u in stores.items()},
        **others,
    }
