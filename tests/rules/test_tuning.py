"""What an operator may choose."""

import math

import pytest

from ctmonitor.alerts import Severity
from ctmonitor.errors import SettingWrong
from ctmonitor.rules import Tuning, rule_named, rules, told_after
from tests.rules.made import told


def test_nothing_chosen_is_as_shipped():
    """Without a table every rule is asked as shipped."""
    tuning = Tuning.read({})
    assert [tuning.of(rule) for rule in rules()] == [rule.as_shipped for rule in rules()]


def test_severity_is_chosen():
    """A chosen severity is the severity of the alert."""
    before, after = {"overall_status": "RECRUITING"}, {"overall_status": "COMPLETED"}
    (alert,) = told(before, after, completed={"severity": "critical"})
    assert alert.severity is Severity.CRITICAL


def test_what_is_not_chosen_stays():
    """Choosing one thing about a rule leaves the rest as shipped."""
    rule = rule_named("mass-change")
    chosen = Tuning.read({"mass-change": {"min_studies": 7}}).of(rule)
    assert chosen.numbers == {"max_percent": 30.0, "min_studies": 7}
    assert chosen.enabled


def test_all_faults_are_told_at_once():
    """Every fault in the table is in the one sentence that refuses it."""
    with pytest.raises(SettingWrong) as refused:
        Tuning.read(
            {
                "become-unknown": {},
                "stopped": {"severity": "urgent", "enabled": "yes", "min_days": 3},
                "start-slipped": {"min_days": 0},
                "resumed": 3,
            }
        )
    assert str(refused.value) == (
        "rules: there is no rule 'become-unknown' (did you mean became-unknown?); "
        "stopped.severity: 'urgent' is not one of critical, high, normal, low; "
        "stopped.enabled: 'yes' is neither true nor false; "
        "stopped.min_days: no such parameter; there are severity, enabled; "
        "start-slipped.min_days: 0 is not between 1 and 3650 (days); "
        "resumed is not a table; "
        "`ctmonitor rules` lists every rule with its parameters and their bounds"
    )


@pytest.mark.parametrize("value", ["3", True, None, 1.5, math.nan, [], -1, 3651])
def test_wrong_numbers_are_refused(value):
    """Text, truths, fractions of days and numbers out of bounds are no days."""
    with pytest.raises(SettingWrong, match=r"start-slipped\.min_days"):
        Tuning.read({"start-slipped": {"min_days": value}})


@pytest.mark.parametrize("value", [math.nan, math.inf, "1", False])
def test_wrong_percents_are_refused(value):
    """A percent may be a fraction, but it must be a number within its bounds."""
    with pytest.raises(SettingWrong, match=r"enrollment-changed\.min_percent"):
        Tuning.read({"enrollment-changed": {"min_percent": value}})


def test_a_table_that_is_none_is_refused():
    """Something else in the place of the table is refused."""
    with pytest.raises(SettingWrong, match="rules: is not a table"):
        Tuning.read(["stopped"])


def test_a_rule_speaks_as_long_before_or_after_its_day_as_chosen():
    """Days ahead come before the due day, days of grace after it."""
    tuning = Tuning.read({"unknown-due": {"days_ahead": 60}, "results-overdue": {"grace_days": 5}})
    assert told_after(tuning.of(rule_named("unknown-due"))) == -60
    assert told_after(tuning.of(rule_named("results-overdue"))) == 5
    assert told_after(tuning.of(rule_named("verification-stale"))) == 0


def test_own_rules_are_read_beside_tuned_ones():
    """A table with a field is an own rule, asked as it says, behind those of the catalogue."""
    table = {"field": "enrollment", "condition": "changed", "severity": "high", "enabled": False}
    tuning = Tuning.read({"my-rule": table, "stopped": {"severity": "low"}})
    (own,) = tuning.own
    assert tuning.rules[-1] is own is tuning.rule_named("my-rule")
    assert (tuning.of(own).severity, tuning.of(own).enabled) == (Severity.HIGH, False)
    assert tuning.of(rule_named("stopped")).severity is Severity.LOW


def test_faults_of_own_rules_are_told_beside_others():
    """One sentence names the faults of tuned and of own rules."""
    with pytest.raises(SettingWrong, match=r"stopped\.severity: .*; my-rule\.condition: "):
        Tuning.read({"stopped": {"severity": 3}, "my-rule": {"field": "enrollment"}})
