"""The envelope and the letter: one digest as one mail that any program can read."""

from __future__ import annotations

from email.message import EmailMessage

from ctmonitor.delivery.address import is_folder
from ctmonitor.delivery.bodies import bodies_of
from ctmonitor.delivery.digest import Digest
from ctmonitor.delivery.evidence import study_number
from ctmonitor.delivery.headers import (
    POLICY,
    list_id,
    message_id,
    subject_line,
    thread_root,
    unsubscribe_link,
)
from ctmonitor.delivery.sheet import ATTACHED, gist_of
from ctmonitor.delivery.table import table_of

NOBODY = "undisclosed-recipients:;"


def message_of(digest: Digest, sender: str) -> EmailMessage:
    """The mail for a digest: the same bytes at every attempt.

    `sender` is `name@host`, or `Some Name <name@host>`.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = NOBODY if is_folder(digest.address) else digest.address
    message["Subject"] = subject_line(gist_of(digest))
    message["Date"] = digest.made_at
    _name(message, digest)
    message["Auto-Submitted"] = "auto-generated"
    message["Precedence"] = "list"
    message["X-Auto-Response-Suppress"] = "All"
    bodies = bodies_of(digest)
    message.set_content(bodies.text, cte=_encoding(bodies.text))
    message.add_alternative(bodies.html, subtype="html", cte=_encoding(bodies.html))
    message.set_boundary(f"=_{digest.key[:32]}")
    if not bodies.is_whole:
        message.add_attachment(
            table_of(digest),
            maintype="text",
            subtype="csv",
            filename=ATTACHED,
            params={"charset": "utf-8"},
        )
        message.set_boundary(f"=+{digest.key[:32]}")
    return message


def sender_of(message: EmailMessage) -> str:
    """The bare address that a mail is from."""
    return str(message["From"].addresses[0].addr_spec)


def _name(message: EmailMessage, digest: Digest) -> None:
    """What mail programs sort, thread and unsubscribe by."""
    sender = sender_of(message)
    domain = sender.rpartition("@")[2]
    message["Message-ID"] = message_id(digest.key, domain)
    number = study_number(digest.studies[0]) if len(digest.studies) == 1 else None
    if number:
        root = thread_root(number, digest.address, domain)
        message["In-Reply-To"] = root
        message["References"] = root
    first = digest.lists[0] if digest.lists else None
    if first:
        message["List-Id"] = list_id(first, domain)
    if not digest.may_unsubscribe:
        return
    by_mail = unsubscribe_link(sender, first)
    if digest.links is None or digest.subscriber_id is None:
        message["List-Unsubscribe"] = by_mail
        return
    # One click stops what brought the message: the one list, or all where it was several.
    only = first if len(digest.lists) == 1 else None
    url = digest.links.unsubscribe(digest.subscriber_id, only)
    message["List-Unsubscribe"] = f"<{url}>, {by_mail}"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _encoding(text: str) -> str:
    """Quoted-printable keeps Latin text readable; for others it would triple the size."""
    return "base64" if len(text.encode()) > 1.2 * len(text) else "quoted-printable"
