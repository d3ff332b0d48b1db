"""Which way a digest goes."""

from __future__ import annotations

import pytest

from ctmonitor.delivery import Outlets, deliver
from ctmonitor.errors import DeliveryFailed, SettingWrong
from tests.delivery.build import SENDER, a_digest


def test_a_mail_without_a_server_stays_owed():
    """With no mail server set, the failure passes and names the setting."""
    with pytest.raises(DeliveryFailed, match="set CTMONITOR_SMTP_URL to one like") as failure:
        deliver(a_digest(), Outlets(smtp=None, sender=SENDER))
    assert not failure.value.permanent


def test_an_address_that_cannot_be_is_dead():
    """An address that no server would take is refused for good, before anything is sent."""
    with pytest.raises(DeliveryFailed, match="no address") as failure:
        deliver(a_digest(address="ann@x\r\nRCPT TO:<eve@x>"), Outlets(None, SENDER))
    assert failure.value.permanent


@pytest.mark.parametrize(
    "sender",
    ["", "ctmonitor", "file:/tmp", "a@b\r\nBcc: c@d", "a@zürich.example", "Ann\u202e <a@b>"],
)
def test_a_wrong_sender_is_a_wrong_setting(sender):
    """Outlets cannot be made with a sender that would spoil every mail."""
    with pytest.raises(SettingWrong, match="CTMONITOR_MAIL_FROM"):
        Outlets(smtp=None, sender=sender)


@pytest.mark.parametrize("sender", ["ctmonitor@localhost", SENDER, '"Müller, A." <a@b.example>'])
def test_a_right_sender_is_taken(sender):
    """A bare address and one with a name in front both serve."""
    assert Outlets(smtp=None, sender=sender).sender == sender
