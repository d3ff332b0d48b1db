"""What a mail server's refusal means, code by code."""

from __future__ import annotations

import pytest

from ctmonitor.delivery.refusal import Step, refusal
from ctmonitor.errors import ServerUnreachable

AT_THE_ADDRESS = {
    "gone": [
        "550 no such user",
        "551 not here, try elsewhere",
        "553 no such name",
        "556 takes no mail",
        "550 5.1.1 unknown",
        "550 5.1.2 no such system",
        "553 5.1.3 bad address",
        "551 5.1.6 moved",
        "556 5.1.10 null MX",
        "550 5.2.1 disabled",
        "554 5.1.1: unknown",
    ],
    "passes": [
        "450 greylisted",
        "452 too many",
        "450 5.1.1 unknown",
        "550 4.2.2 over quota",
        "550 4.1.1 not yet known",
        "550 5.2.2 full",
        "552 5.2.2 full",
        "552 over quota",
    ],
    "down": [
        "530 authentication required",
        "530 5.7.0 STARTTLS first",
        "535 wrong",
        "550 5.7.8 bad login",
        "553 5.1.8 sender's domain not found",
        "550 5.1.7 bad sender",
    ],
    "hopeless": [
        "554 no",
        "550 5.7.1 policy",
        "550 5.1.0 something",
        "550 5.1.11 another",
        "552 5.3.4 too large",
        "552 5.2.3 too long",
        "554 5.4.1 no answer",
        "500 what",
        "503 wrong order",
    ],
}
ELSEWHERE = [
    (Step.SENDER, "553 not yours", "down"),
    (Step.SENDER, "554 5.7.1 you are on a list", "down"),
    (Step.SENDER, "552 too large", "hopeless"),
    (Step.SENDER, "552 5.3.4 too large", "hopeless"),
    (Step.SENDER, "451 later", "passes"),
    (Step.DATA, "554 no", "hopeless"),
    (Step.DATA, "530 log in", "down"),
    (Step.MAIL, "550 5.1.1 unknown", "hopeless"),
    (Step.MAIL, "550 no", "hopeless"),
    (Step.MAIL, "550 5.7.1 spam", "hopeless"),
    (Step.MAIL, "552 too large", "hopeless"),
    (Step.MAIL, "552 5.2.2 full", "passes"),
    (Step.MAIL, "452 disk full", "passes"),
]


def _kind(step: Step, reply: str) -> str:
    code, _, text = reply.partition(" ")
    failure = refusal(step, (int(code), text.encode()), "ann@clinic.example", "why")
    if isinstance(failure, ServerUnreachable):
        assert not failure.permanent and not failure.is_gone
        return "down"
    assert failure.permanent or not failure.is_gone
    return "gone" if failure.is_gone else "hopeless" if failure.permanent else "passes"


@pytest.mark.parametrize("kind", AT_THE_ADDRESS)
def test_a_refused_address(kind):
    """Only what speaks of the mailbox itself says that nobody is there."""
    replies = AT_THE_ADDRESS[kind]
    assert {reply: _kind(Step.ADDRESS, reply) for reply in replies} == dict.fromkeys(replies, kind)


@pytest.mark.parametrize(("step", "reply", "kind"), ELSEWHERE)
def test_a_refusal_of_something_else(step, reply, kind):
    """A sender concerns all mails; once the address was taken, only the mail can be hopeless."""
    assert _kind(step, reply) == kind
