"""`ctmonitor backtest`."""

from __future__ import annotations

import csv

import pytest

from tests.cli.conftest import Terminal

SLIP = ("backtest", "primary-completion-slipped", "--since", "2026-02-01", "--until", "2026-03-31")


def test_the_first_line_sums_up(told: Terminal) -> None:
    """How many alerts about how many studies, when, and how many mails."""
    told("watch", "add", "mine", "--all")
    told("subscribe", "add", "ann@clinic.example", "--watch", "mine")
    first, *rest = told(*SLIP).out.splitlines()
    assert first == (
        "primary-completion-slipped would have raised 1 alert about 1 study "
        "between 2026-02-01 and 2026-03-31: 1 mail to 1 subscriber"
    )
    assert rest[0].strip() == "asked with severity normal, min_days 1"
    assert any(line.split() == ["2026-03", "1", "1", "1"] for line in rest)
    assert any("2026-03-02  NCT00000002  normal" in line for line in rest)


def test_json_has_every_alert_as_live_raised_it(told: Terminal) -> None:
    """With its day, its evidence and its key."""
    [raised] = told.ask("alerts", "--rule", "primary-completion-slipped")
    found = told.ask(*SLIP)
    [one] = found["found"]
    assert (found["alerts"], found["parameters"], one["day"]) == (1, {"min_days": 1}, "2026-03-02")
    same = ("key", "headline", "evidence", "severity", "registry_date", "sweep")
    assert [one[name] for name in same] == [raised[name] for name in same]


def test_csv_has_a_header_and_a_row_for_each_alert(told: Terminal) -> None:
    """CSV can be read back."""
    [row] = csv.DictReader(told(*SLIP, "--csv").out.splitlines())
    assert (row["nct_id"], row["day"], row["was_due"]) == ("NCT00000002", "2026-03-02", "False")


def test_a_parameter_can_be_tried(told: Terminal) -> None:
    """What is set counts for this back-test, and for nothing else."""
    assert told.ask(*SLIP, "--set", "min_days=366")["alerts"] == 0
    assert told.ask(*SLIP, "--set", "severity=critical")["severity"] == "critical"
    assert told.ask(*SLIP)["severity"] == "normal"


def test_the_operators_own_tuning_is_what_is_asked_with(told: Terminal) -> None:
    """Unless something else is set; a rule that is switched off is asked all the same."""
    path = told.folder / "ctmonitor.toml"
    path.write_text("[rules.primary-completion-slipped]\nmin_days = 400\nenabled = false\n")
    assert told(*SLIP, config=str(path)).out.startswith("primary-completion-slipped would have")
    assert told.ask(*SLIP, config=str(path))["alerts"] == 0
    assert told.ask(*SLIP, "--set", "min_days=300", config=str(path))["alerts"] == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--set", "min_day=3"], "no such parameter"),
        (["--set", "min_days=0"], "not between 1 and 3650"),
        (["--set", "min_days=soon"], "not a whole number"),
        (["--set", "min_days"], "write it as parameter=value"),
        (["--until", "2026-01-01"], "before --since"),
        (["--since", "soon"], "not a day"),
    ],
)
def test_a_wrong_word_is_said_in_one_sentence(told: Terminal, words: list[str], why: str) -> None:
    """Bounds and names are those of the settings file."""
    said = told(*SLIP, *words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert why in said.err


@pytest.mark.parametrize("name", ["no-such-rule", "record-removed"])
def test_a_rule_that_cannot_be_tried_is_refused(told: Terminal, name: str) -> None:
    """One that is not there, and one of which no history is kept."""
    said = told("backtest", name, "--since", "2026-01-01")
    assert (said.code, said.err.count("\n")) == (2, 1)


def test_a_rule_of_ones_own_can_be_tried(told: Terminal) -> None:
    """With what is written of it, or with something else set."""
    path = told.folder / "ctmonitor.toml"
    path.write_text(
        '[rules.far-away]\nquestion = "Completion lies beyond a day."\n'
        'field = "primary_completion_date"\ncondition = "crosses"\nthreshold = "2027-06-01"\n'
    )
    words = ("backtest", "far-away", *SLIP[2:])
    assert told.ask(*words, config=str(path))["alerts"] == 1
    other = told.ask(*words, "--set", "threshold=2028-06-01", config=str(path))
    assert (other["alerts"], "2028-06-01" in other["written"]) == (0, True)
    wrong = told(*words, "--set", "threshold=soon", config=str(path))
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)
