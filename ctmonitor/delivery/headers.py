"""Headers that say exactly what they are given, and names derived from what stays the same."""

from __future__ import annotations

import hashlib
import re
from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from typing import Any
from urllib.parse import quote

from ctmonitor.delivery.words import cut, one_line

SUBJECT_WIDTH = 78
_PREFIX = "[ctmonitor] "
_FOR_PROGRAMS = (
    "message-id",
    "references",
    "in-reply-to",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
)
_PHRASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{0,59}", re.ASCII)


class _Literal(BaseHeader):
    """Free text that is shown as written, even when it looks like an encoded word.

    The library's own kind decodes `=?utf-8?q?x` when it is given and prints decoded text raw.
    """

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["decoded"] = value
        kwds["parse_tree"] = None

    def fold(self, *, policy: Policy) -> str:
        text = str(self)
        charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
        header = Header(text, charset, maxlinelen=76, header_name=self.name)
        return f"{self.name}: {header.encode(linesep=policy.linesep)}{policy.linesep}"


class _Exact(_Literal):
    """ASCII that a program reads: never encoded, never folded."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> EmailPolicy[EmailMessage]:
    factory = HeaderRegistry()
    factory.map_to_type("subject", _Literal)
    for name in _FOR_PROGRAMS:
        factory.map_to_type(name, _Exact)
    return SMTP.clone(header_factory=factory)


POLICY = _policy()


def subject_line(gist: str) -> str:
    """`[ctmonitor] ` and the gist, at most 78 characters."""
    return cut(f"{_PREFIX}{one_line(gist)}", SUBJECT_WIDTH)


def message_id(key: str, domain: str) -> str:
    """The same for every attempt at one message."""
    return f"<{key}@{domain}>"


def thread_root(nct_id: str, address: str, domain: str) -> str:
    """A message that was never sent, to which all mails on one study to one address reply."""
    told = hashlib.sha256(f"{nct_id}\x1f{address}".encode()).hexdigest()
    return f"<{nct_id}.{told[:32]}@{domain}>"


def list_id(name: str, domain: str) -> str:
    """`Oncology <oncology.ctmonitor.example.org>`; the phrase only when it is plain ASCII."""
    phrase = f"{name} " if _PHRASE.fullmatch(name) else ""
    return f"{phrase}<{slug(name)}.ctmonitor.{domain}>"


def unsubscribe_link(sender: str, name: str | None) -> str:
    """A mail that asks the sender to stop, for one watch list when it is named."""
    about = f"unsubscribe {slug(name)}" if name else "unsubscribe"
    return f"<mailto:{quote(sender, safe='@')}?subject={quote(about, safe='')}>"


def slug(name: str) -> str:
    """The name in `a-z0-9-`; what that loses is made up for by digits of its hash."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if plain == name.lower().replace(" ", "-") and len(plain) <= 40:
        return plain
    digits = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{plain[:40]}-{digits}".lstrip("-")
