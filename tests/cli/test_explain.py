"""`ctmonitor explain`, and `ctmonitor alerts explain`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Terminal


def test_an_alert_is_explained_under_both_names(told: Terminal) -> None:
    """By its id, beside the list of alerts or by a command of its own."""
    [stopped] = told.ask("alerts", "--rule", "stopped")
    said = told("alerts", "explain", str(stopped["id"]))
    assert said.code == 0
    assert said.out == told("explain", str(stopped["id"])).out
    first, *steps = said.out.splitlines()
    assert first.startswith(f"Alert {stopped['id']}, stopped of NCT00000001: Now TERMINATED")
    assert any(line.startswith("  found        Sweep 2 over a pile") for line in steps)


def test_a_silence_is_explained_under_both_names(told: Terminal) -> None:
    """By the study's number and the rule."""
    words = ("explain", "NCT00000002", "--rule", "stopped", "--today", "2026-03-02")
    said = told(*words)
    assert said.out == told("alerts", *words).out
    assert said.out.startswith("NCT00000002 and stopped, on 2026-03-02\n")
    assert "nothing changed in its 2 states" in said.out


def test_json_has_every_step_with_its_facts(told: Terminal) -> None:
    """What a step says, and what it rests on."""
    [slip] = told.ask("alerts", "--rule", "primary-completion-slipped")
    found = told.ask("explain", str(slip["id"]))
    assert (found["alert"], found["rule"]) == (slip["id"], "primary-completion-slipped")
    facts = {step["about"]: step["facts"] for step in found["steps"]}
    assert facts["tuned"] == {"min_days": 1}
    assert facts["key"]["key"] == slip["key"]
    assert (facts["found"]["sweep"], facts["found"]["snapshot"]) == (2, 2)


def test_alerts_are_listed_as_ever(told: Terminal) -> None:
    """Filters and formats are none the worse for the word that may follow them."""
    assert len(told.ask("alerts", "--since", "2026-03-01")) == 3
    assert told("alerts", "--csv", "--limit", "1").out.count("\n") == 2


def test_nothing_a_sponsor_wrote_can_steer_a_terminal(told: Terminal) -> None:
    """Reasons repeat what records say."""
    [stopped] = told.ask("alerts", "--rule", "stopped")
    out = told("explain", str(stopped["id"])).out
    assert "slow accrual" in out
    assert all(sign.isprintable() or sign == "\n" for sign in out)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["99"], "there is no alert 99"),
        (["NCT00000001"], "with --rule RULE"),
        (["NCT00000001", "--rule", "no-such-rule"], "there is no rule 'no-such-rule'"),
        (["12", "--rule", "stopped"], "is not a study number"),
        (["NCT00000001", "--rule", "stopped", "--today", "soon"], "is not a day"),
    ],
)
def test_a_wrong_word_is_said_in_one_sentence(told: Terminal, words: list[str], why: str) -> None:
    """It says what to give instead."""
    said = told("explain", *words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert why in said.err


def test_a_rule_of_ones_own_is_explained(told: Terminal) -> None:
    """Its question, and why it kept silent."""
    path = told.folder / "ctmonitor.toml"
    path.write_text(
        '[rules.far-away]\nquestion = "Completion lies beyond a day."\n'
        'field = "primary_completion_date"\ncondition = "crosses"\nthreshold = "2029-06-01"\n'
    )
    said = told("explain", "NCT00000002", "--rule", "far-away", config=str(path))
    assert "far-away asks: Completion lies beyond a day." in said.out
    assert "Primary Completion Date: 2027-01 -> 2028-01" in said.out
