"""Messages for programs: signed as Standard Webhooks 1.0.0 says, sent to one address each.

The specification: https://github.com/standard-webhooks/standard-webhooks
"""

from __future__ import annotations

import base64
import hmac
import re
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from ctmonitor import __version__
from ctmonitor.delivery.digest import Digest
from ctmonitor.delivery.hushed import hushed
from ctmonitor.delivery.reach import Reach, reaching
from ctmonitor.delivery.told import told_of
from ctmonitor.delivery.words import answered
from ctmonitor.errors import DeliveryFailed, SettingWrong

SECONDS = 20.0
"""The longest that one message may take, from the first byte to the last of the answer's head."""
MOST_SECRETS = 2
_SECRET = re.compile(r"whsec_([A-Za-z0-9+/]+={0,2})", re.ASCII)
_SECRET_BYTES = range(24, 65)
_NO_REQUEST = "it could not be reached"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address of a program; `repr` shows neither it nor the secrets.

    Each message is signed with every secret: with two, the receiver may change from one to the
    other when it likes.
    """

    name: str
    url: str = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)
    allow_private: bool = False

    @classmethod
    def checked(cls, name: str, url: str, secrets: str, *, allow_private: bool) -> Webhook:
        """The webhook with the secrets `whsec_...` in a text; SettingWrong repeats neither."""
        where = f"webhooks.{name}"
        if not _is_address(url, allow_private=allow_private):
            raise SettingWrong(where, "url is not an https address", "give one like https://host/")
        found = [_SECRET.fullmatch(word) for word in secrets.split()]
        keys = [_decoded(one[1]) for one in found if one is not None]
        if len(found) not in range(1, MOST_SECRETS + 1) or None in (*found, *keys):
            mend = "make one with `echo whsec_$(openssl rand -base64 32)`; two while you change it"
            raise SettingWrong(
                where, "its secret is not `whsec_` and 24 to 64 bytes in base64", mend
            )
        return cls(name, url, tuple(key for key in keys if key), allow_private)

    @property
    def address(self) -> str:
        """What a subscriber to it is called."""
        return f"webhook:{self.name}"

    def headers(self, key: str, at: int, body: bytes) -> dict[str, str]:
        """What proves that a message is ours, and when it was sent, in seconds since 1970."""
        signed = b".".join((key.encode(), str(at).encode(), body))
        made = (hmac.digest(secret, signed, "sha256") for secret in self.secrets)
        return {
            "webhook-id": key,
            "webhook-timestamp": str(at),
            "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in made),
            "content-type": "application/json",
            "user-agent": f"ctmonitor/{__version__}",
        }


def send(digest: Digest, webhook: Webhook) -> None:
    """Post one message; only an answer of 2xx says that it was taken.

    DeliveryFailed says what else came. A redirect is not followed, 410 says that nobody wants
    any more, and every other answer is tried again later.
    """
    body = told_of(digest)
    headers = webhook.headers(digest.key, int(time.time()), body)
    with hushed(), reaching(SECONDS, may_be_private=webhook.allow_private) as reach:
        try:
            code, retry_after = _posted(webhook.url, body, headers)
        except (requests.RequestException, OSError, ValueError) as problem:
            # Without its cause, whose words hold the address.
            raise DeliveryFailed(
                webhook.address, _reason(problem, reach), permanent=False
            ) from None
    if code // 100 != 2:
        raise DeliveryFailed(
            webhook.address,
            answered(code),
            permanent=False,
            is_gone=code == HTTPStatus.GONE,
            retry_after=_seconds(retry_after),
        )


def _posted(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str | None]:
    """The code of the answer, and when it asks to be tried again; its body is not read."""
    with requests.Session() as session:
        session.trust_env = False
        with session.post(
            url, data=body, headers=headers, timeout=SECONDS, allow_redirects=False, stream=True
        ) as answer:
            return answer.status_code, answer.headers.get("Retry-After")


def _reason(problem: Exception, reach: Reach) -> str:
    if reach.why is not None:
        return f"{_NO_REQUEST}: {reach.why}"
    if isinstance(problem, requests.exceptions.SSLError):
        return f"{_NO_REQUEST}: its certificate is not trusted, or TLS could not be set up"
    if isinstance(problem, requests.Timeout):
        return f"it took longer than {SECONDS:g} seconds"
    return f"{_NO_REQUEST} ({type(problem).__name__})"


def _seconds(retry_after: str | None) -> float | None:
    """The seconds in a Retry-After, given as such or as a date; None when it cannot be read."""
    try:
        return Retry().parse_retry_after(retry_after) if retry_after else None
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _is_address(url: str, *, allow_private: bool) -> bool:
    try:
        parts = urlsplit(url)
        known = parts.scheme == "https" or (parts.scheme == "http" and allow_private)
        return known and bool(parts.hostname) and parts.port != 0 and url.isprintable()
    except ValueError:
        return False


def _decoded(text: str) -> bytes | None:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return key if len(key) in _SECRET_BYTES else None
