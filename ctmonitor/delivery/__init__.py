"""How an alert leaves: a digest becomes a mail, a file, a message to a program or to a chat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import parseaddr
from typing import TypeVar

from ctmonitor.delivery import chat, folder, smtp, webhook
from ctmonitor.delivery.address import check_address, folder_of, is_folder, is_name, name_in
from ctmonitor.delivery.bodies import html_of, text_of
from ctmonitor.delivery.bounce import ReturnAddress
from ctmonitor.delivery.chat import Chat
from ctmonitor.delivery.digest import Digest, Occasion, Row, ordered
from ctmonitor.delivery.message import message_of
from ctmonitor.delivery.smtp import Line, SmtpServer
from ctmonitor.delivery.tokens import Links
from ctmonitor.delivery.webhook import Webhook
from ctmonitor.delivery.words import one_line
from ctmonitor.errors import CommandWrong, DeliveryFailed, ServerUnreachable, SettingWrong

Way = TypeVar("Way")
_UNKNOWN = "nothing is called so; write [{}s.{}] in ctmonitor.toml"


@dataclass(frozen=True, slots=True)
class Outlets:
    """The ways out that the operator has set; `sender` is `name@host` or `Name <name@host>`.

    Without `links` a message has none that act.
    """

    smtp: SmtpServer | None
    sender: str
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    chats: Mapping[str, Chat] = field(default_factory=dict)
    links: Links | None = None
    returns: ReturnAddress | None = None
    line: Line | None = field(default=None, repr=False)
    """The open line to the mail server, while there are many mails to send."""

    def __post_init__(self) -> None:
        _, bare = parseaddr(self.sender)
        try:
            is_right = check_address(bare).lower() == bare.lower() and not is_folder(bare)
        except CommandWrong:
            is_right = False
        if not is_right or self.sender != one_line(self.sender):
            raise SettingWrong(
                "CTMONITOR_MAIL_FROM",
                f"{one_line(self.sender)[:80]!r} is not the address of a sender",
                "give one like ctmonitor@hospital.example",
            )

    def check(self, address: str) -> None:
        """CommandWrong when a checked address has a name that stands for nothing."""
        for kind, those in (("webhook", self.webhooks), ("chat", self.chats)):
            name = name_in(address, kind)
            if name is not None and name not in those:
                raise CommandWrong(f"{address}: {_UNKNOWN.format(kind, name)}")


@contextmanager
def keeping(outlets: Outlets) -> Iterator[Outlets]:
    """The same ways out, with one connection to the mail server for all that leaves meanwhile."""
    if outlets.smtp is None:
        yield outlets
        return
    with smtp.kept(outlets.smtp) as line:
        yield replace(outlets, line=line)


def deliver(digest: Digest, outlets: Outlets) -> None:
    """Send the digest where its address says; DeliveryFailed when it did not leave."""
    try:
        address = check_address(digest.address)
    except CommandWrong as problem:
        raise DeliveryFailed(one_line(digest.address), str(problem), permanent=True) from problem
    if outlets.line is not None:
        outlets.line.rest()
    digest = replace(digest, address=address, links=outlets.links)
    name = name_in(address, "webhook")
    if name is not None:
        webhook.send(digest, _named(outlets.webhooks, name, digest, "webhook"))
        return
    name = name_in(address, "chat")
    if name is not None:
        chat.send(digest, _named(outlets.chats, name, digest, "chat"))
        return
    message = message_of(digest, outlets.sender)
    if is_folder(address):
        folder.keep(message, folder_of(address), digest.key, digest.made_at)
        return
    if outlets.smtp is None:
        why = "no mail server is set; set CTMONITOR_SMTP_URL to one like smtp://host:25"
        raise ServerUnreachable(address, why)
    return_to = outlets.returns.of(digest.key) if outlets.returns else None
    if outlets.line is not None:
        outlets.line.send(message, address, return_to)
    else:
        smtp.send(message, address, outlets.smtp, return_to)


def _named(those: Mapping[str, Way], name: str, digest: Digest, kind: str) -> Way:
    found = those.get(name)
    if found is None:
        raise DeliveryFailed(digest.address, _UNKNOWN.format(kind, name), permanent=False)
    return found


__all__ = [
    "Chat",
    "Digest",
    "Links",
    "Occasion",
    "Outlets",
    "ReturnAddress",
    "Row",
    "SmtpServer",
    "Webhook",
    "check_address",
    "deliver",
    "html_of",
    "is_folder",
    "is_name",
    "keeping",
    "message_of",
    "ordered",
    "text_of",
]
