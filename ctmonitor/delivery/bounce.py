"""Mails that come back: to which message they belong, and what the other side says of it.

Each mail leaves with a return address of its own, which bears the key of its message and is signed,
so that nobody can suspend a subscriber by writing to us.
"""

from __future__ import annotations

import email
import email.policy
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from ctmonitor.delivery.refusal import names_no_mailbox
from ctmonitor.delivery.words import cut, one_line

_TOKEN = re.compile(r"\+([0-9a-f]{16})\.([0-9a-f]{16})@", re.ASCII | re.IGNORECASE)
_NAMED_IN = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
"""Headers in which mail servers say to which address a mail came."""
_STATUS = re.compile(r"\s*([245])\.(\d{1,3}\.\d{1,3})\b", re.ASCII)
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where mails come back to, `name@host`; each has its key and a signature behind the name."""

    base: str
    secret: str = field(repr=False)

    def of(self, key: str) -> str:
        """The return address of the message with a key."""
        local, _, host = self.base.rpartition("@")
        return f"{local}+{key[:16]}.{_signature(key[:16], self.secret.split()[0])}@{host}"


@dataclass(frozen=True, slots=True)
class Returned:
    """One mail that came back: the first digits of the key of its message, and what is said.

    `failed` is false where it is only late, or where nothing failed at all; `is_gone` says that
    nobody is there.
    """

    key: str
    failed: bool
    is_gone: bool
    why: str


def read_return(raw: bytes, secret: str, to: str | None = None) -> Returned | None:
    """What a mail to a return address says; None when it came to none that we made.

    `to` is the address it came to, where the mail server says so; else its headers are asked. A
    report is read as RFC 3464 says; any other mail, such as that somebody is on holiday, says
    nothing of ours failed.
    """
    mail = email.message_from_bytes(raw[:_MOST_BYTES], policy=email.policy.compat32)
    said = [to] if to else [str(text) for name in _NAMED_IN for text in mail.get_all(name, [])]
    key = next(filter(None, (_key_in(text, secret) for text in said)), None)
    if key is None:
        return None
    for part in _reports(mail):
        action = str(part.get("action", "")).strip().lower()
        if action == "failed":
            return _failed(key, part)
        if action:
            return Returned(key, failed=False, is_gone=False, why=f"it is {cut(action, 20)}")
    return Returned(key, failed=False, is_gone=False, why="it is no report of a delivery")


def _failed(key: str, report: Message) -> Returned:
    status = _STATUS.match(str(report.get("status", "")))
    said = str(report.get("diagnostic-code", "")) or str(report.get("status", ""))
    is_gone = status is not None and status[1] == "5" and names_no_mailbox(status[2])
    return Returned(
        key, failed=True, is_gone=is_gone, why=f"it came back: {cut(one_line(said), 200)}"
    )


def _reports(mail: Message) -> Iterator[Message]:
    """What is said of each recipient: the parts of a delivery status, but the first."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            those = part.get_payload()
            assert isinstance(those, list)
            yield from (one for one in those if isinstance(one, Message) and "action" in one)


def _key_in(text: str, secret: str) -> str | None:
    found = _TOKEN.search(text)
    if found is None:
        return None
    key, signature = found[1].lower(), found[2].lower()
    alike = [hmac.compare_digest(_signature(key, one), signature) for one in secret.split()]
    return key if any(alike) else None


def _signature(key: str, secret: str) -> str:
    told = f"ctmonitor return 1\n{key}".encode()
    return hmac.digest(secret.encode(errors="surrogatepass"), told, "sha256").hex()[:16]
