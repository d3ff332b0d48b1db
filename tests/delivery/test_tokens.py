"""A link acts for its reader only, and only if we signed it."""

from __future__ import annotations

import pytest

from ctmonitor.delivery.tokens import (
    LONGEST_TOKEN,
    Act,
    Link,
    acknowledge_url,
    list_digest,
    read_token,
    token_of,
    unsubscribe_url,
)

SECRET, OTHER = "s" * 32, "t" * 32
BASE = "https://monitor.hospital.example"
LINKS = [
    Link(Act.UNSUBSCRIBE, 7),
    Link(Act.UNSUBSCRIBE, 2**63 - 1, list_digest("Onkologie – Köln \ud800")),
    Link(Act.ACKNOWLEDGE, 7, str(2**63 - 1)),
]


@pytest.mark.parametrize("link", LINKS, ids=str)
def test_a_token_says_what_was_signed(link):
    """What a token was made of is read from it again, and it is short enough for a header."""
    token = token_of(link, SECRET)
    assert read_token(token, link.act, SECRET) == link
    assert len(token) <= LONGEST_TOKEN


def test_the_addresses_are_those_that_the_pages_answer_at():
    """A list is named by digits, whatever its name; the same names give the same address."""
    url = unsubscribe_url(BASE, SECRET, 7, "Onkologie\r\nBcc: x@y.example")
    assert url == unsubscribe_url(BASE, SECRET, 7, "Onkologie\r\nBcc: x@y.example")
    assert url.startswith(f"{BASE}/unsubscribe/u.7.") and url.isprintable()
    assert unsubscribe_url(BASE, SECRET, 7, None).startswith(f"{BASE}/unsubscribe/u.7.0.")
    assert acknowledge_url(BASE, SECRET, 7, 12).startswith(f"{BASE}/acknowledge/a.7.12.")


@pytest.mark.parametrize("at", range(60))
def test_a_token_with_another_sign_anywhere_is_none(at):
    """Not one character of a token can be changed."""
    token = token_of(Link(Act.ACKNOWLEDGE, 71, "12"), SECRET)
    other = "B" if token[at : at + 1] == "A" else "A"
    changed = f"{token[:at]}{other}{token[at + 1 :]}"
    assert read_token(changed, Act.ACKNOWLEDGE, SECRET) is None


@pytest.mark.parametrize("token", ["", "u", "u.1.0.", "u.1.0." + "A" * 43, "u.1.0." + "é" * 43])
def test_what_is_no_token_is_none(token):
    """Anything that somebody types is refused without a fault."""
    assert read_token(token, Act.UNSUBSCRIBE, SECRET) is None
    assert read_token(f"{token}\n", Act.UNSUBSCRIBE, SECRET) is None


def test_a_token_is_for_one_act_only():
    """Who may stop the messages about a list has not thereby said that an alert is in hand."""
    token = token_of(Link(Act.UNSUBSCRIBE, 7), SECRET)
    assert read_token(token, Act.ACKNOWLEDGE, SECRET) is None


def test_a_secret_can_be_followed_by_another():
    """The first of several secrets signs; links that an older one signed count until it goes."""
    old = token_of(Link(Act.UNSUBSCRIBE, 7), OTHER)
    both = f"{SECRET} {OTHER}"
    assert read_token(old, Act.UNSUBSCRIBE, both) == Link(Act.UNSUBSCRIBE, 7)
    assert token_of(Link(Act.UNSUBSCRIBE, 7), both) == token_of(Link(Act.UNSUBSCRIBE, 7), SECRET)
    assert read_token(old, Act.UNSUBSCRIBE, SECRET) is None
