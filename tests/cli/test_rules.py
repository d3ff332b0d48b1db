"""`ctmonitor rules`."""

from __future__ import annotations

from tests.cli.conftest import Terminal


def test_every_rule_says_its_question_kind_and_severity(terminal: Terminal) -> None:
    """The catalogue is whole."""
    found = terminal.ask("rules")
    names = {one["name"] for one in found}
    assert {"became-unknown", "unknown-due", "stopped", "mass-change"} <= names
    assert all(one["question"] and one["kind"] and one["severity"] for one in found)


def test_one_rule_is_shown_as_the_operator_tuned_it(terminal: Terminal) -> None:
    """What `ctmonitor.toml` says holds here."""
    config = terminal.folder / "tuned.toml"
    config.write_text('[rules.stopped]\nseverity = "low"\nenabled = false\n')
    [rule] = terminal.ask("rules", "stopped", config=str(config))
    assert (rule["severity"], rule["enabled"]) == ("low", False)


def test_a_rule_that_is_none_is_refused(terminal: Terminal) -> None:
    """A typo is told."""
    said = terminal("rules", "nonsense")
    assert (said.code, said.err.count("\n")) == (2, 1)
