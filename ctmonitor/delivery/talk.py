"""One talk with a mail server: verified TLS, a login, and an end to every wait."""

from __future__ import annotations

import ipaddress
import math
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from typing import Any

_PIECE = 16_384
_LONGEST_REPLY = 65_536
_PARTING_WAIT = 5.0


class NoLogin(Exception):
    """Why we cannot log in; it holds neither the password nor the server's words."""


class Talk(smtplib.SMTP):
    """A session in which every reply has its time, however the server spreads its bytes.

    The library's own timeout begins anew with every byte, so that a server may drip for days.
    """

    def __init__(self, host: str, port: int, *, is_tls_from_start: bool) -> None:
        us = socket.gethostname()
        # A name for ourselves is given because the library's own way may wait for DNS for long.
        super().__init__(local_hostname=us)
        self._name = host
        self._port = port
        self._is_tls_from_start = is_tls_from_start
        self._needs_literal = "." not in us or not us.isascii()
        self._wait = self._ends = math.inf

    def limit(self, wait: float, ends: float) -> None:
        """From now on: so many seconds for each reply, and nothing after `ends` (monotonic)."""
        self._wait, self._ends = wait, ends

    def open(self) -> None:
        """Connect, hear the server's welcome, and go over to TLS wherever it is offered."""
        opened = socket.create_connection((self._name, self._port), self._left())
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._hold(self._secured(opened) if self._is_tls_from_start else opened)
        if self._needs_literal:
            self.local_hostname = _literal(_our_end(self.sock))
        self._check(self.getreply())
        self.ehlo_or_helo_if_needed()
        if not self._is_tls_from_start and self.has_extn("starttls"):
            self._check(self.docmd("STARTTLS"))
            if self.sock is not None:
                self._hold(self._secured(self.sock))
            self.ehlo_resp = self.helo_resp = None
            self.ehlo()

    def log_in(self, user: str, password: str | None) -> None:
        """Log in, or raise NoLogin."""
        if not isinstance(self.sock, ssl.SSLSocket) and not _is_loopback(self):
            raise NoLogin(
                "it offers no TLS, so the user and the password were not sent; "
                "use an smtps:// URL or the port with STARTTLS"
            )
        if not password:
            raise NoLogin(
                "there is a user but no password; set CTMONITOR_SMTP_PASSWORD or its _FILE"
            )
        try:
            self.login(user, password)
        except (OSError, ValueError) as problem:
            why = _login_reason(problem)
        else:
            return
        # Without a cause: it may hold the password.
        raise NoLogin(why)

    def part(self) -> None:
        """Say goodbye and close; what the server thinks of that changes nothing."""
        self.limit(min(self._wait, _PARTING_WAIT), time.monotonic() + _PARTING_WAIT)
        with suppress(OSError):
            self.quit()
        self.close()

    def send(self, s: Any) -> None:
        """Send all of it in time, or raise SMTPServerDisconnected."""
        given = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        for start in range(0, len(given), _PIECE):
            if self.sock is not None:
                self.sock.settimeout(self._left())
            super().send(given[start : start + _PIECE])

    def getreply(self) -> tuple[int, bytes]:
        """The next reply; SMTPServerDisconnected when it does not come in time."""
        if self.sock is None or self.file is None:
            raise smtplib.SMTPServerDisconnected("there is no connection")
        self.file.expect_by(min(time.monotonic() + self._wait, self._ends))
        return super().getreply()

    def _hold(self, opened: socket.socket) -> None:
        # What came before TLS began is forgotten with the old reader: nobody vouches for it.
        self.sock = opened
        self.file = _Replies(opened)

    def _secured(self, opened: socket.socket) -> ssl.SSLSocket:
        opened.settimeout(self._left())
        context = ssl.create_default_context()
        return context.wrap_socket(opened, server_hostname=self._name)

    def _left(self) -> float:
        left = min(self._wait, self._ends - time.monotonic())
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    def _check(self, reply: tuple[int, bytes]) -> None:
        if reply[0] != 220:
            raise smtplib.SMTPResponseException(*reply)


class _Replies:
    """The server's lines as the library reads them, by a set time and of a bounded length."""

    def __init__(self, source: socket.socket) -> None:
        self._source = source
        self._unread = b""
        self._heard = 0
        self._by = 0.0

    def expect_by(self, by: float) -> None:
        """A new reply is to be read in full by then, on the monotonic clock."""
        self._by, self._heard = by, 0

    def readline(self, most: int) -> bytes:
        """The next line with its end, or as much as there is of it; nothing at the end."""
        while b"\n" not in self._unread and len(self._unread) < most:
            more = self._more()
            if not more:
                break
            self._unread += more
        end = self._unread.find(b"\n") + 1 or len(self._unread)
        end = min(end, most)
        line, self._unread = self._unread[:end], self._unread[end:]
        self._heard += len(line)
        if self._heard > _LONGEST_REPLY:
            raise OSError("its reply has no end")
        return line

    def close(self) -> None:
        """Nothing to do: the socket is closed by whoever opened it."""

    def _more(self) -> bytes:
        left = self._by - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._source.settimeout(left)
        return self._source.recv(8192)


def _login_reason(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return f"the user or the password was refused ({problem.smtp_code})"
    if isinstance(problem, UnicodeError):
        return "the user or the password has characters outside ASCII, which cannot be sent"
    if isinstance(problem, smtplib.SMTPServerDisconnected | TimeoutError):
        return "the connection was lost while logging in"
    if isinstance(problem, smtplib.SMTPException):
        return "it offers no way to log in that we know"
    return "logging in failed"


def _our_end(opened: socket.socket | None) -> str:
    """Our own end of a connection."""
    return "127.0.0.1" if opened is None else str(opened.getsockname()[0])


def _literal(address: str) -> str:
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _is_loopback(talk: smtplib.SMTP) -> bool:
    if talk.sock is None:
        return False
    peer = ipaddress.ip_address(str(talk.sock.getpeername()[0]).partition("%")[0])
    mapped = getattr(peer, "ipv4_mapped", None)
    return bool((mapped or peer).is_loopback)
