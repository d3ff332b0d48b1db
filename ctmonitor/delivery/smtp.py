"""Mail to one address over SMTP: verified TLS, a limit to every wait, and a reason for failing."""

from __future__ import annotations

import ipaddress
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from urllib.parse import unquote, urlsplit

from ctmonitor.delivery.message import sender_of
from ctmonitor.delivery.words import cut, one_line
from ctmonitor.errors import DeliveryFailed, ServerUnreachable, SettingWrong

WAIT = 30.0
LAST_WAIT = 600.0
"""RFC 5321, 4.5.3.2.6: who gives up earlier on the reply to the final dot sends mails twice."""

_PORTS = {"smtp": 25, "smtps": 465}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|[0-9a-f:.]+", re.ASCII)
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_WANTS_LOGIN = 530
_PARTING_WAIT = 5.0
_TROUBLE = (smtplib.SMTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The mail server that takes our mails; `repr` never shows the password."""

    host: str
    port: int
    is_tls_from_start: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)

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
    message: EmailMessage,
    address: str,
    server: SmtpServer,
    *,
    wait: float = WAIT,
    last_wait: float = LAST_WAIT,
) -> None:
    """Hand one mail to the server for one address; DeliveryFailed says why it did not leave.

    `wait` limits each step in seconds, `last_wait` the reply that takes over the mail.
    """
    with _session(server, address, wait) as session:
        try:
            _hand_over(session, message, address, server, last_wait=last_wait)
        except _TROUBLE as problem:
            why = f"{server}: {_reason(problem, server)}"
            raise DeliveryFailed(address, why, permanent=False) from problem


@contextmanager
def _session(server: SmtpServer, address: str, wait: float) -> Iterator[smtplib.SMTP]:
    """A session that is ready to take mail; ServerUnreachable when there is none to be had."""
    session = None
    try:
        session = _connected(server, wait)
        _introduce(session, server, address)
    except _TROUBLE as problem:
        if session is not None:
            session.close()
        raise ServerUnreachable(address, f"{server}: {_reason(problem, server)}") from problem
    except DeliveryFailed:
        if session is not None:
            _part(session, wait)
            session.close()
        raise
    try:
        yield session
    except DeliveryFailed:
        _part(session, wait)
        raise
    else:
        _part(session, wait)
    finally:
        session.close()


def _connected(server: SmtpServer, wait: float) -> smtplib.SMTP:
    # A name for ourselves is given because the library's own way may wait for DNS without limit.
    us = socket.gethostname()
    if server.is_tls_from_start:
        session: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, us, timeout=wait, context=ssl.create_default_context()
        )
    else:
        session = smtplib.SMTP(server.host, server.port, us, timeout=wait)
    if "." not in us or not us.isascii():
        session.local_hostname = _literal(_ours(session))
    return session


def _introduce(session: smtplib.SMTP, server: SmtpServer, address: str) -> None:
    """Greet, go over to TLS wherever it is offered, and log in when there is a user."""
    session.ehlo_or_helo_if_needed()
    if not server.is_tls_from_start and session.has_extn("starttls"):
        session.starttls(context=ssl.create_default_context())
        session.ehlo()
    if server.user is not None:
        _log_in(session, server, address)


def _log_in(session: smtplib.SMTP, server: SmtpServer, address: str) -> None:
    if not isinstance(session.sock, ssl.SSLSocket) and not _is_loopback(session):
        why = (
            f"{server} offers no TLS, so the user and the password were not sent; "
            "use an smtps:// URL or the port with STARTTLS"
        )
        raise ServerUnreachable(address, why)
    if not server.password:
        why = f"{server}: there is a user but no password; set CTMONITOR_SMTP_PASSWORD or its _FILE"
        raise ServerUnreachable(address, why)
    try:
        session.login(server.user or "", server.password)
    except (OSError, ValueError) as problem:
        why = _login_reason(problem)
    else:
        return
    # Without a cause, and without the server's words: both may hold the password.
    raise ServerUnreachable(address, f"{server}: {why}") from None


def _hand_over(
    session: smtplib.SMTP,
    message: EmailMessage,
    address: str,
    server: SmtpServer,
    *,
    last_wait: float,
) -> None:
    written = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
    payload = _LEADING_DOT.sub(b"..", written)
    size = [f"size={len(payload)}"] if session.has_extn("size") else []
    expect = partial(_expect, address=address, server=server)
    expect(2, session.mail(sender_of(message), size), "the sender")
    expect(2, session.rcpt(address), "the address")
    expect(3, session.docmd("DATA"), "DATA")
    session.send(payload + b".\r\n")
    if session.sock is not None:
        session.sock.settimeout(last_wait)
    expect(2, session.getreply(), "the mail")


def _expect(
    hundreds: int, reply: tuple[int, bytes], what: str, *, address: str, server: SmtpServer
) -> None:
    code, text = reply
    if code // 100 == hundreds:
        return
    said = _printable(text, server)
    why = f"{server} refused {what}: {code} {said}".rstrip()
    raise DeliveryFailed(address, why, permanent=code // 100 == 5 and code != _WANTS_LOGIN)


def _part(session: smtplib.SMTP, wait: float) -> None:
    """Say goodbye; what the server thinks of that changes nothing."""
    with suppress(OSError):
        if session.sock is not None:
            session.sock.settimeout(min(wait, _PARTING_WAIT))
        session.quit()


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


def _printable(text: bytes | str, server: SmtpServer) -> str:
    """What a server said, on one line, bounded, without our password."""
    said = text.decode("utf-8", errors="replace") if isinstance(text, bytes) else text
    if server.password:
        said = said.replace(server.password, "***")
    return cut(one_line(said), 200)


def _ours(session: smtplib.SMTP) -> str:
    return "127.0.0.1" if session.sock is None else str(session.sock.getsockname()[0])


def _literal(address: str) -> str:
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _is_loopback(session: smtplib.SMTP) -> bool:
    if session.sock is None:
        return False
    peer = ipaddress.ip_address(str(session.sock.getpeername()[0]).partition("%")[0])
    mapped = getattr(peer, "ipv4_mapped", None)
    return bool((mapped or peer).is_loopback)


def _wrong(why: str) -> SettingWrong:
    return SettingWrong(
        "CTMONITOR_SMTP_URL", why, "write it as smtp://host:25 or smtps://user:password@host"
    )
