"""How an alert leaves: a digest becomes a mail, or a file in a folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.utils import parseaddr

from ctmonitor.delivery import folder, smtp
from ctmonitor.delivery.address import check_address, folder_of, is_folder
from ctmonitor.delivery.bodies import html_of, text_of
from ctmonitor.delivery.digest import Digest, Row, ordered
from ctmonitor.delivery.message import message_of
from ctmonitor.delivery.smtp import SmtpServer
from ctmonitor.delivery.words import one_line
from ctmonitor.errors import CommandWrong, DeliveryFailed, ServerUnreachable, SettingWrong


@dataclass(frozen=True, slots=True)
class Outlets:
    """The ways out that the operator has set; `sender` is `name@host` or `Name <name@host>`."""

    smtp: SmtpServer | None
    sender: str

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


def deliver(digest: Digest, outlets: Outlets) -> None:
    """Send the digest where its address says; DeliveryFailed when it did not leave."""
    try:
        address = check_address(digest.address)
    except CommandWrong as problem:
        raise DeliveryFailed(one_line(digest.address), str(problem), permanent=True) from problem
    message = message_of(replace(digest, address=address), outlets.sender)
    if is_folder(address):
        folder.keep(message, folder_of(address), digest.key, digest.made_at)
        return
    if outlets.smtp is None:
        why = "no mail server is set; set CTMONITOR_SMTP_URL to one like smtp://host:25"
        raise ServerUnreachable(address, why)
    smtp.send(message, address, outlets.smtp)


__all__ = [
    "Digest",
    "Outlets",
    "Row",
    "SmtpServer",
    "check_address",
    "deliver",
    "html_of",
    "is_folder",
    "message_of",
    "ordered",
    "text_of",
]
