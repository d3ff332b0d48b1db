"""Mail to one address at a time over SMTP: one connection for many, and a reason for failing."""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from ctmonitor.delivery.message import sender_of
from ctmonitor.delivery.refusal import Step, refusal
from ctmonitor.delivery.talk import NoLogin, Talk
from ctmonitor.delivery.words import cut, one_line
from ctmonitor.errors import DeliveryFailed, ServerUnreachable, SettingWrong

MAILS_EACH = 100
"""So many mails go over one connection, because many servers close it soon after."""
LONGEST_IDLE = 10.0
"""A connection that had nothing to do for so many seconds is closed before the server does."""

_PORTS = {"smtp": 25, "smtps": 465}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|[0-9a-f:.]+", re.ASCII)
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_TROUBLE = (smtplib.SMTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Waits:
    """How many seconds a mail server has; all of them together are less than a claim's lease."""

    each: float = 30.0
    """For each reply."""
    before: float = 180.0
    """For everything until the mail is handed over, the connection included."""
    last: float = 600.0
    """For the reply that takes over the mail: who gives up earlier on it sends mails twice
    (RFC 5321, 4.5.3.2.6)."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The mail server that takes our mails; `repr` never shows the password."""

    host: str
    port: int
    is_tls_from_start: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    waits: Waits = field(default=Waits(), repr=False)

    @classmethod
    def parse(cls, url: str, password: str | None = None) -> SmtpServer:
        """The server in `smtp://host:25`, `smtp://user@host:587` or `smtps://user:password@host`.

        `password` counts only where the URL holds none.
        """
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname
        except ValueError:
            raise _wrong("it is not a URL of a mail server") from None
        if parts.scheme not in _PORTS:
            raise _wrong("it does not begin with smtp:// or smtps://")
        if host is None or _HOST.fullmatch(host) is None:
            raise _wrong("it names no host")
        if port == 0 or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise _wrong("something stands where only a host and a port can")
        user = unquote(parts.username) if parts.username else None
        secret = unquote(parts.password) if parts.password else password
        if parts.password and not user:
            raise _wrong("it has a password and no user")
        return cls(
            host=host,
            port=port or _PORTS[parts.scheme],
            is_tls_from_start=parts.scheme == "smtps",
            user=user,
            password=secret if user else None,
        )

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def send(
    message: EmailMessage, address: str, server: SmtpServer, return_to: str | None = None
) -> None:
    """Hand one mail to the server for one address; DeliveryFailed says why it did not leave."""
    with kept(server) as line:
        line.send(message, address, return_to)


@contextmanager
def kept(server: SmtpServer) -> Iterator[Line]:
    """A line to the server for as many mails as there are; it is opened by the first of them."""
    line = Line(server)
    try:
        yield line
    finally:
        line.close()


class Line:
    """A way to one mail server that is kept from mail to mail; for one thread."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._talk: Talk | None = None
        self._mails = 0
        self._used_at = 0.0
        self._is_clean = True

    def send(self, message: EmailMessage, address: str, return_to: str | None = None) -> None:
        """Hand over one mail for one address; DeliveryFailed says why it did not leave.

        `return_to` is where it comes back to when it cannot be delivered: the sender unless said.
        A server may close a connection between two mails: the second then goes over a new one.
        Once the mail itself is begun nothing is repeated here: it may have been taken over.
        """
        self.rest()
        letter = _Letter(address, return_to or sender_of(message), _written(message))
        try:
            talk = self._announced(letter, time.monotonic() + self._server.waits.before)
            talk.send(letter.payload + b".\r\n")
            last = self._server.waits.last
            talk.limit(last, time.monotonic() + last)
            self._expect(2, talk.getreply(), Step.MAIL, address)
        except _TROUBLE as problem:
            self._drop()
            raise DeliveryFailed(address, self._why(problem), permanent=False) from problem
        self._is_clean = True
        self._used_at = time.monotonic()

    def rest(self) -> None:
        """Close the connection when it has done its part, or nothing for a while."""
        is_idle = time.monotonic() - self._used_at > LONGEST_IDLE
        if self._talk is not None and (is_idle or self._mails >= MAILS_EACH):
            self.close()

    def close(self) -> None:
        """Say goodbye, if there is anybody to say it to; the next mail opens a new connection."""
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.part()

    def _announced(self, letter: _Letter, ends: float) -> Talk:
        """A talk that waits for the mail itself: over the kept connection, or else a new one."""
        if self._talk is not None:
            try:
                return self._announce(self._talk, letter, ends)
            except _TROUBLE:
                self._drop()
        self._talk, self._mails = self._opened(letter.address, ends), 0
        return self._announce(self._talk, letter, ends)

    def _announce(self, talk: Talk, letter: _Letter, ends: float) -> Talk:
        talk.limit(self._server.waits.each, ends)
        if not self._is_clean and talk.rset()[0] != 250:
            raise smtplib.SMTPServerDisconnected("it does not forget the last mail")
        self._is_clean, self._mails, self._used_at = False, self._mails + 1, time.monotonic()
        size = [f"size={len(letter.payload)}"] if talk.has_extn("size") else []
        self._expect(2, talk.mail(letter.sender, size), Step.SENDER, letter.address)
        self._expect(2, talk.rcpt(letter.address), Step.ADDRESS, letter.address)
        self._expect(3, talk.docmd("DATA"), Step.DATA, letter.address)
        return talk

    def _opened(self, address: str, ends: float) -> Talk:
        """A new connection, ready to take mail; ServerUnreachable when there is none to be had."""
        server = self._server
        talk = Talk(server.host, server.port, is_tls_from_start=server.is_tls_from_start)
        talk.limit(server.waits.each, ends)
        try:
            talk.open()
            if server.user is not None:
                talk.log_in(server.user, server.password)
        except NoLogin as problem:
            talk.part()
            # Without a cause, which may hold the password.
            raise ServerUnreachable(address, f"{server}: {problem}") from None
        except _TROUBLE as problem:
            talk.close()
            raise ServerUnreachable(address, self._why(problem)) from problem
        self._is_clean = True
        return talk

    def _expect(self, hundreds: int, reply: tuple[int, bytes], step: Step, address: str) -> None:
        code, text = reply
        if code // 100 == hundreds:
            return
        said = f"{code} {_printable(text, self._server)}".rstrip()
        if code // 100 not in (4, 5) or code == 421:
            # It closes, or speaks of something else: there is no going on with this talk.
            raise smtplib.SMTPException(f"it answered {said} to {step.value}")
        why = f"{self._server} refused {step.value}: {said}"
        raise refusal(step, reply, address, why)

    def _drop(self) -> None:
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.close()

    def _why(self, problem: Exception) -> str:
        return f"{self._server}: {_reason(problem, self._server)}"


@dataclass(frozen=True, slots=True)
class _Letter:
    address: str
    sender: str
    payload: bytes


def _written(message: EmailMessage) -> bytes:
    """The mail as it is sent after DATA, without the dot that ends it."""
    written = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
    return _LEADING_DOT.sub(b"..", written)


def _reason(problem: Exception, server: SmtpServer) -> str:
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({problem.verify_message})"
    if isinstance(problem, ssl.SSLError):
        return f"TLS could not be set up ({problem.reason or 'no reason given'})"
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"it answered {problem.smtp_code} {_printable(problem.smtp_error, server)}".rstrip()
    if isinstance(problem, smtplib.SMTPServerDisconnected):
        return f"the connection was lost ({_printable(str(problem), server)})"
    if isinstance(problem, TimeoutError):
        return "no answer in time"
    return _printable(str(problem) or type(problem).__name__, server)


def _printable(text: bytes | str, server: SmtpServer) -> str:
    """What a server said, on one line, bounded, without our password."""
    said = text.decode("utf-8", errors="replace") if isinstance(text, bytes) else text
    if server.password:
        said = said.replace(server.password, "***")
    return cut(one_line(said), 200)


def _wrong(why: str) -> SettingWrong:
    return SettingWrong(
        "CTMONITOR_SMTP_URL", why, "write it as smtp://host:25 or smtps://user:password@host"
    )
