"""`ctmonitor dispatch`."""

from __future__ import annotations

import socket

import pytest

from tests.builders import a_study
from tests.cli.conftest import Terminal
from tests.delivery.fault_server import faulty

NEWEST = {"overall_status": "COMPLETED", "data_date": "2026-03-05"}


def owed(terminal: Terminal, address: str) -> Terminal:
    """A terminal whose store owes one digest to an address."""
    terminal("watch", "add", "all", "--all")
    terminal("subscribe", "add", address, "--watch", "all")
    terminal.sweep(a_study(**NEWEST), today="2026-03-05")
    return terminal


def test_what_is_owed_is_sent_once(told: Terminal) -> None:
    """The second dispatch has nothing to send."""
    owed(told, f"file:{told.folder / 'mails'}")
    assert told.ask("dispatch") == {"sent": 1, "waiting": 0, "dead": 0, "problems": []}
    assert told.ask("dispatch")["sent"] == 0


def test_a_folder_that_cannot_be_written_is_tried_again(told: Terminal) -> None:
    """A full or missing disk is no reason to give up, and is told."""
    (told.folder / "mails").write_text("not a folder")
    owed(told, f"file:{told.folder / 'mails'}")
    said = told("dispatch", "--json")
    assert (said.code, said.json["waiting"]) == (0, 1)
    assert "not delivered" in said.err


def test_a_server_that_is_down_is_tried_again(told: Terminal) -> None:
    """The alert stays owed; the command that swept is no failure."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{nobody.getsockname()[1]}"
        owed(told, "ada@example.org")
        said = told("dispatch", "--json", smtp_url=url)
    assert (said.code, said.json["waiting"]) == (0, 1)


def test_a_mail_without_a_server_is_not_lost(told: Terminal) -> None:
    """Who set no mail server is told, and can set one later."""
    owed(told, "ada@example.org")
    said = told("dispatch", "--json")
    assert said.json["sent"] == 0
    assert "SMTP_URL" in said.err


@pytest.mark.parametrize("command", ["dispatch", "sweep", "due"])
def test_a_failure_for_good_ends_with_seven(told: Terminal, command: str) -> None:
    """Every command that sends says so by its exit code."""
    owed(told, "ada@example.org")
    words = [command, told.file(a_study(**NEWEST))] if command == "sweep" else [command]
    with faulty(DATA="554 not such a mail") as server:
        said = told(*words, smtp_url=f"smtp://127.0.0.1:{server.port}")
    assert said.code == 7
    assert "not such a mail" in said.err


def test_what_did_not_leave_is_listed_with_its_reason(told: Terminal) -> None:
    """Who asks why nobody got a mail is told what waits, since which try, and why."""
    owed(told, "ada@example.org")
    told("dispatch")
    [waiting] = told.ask("dispatch", "--list")
    assert (waiting["address"], waiting["state"], waiting["tries"]) == (
        "ada@example.org",
        "retrying",
        1,
    )
    assert "SMTP_URL" in waiting["reason"]
