"""`ctmonitor sweeps`."""

from __future__ import annotations

import pytest

from ctmonitor.alerts import Alert, Severity
from ctmonitor.store import alerts, holding, open_store, sweeps
from tests.cli.conftest import Terminal
from tests.jobs.asking import NOW

FOUND = [Alert("stopped", f"NCT0000000{n}", "Now TERMINATED", Severity.HIGH, "a") for n in (1, 2)]


def _hold(terminal: Terminal) -> str:
    """The number of a look whose two alerts wait."""
    store = open_store(f"sqlite:///{terminal.folder / 'store.db'}")
    with store.writing() as tx:
        day = NOW.date()
        number = sweeps.begin(tx, "a pile", "a pile", today=day, owner="here:1:1", now=NOW)
        alerts.await_settling(tx, number, FOUND, NOW)
        holding.set_state(tx, number, "held")
    store.close()
    return str(number)


def test_looks_are_listed_the_latest_first(told: Terminal) -> None:
    """Each look says how it ended and what it counted."""
    latest, first = told.ask("sweeps")
    assert (latest["sweep"], first["sweep"]) == (2, 1)
    assert (latest["state"], latest["complete"], latest["changed"]) == ("finished", True, 2)
    assert (first["new"], first["data_timestamp"]) == (2, "2026-02-27")


def test_a_limit_keeps_the_latest(told: Terminal) -> None:
    """Only as many as asked for."""
    assert [one["sweep"] for one in told.ask("sweeps", "--limit", "1")] == [2]


@pytest.mark.parametrize("limit", ["0", "-1", "all", "99999999999999999999"])
def test_a_limit_is_a_number_from_one(told: Terminal, limit: str) -> None:
    """Anything else is refused."""
    assert told("sweeps", f"--limit={limit}").code == 2


def test_a_released_look_raises_and_sends(terminal: Terminal) -> None:
    """Its alerts are there, and leave at once for who wants them."""
    terminal("watch", "add", "all", "--all")
    terminal("subscribe", "add", f"file:{terminal.folder / 'mail'}", "--watch", "all")
    said = terminal("sweeps", "release", _hold(terminal), "--reason", "it is so")
    assert (said.code, said.out) == (0, "Sweep 1 released: 2 alerts raised (stopped 2)\n")
    assert "1 message sent" in said.err
    assert [one["sweep"] for one in terminal.ask("alerts")] == [1, 1]


def test_a_release_without_dispatch_sends_later(terminal: Terminal) -> None:
    """What is owed waits for the next dispatch; `--today` is the day of the alerts."""
    terminal("watch", "add", "all", "--all")
    terminal("subscribe", "add", f"file:{terminal.folder / 'mail'}", "--watch", "all")
    words = ("release", _hold(terminal), "--reason", "so", "--no-dispatch", "--today", "2026-03-04")
    assert terminal.ask("sweeps", *words)["alerts"] == 2
    assert terminal.ask("alerts")[0]["raised_at"].startswith("2026-03-04")
    assert terminal.ask("dispatch")["sent"] == 1


def test_an_absorbed_look_raises_nothing(terminal: Terminal) -> None:
    """As JSON it says what was forgotten, and the list says how the look ended."""
    said = terminal.ask("sweeps", "absorb", _hold(terminal), "--reason", "a padded field")
    assert said == {
        "sweep": 1,
        "state": "absorbed",
        "alerts": 2,
        "by_rule": {"stopped": 2},
        "missing": 0,
        "reason": "a padded field",
    }
    assert terminal.ask("alerts") == []
    assert terminal.ask("sweeps")[0]["state"] == "absorbed"


@pytest.mark.parametrize("act", ["release", "absorb"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["9", "--reason", "so"], "there is no sweep 9"),
        (["1", "--reason", " "], "the reason is empty"),
        (["1"], "--reason"),
        (["all", "--reason", "so"], "'all' is not a whole number"),
        (["--reason", "so"], "ID"),
    ],
)
def test_what_cannot_be_settled_is_refused(
    terminal: Terminal, act: str, words: list[str], said: str
) -> None:
    """One sentence and exit code 2; the look stays held."""
    _hold(terminal)
    refused = terminal("sweeps", act, *words)
    assert refused.code == 2 and said in refused.err
    assert terminal.ask("sweeps")[0]["state"] == "held"


def test_a_finished_look_is_not_released(told: Terminal) -> None:
    """Only a held one is."""
    refused = told("sweeps", "release", "2", "--reason", "so")
    assert refused.code == 2 and "sweep 2 is finished, not held" in refused.err
