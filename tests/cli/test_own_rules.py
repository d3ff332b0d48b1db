"""Rules of their own, from the file of settings to the terminal."""

from __future__ import annotations

import pytest

from tests.builders import a_payload
from tests.cli.conftest import DAY_1, DAY_2, Terminal

RULES = """
[rules.stopped]
severity = "low"

[rules.big-now]
field = "enrollment"
condition = "crosses"
threshold = 1000

[rules.long-unverified]
question = "Nobody verified it for a month."
field = "status_verified_date"
condition = "older-than"
days = 31
severity = "high"
scope = { sponsor = "acme *" }
"""
SMALL = {"overall_status": "RECRUITING", "enrollment": 900, "status_verified_date": "2026-01"}


@pytest.fixture
def config(terminal: Terminal) -> str:
    """A file of settings with two own rules."""
    path = terminal.folder / "own.toml"
    path.write_text(RULES)
    return str(path)


def swept(terminal: Terminal, config: str) -> None:
    """Two studies seen twice, of which one crossed a thousand between."""
    acme, other = {"lead_sponsor": "Acme Pharma"}, {"nct_id": "NCT00000002"}
    first = [a_payload(**SMALL, **more, **DAY_1) for more in (acme, other)]
    second = [a_payload(**{**SMALL, "enrollment": 1200}, **acme, **DAY_2)]
    second.append(a_payload(**SMALL, **other, **DAY_2))
    for studies, day in ((first, "2026-02-27"), (second, "2026-03-02")):
        words = ("sweep", terminal.file(*studies), "--today", day, "--no-dispatch")
        assert terminal(*words, config=config).code == 0


def test_own_rules_are_listed_behind_the_catalogue(terminal: Terminal, config: str) -> None:
    """They are shown as the others, and one alone with what is written."""
    found = terminal.ask("rules", config=config)
    assert [one["name"] for one in found[-2:]] == ["big-now", "long-unverified"]
    lines = terminal("rules", "long-unverified", config=config).out.splitlines()
    assert lines[0] == "long-unverified: Nobody verified it for a month."
    assert {"  condition  older-than", "  days       31"} < set(lines)


def test_a_crossing_is_told_once(terminal: Terminal, config: str) -> None:
    """A sweep asks the own rules of change, and the filter finds what they told."""
    swept(terminal, config)
    (alert,) = terminal.ask("alerts", "--rule", "big-now", config=config)
    assert (alert["nct_id"], alert["severity"]) == ("NCT00000001", "normal")
    assert alert["headline"] == "Enrollment Count 1200; was 900"


def test_an_old_date_is_foretold_and_told_once(terminal: Terminal, config: str) -> None:
    """The forecast says the day, and `due` tells of it once, of the studies in the scope."""
    swept(terminal, config)
    words = ("forecast", "--rule", "long-unverified", "--today", "2026-03-02")
    (day,) = terminal.ask(*words, config=config)
    assert (day["nct_id"], day["due_on"]) == ("NCT00000001", "2026-03-04")
    for today in ("2026-03-03", "2026-03-04", "2026-03-05"):
        terminal("due", "--today", today, config=config)
    (alert,) = terminal.ask("alerts", "--rule", "long-unverified", config=config)
    assert (alert["nct_id"], alert["severity"]) == ("NCT00000001", "high")


def test_a_rule_that_was_written_later_is_asked_of_all(terminal: Terminal, config: str) -> None:
    """A day that passed before the rule was there is told at the next run."""
    swept(terminal, str(terminal.folder / "own.toml"))
    plain = terminal.folder / "plain.toml"
    plain.write_text("")
    terminal("due", "--today", "2026-03-10", config=str(plain))
    terminal("due", "--today", "2026-03-11", config=config)
    assert len(terminal.ask("alerts", "--rule", "long-unverified", config=config)) == 1


def test_own_rules_can_be_subscribed_to_and_muted(terminal: Terminal, config: str) -> None:
    """Their names are taken wherever those of the catalogue are."""
    terminal("watch", "add", "all", "--all")
    add = ("subscribe", "add", "ada@example.org", "--watch", "all", "--rule", "big-now")
    mute = ("subscribe", "mute", "ada@example.org", "--rule", "big-now")
    assert [terminal(*words, config=config).code for words in (add, mute)] == [0, 0]
    assert [terminal(*words).code for words in (add, mute)] == [2, 2]


def test_what_an_own_rule_told_is_found_when_it_is_gone(terminal: Terminal, config: str) -> None:
    """Alerts outlive the lines that asked for them; a name that told nothing is refused."""
    swept(terminal, config)
    assert len(terminal.ask("alerts", "--rule", "big-now")) == 1
    assert terminal("alerts", "--rule", "long-unverified").code == 2


def test_faults_of_own_rules_stop_every_command(terminal: Terminal, config: str) -> None:
    """All are named at once, beside those of tuned rules."""
    path = terminal.folder / "own.toml"
    path.write_text(RULES.replace("1000", '"many"').replace("days = 31", "").replace("low", "loud"))
    said = terminal("rules", config=config)
    assert said.code == 3
    for key in ("stopped.severity", "big-now.threshold", "long-unverified.days"):
        assert f"{key}: " in said.err


def test_a_backtest_can_try_another_threshold(terminal: Terminal, config: str) -> None:
    """What is written can be set otherwise for a look at the past."""
    swept(terminal, config)
    words = ("backtest", "big-now", "--since", "2026-01-01")
    counts = [
        len(terminal.ask(*words, *more, config=config)["found"])
        for more in ((), ("--set", "threshold=2000"))
    ]
    assert counts == [1, 0]
