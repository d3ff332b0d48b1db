"""`ctmonitor subscribe`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.cli.conftest import Terminal

UNSAID = dict.fromkeys(
    ("quiet_hours", "breaks_quiet", "repeat_days", "escalate_to", "escalate_hours")
)


@pytest.fixture
def listed(terminal: Terminal) -> Terminal:
    """A store with a watch list of everything."""
    terminal("watch", "add", "all", "--all")
    return terminal


def test_a_subscription_is_listed_as_it_was_wished(listed: Terminal) -> None:
    """Address, list, rules and severity; the host in small letters."""
    words = ("--rule", "stopped", "--min-severity", "high")
    listed("subscribe", "add", "Ada@Example.ORG", "--watch", "all", *words)
    assert listed.ask("subscribe", "list") == [
        {
            "address": "Ada@example.org",
            "watch": "all",
            "rules": ["stopped"],
            "min_severity": "high",
            "cadence": "run",
            **UNSAID,
            "zone": "UTC",
        }
    ]


def test_a_newer_wish_takes_the_place_of_the_older(listed: Terminal) -> None:
    """Nobody hears twice of one list."""
    listed("subscribe", "add", "a@b.example", "--watch", "all", "--rule", "stopped")
    listed("subscribe", "add", "a@b.example", "--watch", "all")
    [wish] = listed.ask("subscribe", "list")
    assert wish["rules"] == []


def test_who_goes_is_gone(listed: Terminal) -> None:
    """Removing ends the subscription, and removing again says there is none."""
    listed("subscribe", "add", "a@b.example", "--watch", "all")
    assert listed("subscribe", "remove", "a@b.example").code == 0
    assert listed.ask("subscribe", "list") == []
    assert listed("subscribe", "remove", "a@b.example").code == 2


def test_a_mute_is_kept_with_its_reason(listed: Terminal) -> None:
    """What is muted, until when and why is said back."""
    listed("subscribe", "add", "a@b.example", "--watch", "all")
    words = ("--nct", "NCT00000001", "--until", "2026-12-31", "--reason", "known")
    made = listed.ask("subscribe", "mute", "a@b.example", *words)
    assert (made["nct_id"], made["until"], made["reason"]) == ("NCT00000001", "2026-12-31", "known")


def test_a_mute_without_a_day_ends_by_itself(listed: Terminal) -> None:
    """Who does not say until when hears again after three months."""
    listed("subscribe", "add", "a@b.example", "--watch", "all")
    made = listed.ask("subscribe", "mute", "a@b.example", "--rule", "stopped")
    assert date.fromisoformat(made["until"]) - datetime.now(UTC).date() == timedelta(days=90)


@pytest.mark.parametrize(
    "words",
    [
        ["add", "a@b.example", "--watch", "nonsense"],
        ["add", "nobody", "--watch", "all"],
        ["add", "a@b.example\nBcc: c@d.example", "--watch", "all"],
        ["add", "a@b.example", "--watch", "all", "--rule", "nonsense"],
        ["add", "a@b.example", "--watch", "all", "--min-severity", "urgent"],
        ["add", "a@b.example"],
        ["remove", "a@b.example"],
        ["mute", "a@b.example", "--rule", "stopped", "--until", "2026-12-31", "--reason", "x"],
        ["mute", "a@b.example", "--until", "2026-12-31", "--reason", "x"],
        ["mute", "a@b.example", "--rule", "stopped", "--until", "soon", "--reason", "x"],
    ],
)
def test_a_wrong_wish_is_refused(listed: Terminal, words: list[str]) -> None:
    """Nothing is made of what cannot be."""
    said = listed("subscribe", *words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert listed.ask("subscribe", "list") == []


def test_how_somebody_is_told_is_kept_until_it_is_said_anew(listed: Terminal) -> None:
    """Zone and hours belong to the subscriber; the cadence to the list."""
    told = ("--cadence", "weekly mon 08:00", "--quiet-hours", "22:00-06:00")
    listed("subscribe", "add", "a@b.example", "--watch", "all", *told, "--zone", "Europe/Berlin")
    [found] = listed.ask("subscribe", "list")
    assert (found["cadence"], found["zone"]) == ("weekly mon 08:00", "Europe/Berlin")
    assert found["quiet_hours"] == "22:00-06:00"
    listed("subscribe", "add", "a@b.example", "--watch", "all", "--quiet-hours", "none")
    [found] = listed.ask("subscribe", "list")
    assert (found["cadence"], found["zone"], found["quiet_hours"]) == ("run", "Europe/Berlin", None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cadence", "hourly"], "daily HH:MM"),
        (["--quiet-hours", "00:00-24:00"], "no hour"),
        (["--quiet-hours", "8-9"], "mon-fri 18:00-08:00"),
        (["--zone", "Mars/Olympus"], "not a time zone"),
    ],
)
def test_a_wrong_manner_is_refused(listed: Terminal, words: list[str], said: str) -> None:
    """With the way to write it."""
    refused = listed("subscribe", "add", "a@b.example", "--watch", "all", *words)
    assert refused.code == 2 and said in refused.err


def test_subscribers_of_the_file_are_applied_when_somebody_says_so(listed: Terminal) -> None:
    """Tried first, then made so; a wrong file changes nothing."""
    config = listed.folder / "people.toml"
    config.write_text('[[subscribers]]\naddress = "a@b.example"\nwatch = "all"\n')
    tried = listed("subscribe", "apply", "--dry-run", config=str(config))
    assert (tried.code, tried.out) == (0, "1 subscriber, 0 changes\n")
    assert listed.ask("subscribe", "list") == []
    said = listed("subscribe", "apply", config=str(config))
    assert said.out == "a@b.example: subscribed, all\n1 subscriber, 1 change\n"
    config.write_text('[[subscribers]]\naddress = "nobody"\nwatch = "all"\n')
    assert listed("subscribe", "apply", config=str(config)).code == 3
    assert len(listed.ask("subscribe", "list")) == 1


def test_a_test_is_marked_and_owed_to_nobody(told: Terminal) -> None:
    """One message leaves at once; the journal says who asked for it."""
    mails = told.folder / "mails"
    said = told("subscribe", "test", f"file:{mails}")
    assert (said.code, said.out) == (0, f"A test left for file:{mails}\n")
    [mail] = [path.read_text() for path in mails.iterdir()]
    assert "Subject: [ctmonitor] Test: " in mail
    assert "This is a test. Nothing changed, and nothing is owed to you." in mail
    assert told.ask("dispatch", "--list") == []


def test_a_test_that_does_not_leave_says_why(told: Terminal) -> None:
    """It is not tried again: whoever asked for it is there to ask again."""
    said = told("subscribe", "test", "ada@example.org", smtp_url="smtp://127.0.0.1:9")
    assert said.code == 7
    assert "127.0.0.1:9" in said.err
    assert told.ask("dispatch", "--list") == []


def test_the_word_after_a_quiet_week_is_refused_for_good(told: Terminal) -> None:
    """Unless a day is named; anything else is muted for a while."""
    told("watch", "add", "all", "--all")
    told("subscribe", "add", "ada@example.org", "--watch", "all")
    mute = ("subscribe", "mute", "ada@example.org")
    said = told(*mute, "--rule", "all-quiet")
    assert said.out == "ada@example.org: all-quiet muted for good\n"
    assert told.ask(*mute, "--rule", "all-quiet", "--until", "2030-12-31")["until"] == "2030-12-31"
    assert told.ask(*mute, "--rule", "stopped")["until"] < "9999"
