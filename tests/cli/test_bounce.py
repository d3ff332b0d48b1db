"""`ctmonitor bounce`."""

from __future__ import annotations

import io
import sys
from email import message_from_string
from pathlib import Path

import pytest

from ctmonitor.delivery.bounce import ReturnAddress
from tests.builders import a_study
from tests.cli.conftest import Terminal
from tests.delivery.returned import a_return

SECRET = "s" * 32
NEWEST = {"overall_status": "COMPLETED", "data_date": "2026-03-05"}


def _left(told: Terminal) -> str:
    """Let one message leave; gives the address that it would come back to."""
    told("watch", "add", "all", "--all")
    told("subscribe", "add", f"file:{told.folder / 'mails'}", "--watch", "all")
    told.sweep(a_study(**NEWEST), today="2026-03-05")
    told("dispatch")
    [mail] = (told.folder / "mails").iterdir()
    key = message_from_string(mail.read_text())["Message-ID"].strip("<>").partition("@")[0]
    return ReturnAddress("bounces@hospital.example", SECRET).of(key)


def test_a_mail_that_came_back_is_taken_in(told: Terminal, tmp_path: Path) -> None:
    """From a file; the list of what did not leave says why."""
    path = tmp_path / "returned.eml"
    path.write_bytes(a_return(_left(told)))
    said = told("bounce", str(path), web_secret=SECRET)
    assert (said.code, "suspended (it came back: smtp; 550 5.1.1" in said.out) == (0, True)
    [row] = told.ask("dispatch", "--list")
    assert row["state"] == "retrying" and "no such user" in row["reason"]


def test_a_mail_server_hands_it_over_by_stdin(told: Terminal, monkeypatch) -> None:
    """And may say to which address it came."""
    to = _left(told)
    stdin = io.TextIOWrapper(io.BytesIO(a_return("<>", status="5.2.2")))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert told.ask("bounce", "--to", to, web_secret=SECRET)[0]["state"] == "retrying"


@pytest.mark.parametrize("raw", [b"", b"nonsense", a_return("bounces@hospital.example")])
def test_what_is_none_of_ours_changes_nothing(told: Terminal, tmp_path: Path, raw: bytes) -> None:
    """It is said, and is no failure: a mail server would send it back."""
    path = tmp_path / "returned.eml"
    path.write_bytes(raw)
    said = told("bounce", str(path), web_secret=SECRET)
    assert (said.code, said.out) == (0, "nothing to do (it came to no address of ours)\n")


def test_without_a_secret_nothing_is_known_as_ours(told: Terminal) -> None:
    """The sentence says what to set."""
    said = told("bounce", "x.eml")
    assert (said.code, "CTMONITOR_WEB_SECRET" in said.err) == (3, True)


@pytest.mark.parametrize("address", ["b" * 31 + "@hospital.example", "bounces@hospital.example"])
def test_a_return_address_that_cannot_be_made_is_refused(told: Terminal, address: str) -> None:
    """One that is too long, or that nothing signs, before anything is sent."""
    secret = {"web_secret": SECRET} if address.startswith("bb") else {}
    said = told("dispatch", bounce_address=address, **secret)
    assert (said.code, "CTMONITOR_BOUNCE_ADDRESS" in said.err) == (3, True)
