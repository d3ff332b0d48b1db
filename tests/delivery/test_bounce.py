"""What came back is known by its signed address, and read as RFC 3464 says."""

from __future__ import annotations

import random

import pytest

from ctmonitor.delivery.address import check_address
from ctmonitor.delivery.bounce import ReturnAddress, read_return
from tests.delivery.returned import a_return

SECRET = "s" * 32
KEY = "0123456789abcdef" * 4
TO = ReturnAddress("bounces@hospital.example", SECRET).of(KEY)


def test_each_message_has_a_return_address_of_its_own():
    """It is a mailbox like any other, and bears the beginning of the key."""
    assert TO.startswith("bounces+0123456789abcdef.") and TO.endswith("@hospital.example")
    assert check_address(TO) == TO
    assert len(ReturnAddress("b" * 30 + "@x.example", SECRET).of(KEY).rpartition("@")[0]) == 64


@pytest.mark.parametrize(
    ("action", "status", "failed", "is_gone"),
    [
        ("failed", "5.1.1", True, True),
        ("Failed", "5.1.10 (no mail)", True, True),
        ("failed", "5.2.2", True, False),
        ("failed", "4.4.7", True, False),
        ("failed", "5.7.1", True, False),
        ("failed", "nonsense", True, False),
        ("delayed", "4.4.1", False, False),
        ("delivered", "2.0.0", False, False),
        ("relayed", "2.0.0", False, False),
    ],
)
def test_a_report_says_whether_it_failed_and_whether_anybody_is_there(
    action, status, failed, is_gone
):
    """Late is not failed, and only an unknown mailbox is gone."""
    found = read_return(a_return(TO, action=action, status=status), SECRET)
    assert (found.key, found.failed, found.is_gone) == (KEY[:16], failed, is_gone)


def test_the_reason_is_what_the_server_said():
    """On one line, and cut."""
    found = read_return(a_return(TO, code="smtp; 550 " + "no such user " * 90), SECRET)
    assert found.why.startswith("it came back: smtp; 550 no such user")
    assert len(found.why) < 230


@pytest.mark.parametrize("header", ["To", "Delivered-To", "X-Original-To", "Envelope-To"])
def test_the_address_is_found_wherever_servers_write_it(header):
    """Also when a server wrote it in capital letters, or says it beside the mail."""
    raw = a_return("<>").replace(b"To: <>", f"{header}: <{TO.upper()}>".encode())
    assert read_return(raw, SECRET).key == KEY[:16]
    assert read_return(a_return("<>"), SECRET, to=TO).key == KEY[:16]


def test_only_our_own_addresses_count():
    """Nobody can make one up, and an old secret still counts while it is kept."""
    forged = TO.replace("0123", "1123")
    assert read_return(a_return(forged), SECRET) is None
    assert read_return(a_return("bounces@hospital.example"), SECRET) is None
    assert read_return(a_return(TO), "t" * 32) is None
    assert read_return(a_return(TO), f"{'t' * 32} {SECRET}").key == KEY[:16]


def test_an_answer_from_somebody_on_holiday_is_no_failure():
    """It is no report."""
    raw = f"To: {TO}\r\nSubject: Away\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n".encode()
    assert not read_return(raw, SECRET).failed


def test_no_bytes_make_it_stumble():
    """A thousand mails with something wrong in them are read, or are none of ours."""
    choice, whole = random.Random(7), a_return(TO)
    for _ in range(1_000):
        raw = bytearray(whole)
        for _ in range(choice.randint(1, 30)):
            raw[choice.randrange(len(raw))] = choice.randrange(256)
        found = read_return(bytes(raw[: choice.randrange(len(raw))]), SECRET)
        assert found is None or found.key == KEY[:16]
