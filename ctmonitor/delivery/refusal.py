"""What a mail server's refusal means: for this mail, for this address, or for all of them."""

from __future__ import annotations

import re
from enum import Enum

from ctmonitor.errors import DeliveryFailed, ServerUnreachable

_DETAIL = re.compile(rb"\s*([245])\.(\d{1,3}\.\d{1,3})\b")
_MAILBOX_CODES = (550, 551, 553, 556)
_MAILBOX_DETAILS = ("1.1", "1.2", "1.3", "1.6", "1.10", "2.1")
_LOGIN_CODES = (530, 534, 535, 538)
_LOGIN_DETAILS = ("7.8", "7.9", "7.11")
_OUR_SENDER_DETAILS = ("1.7", "1.8")
_FULL = "2.2"
_TOO_LARGE = ("2.3", "3.4")


class Step(Enum):
    """What of a mail was refused; the value stands in the sentence that says so."""

    SENDER = "the sender"
    ADDRESS = "the address"
    DATA = "DATA"
    MAIL = "the mail"


def refusal(step: Step, reply: tuple[int, bytes], address: str, why: str) -> DeliveryFailed:
    """The failure that a reply of 4yz or 5yz is, to be raised.

    The code says whether it passes (RFC 5321, 4.2.1); where the text begins with an enhanced one
    (RFC 2034), that says of what it speaks (RFC 3463, 3), and the milder of the two counts.

    - Nobody is there: 5.1.1, 5.1.2, 5.1.3, 5.1.6 and 5.2.1 (RFC 3463, 3.2 and 3.3) and 5.1.10
      (RFC 7505, 4.2) at the address; without an enhanced code 550, 551 and 553 (RFC 5321, 4.2.3)
      and 556 (RFC 7504, 3). A bare 550 may mean a policy as well: then what is owed has to wait
      until somebody resumes the address, but none of it is lost.
    - It concerns us, and so every mail: a login that is wanted or refused (RFC 4954, 6), and a
      sender that is refused for good, which some servers say only at the address (5.1.7, 5.1.8).
    - It passes: every 4yz, and a full mailbox, 5.2.2, or a bare 552 at the address, which RFC 5321,
      4.5.3.1.10 has treated as 452.
    - Only this mail is hopeless: all other 5yz, like policy, 5.7.z, and size, 5.2.3 and 5.3.4.
    """
    code, detail = _read(reply)
    if code // 100 == 4 or detail == _FULL:
        return DeliveryFailed(address, why, permanent=False)
    if code in _LOGIN_CODES or detail in _LOGIN_DETAILS or _is_about_us(step, code, detail):
        return ServerUnreachable(address, why)
    if step is Step.ADDRESS:
        if code == 552 and detail is None:
            return DeliveryFailed(address, why, permanent=False)
        is_gone = code in _MAILBOX_CODES if detail is None else detail in _MAILBOX_DETAILS
        return DeliveryFailed(address, why, permanent=True, is_gone=is_gone)
    return DeliveryFailed(address, why, permanent=True)


def names_no_mailbox(detail: str) -> bool:
    """Whether the subject and detail of an enhanced code, as `1.1`, say that nobody is there."""
    return detail in _MAILBOX_DETAILS


def _read(reply: tuple[int, bytes]) -> tuple[int, str | None]:
    """The code, and the enhanced one without its class; a class that is milder makes both so."""
    code, text = reply
    found = _DETAIL.match(text)
    if found is None:
        return code, None
    return (450 if found[1] == b"4" else code), found[2].decode()


def _is_about_us(step: Step, code: int, detail: str | None) -> bool:
    if step is Step.SENDER:
        return detail not in _TOO_LARGE and (code, detail) != (552, None)
    return step is Step.ADDRESS and detail in _OUR_SENDER_DETAILS
