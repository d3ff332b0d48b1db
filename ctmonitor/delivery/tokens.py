"""Links that act for whoever holds them: signed, so that nobody can make one up.

A link names its reader by id, and what it is about. It never ends: who kept an old mail must
still be able to stop. To let none of the old ones count, take their secret away.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

_TOKEN = re.compile(r"([ua])\.([1-9][0-9]{0,18})\.([0-9a-f]{16}|[0-9]{1,19})\.([\w-]{43})", re.A)
_EVERYTHING = "0"
LONGEST_TOKEN = 90


class Act(StrEnum):
    """What a link is for; the letter stands at the head of its token."""

    UNSUBSCRIBE = "u"
    ACKNOWLEDGE = "a"


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says: who may do what, about what.

    `about` is the digest of a watch list's name or the id of an alert; None means every list.
    """

    act: Act
    subscriber_id: int
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Where readers reach our pages, and what signs the links that lead there."""

    base: str
    secret: str = field(repr=False)

    def unsubscribe(self, subscriber_id: int, list_name: str | None) -> str:
        """Where a subscriber stops one watch list, or all when none is named."""
        return unsubscribe_url(self.base, self.secret, subscriber_id, list_name)

    def acknowledge(self, subscriber_id: int, alert_id: int) -> str:
        """Where a subscriber says that an alert is in hand."""
        return acknowledge_url(self.base, self.secret, subscriber_id, alert_id)


def unsubscribe_url(base: str, secret: str, subscriber_id: int, list_name: str | None) -> str:
    """The address at which a subscriber stops one watch list, or all when none is named."""
    about = None if list_name is None else list_digest(list_name)
    token = token_of(Link(Act.UNSUBSCRIBE, subscriber_id, about), secret)
    return f"{base}/unsubscribe/{token}"


def acknowledge_url(base: str, secret: str, subscriber_id: int, alert_id: int) -> str:
    """The address at which a subscriber says that an alert is in hand."""
    token = token_of(Link(Act.ACKNOWLEDGE, subscriber_id, str(alert_id)), secret)
    return f"{base}/acknowledge/{token}"


def list_digest(name: str) -> str:
    """Sixteen digits that stand for a watch list's name, whatever characters it has."""
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]


def token_of(link: Link, secret: str) -> str:
    """The token of a link, signed with the first of the secrets in a setting."""
    said = f"{link.act}.{link.subscriber_id}.{link.about or _EVERYTHING}"
    return f"{said}.{_signature(said, secret.split(maxsplit=1)[0])}"


def read_token(token: str, act: Act, secret: str) -> Link | None:
    """The link in a token that one of the secrets signed for this act; None for any other."""
    found = _TOKEN.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
    said, _, signature = token.rpartition(".")
    if found is None or not _is_signed(said, signature, secret.split()) or found[1] != act:
        return None
    return Link(act, int(found[2]), None if found[3] == _EVERYTHING else found[3])


def _is_signed(said: str, signature: str, secrets: Sequence[str]) -> bool:
    # Every secret is tried, so that the time taken does not tell which one it was.
    alike = [hmac.compare_digest(_signature(said, one), signature) for one in secrets]
    return any(alike)


def _signature(said: str, secret: str) -> str:
    told = f"ctmonitor link 1\n{said}".encode()
    signed = hmac.digest(secret.encode(errors="surrogatepass"), told, "sha256")
    return urlsafe_b64encode(signed).decode().rstrip("=")
