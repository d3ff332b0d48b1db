"""`ctmonitor mark`."""

from __future__ import annotations

import getpass

import pytest

from tests.cli.conftest import Terminal


def test_a_mark_says_who_did_what(told: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark bears the name of the person who called."""
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    made = told.ask("mark", "1", "assigned", "to", "Bo")
    assert made == {"alert": 1, "act": "assigned", "by": "ada", "note": "to Bo"}


def test_a_user_without_a_name_can_mark(told: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container a user need not have a name."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert told.ask("mark", "1", "seen")["by"].startswith("user ")


@pytest.mark.parametrize(
    "words",
    [
        ["99", "seen"],
        ["0", "seen"],
        ["99999999999999999999", "seen"],
        ["one", "seen"],
        ["1", "forgotten"],
        ["1", "comment"],
        ["1", "comment", "\udcff"],
    ],
    ids=ascii,
)
def test_a_wrong_mark_is_refused(told: Terminal, words: list[str]) -> None:
    """No mark is made beside nothing, and none without what it needs."""
    said = told("mark", *words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert all(alert["marks"] == [] for alert in told.ask("alerts"))
