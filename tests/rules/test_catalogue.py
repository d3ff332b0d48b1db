"""The catalogue of rules."""

from ctmonitor.records import Facts
from ctmonitor.rules import RuleKind, Tuning, rule_named, rules, rules_of

NAMES = """
    became-unknown left-unknown unknown-stale unknown-due
    status-changed stopped completed resumed record-revealed why-stopped-changed
    start-slipped primary-completion-slipped completion-slipped
    completion-moved-far retroactive-start date-became-actual enrollment-changed enrollment-cut
    primary-outcome-changed secondary-outcome-changed eligibility-changed
    sites-added sites-removed site-status-changed sponsor-changed
    verification-stale completion-passed-still-open
    start-passed-still-estimated primary-completion-passed-still-estimated
    primary-completion-due completion-due
    results-posted results-submitted results-returned results-withdrawn results-disappeared
    violation-found certificate-filed
    results-due certificate-extended results-overdue eu-results-overdue
    record-removed record-returned record-merged new-in-watch left-watch mass-change sweep-held
    delivery-failing
"""


def test_names_and_order_are_fixed():
    """Names are what people configure and stores keep; they and their order do not move."""
    assert [rule.name for rule in rules()] == NAMES.split()


def test_rules_are_found_by_name():
    """A rule is found by its name, and a name that is none finds nothing."""
    assert all(rule_named(rule.name) is rule for rule in rules())
    assert rule_named("stopped ") is None


def test_every_rule_is_of_one_kind():
    """The kinds together hold every rule once."""
    by_kind = [rule for kind in RuleKind for rule in rules_of(kind)]
    assert sorted(rule.name for rule in by_kind) == sorted(NAMES.split())


def test_every_rule_says_what_it_asks_and_why():
    """A rule has a sentence as its question and a source."""
    assert all(rule.question.endswith(".") and rule.source for rule in rules())


def test_defaults_are_within_bounds():
    """What is shipped would be accepted from an operator, bounds included."""
    for rule in rules():
        shipped = {parameter.name: parameter.default for parameter in rule.parameters}
        choice = {**shipped, "severity": str(rule.severity), "enabled": not rule.is_quiet}
        chosen = Tuning.read({rule.name: choice}).of(rule)
        assert chosen == rule.as_shipped


def test_calendar_rules_name_a_due_day():
    """Every calendar rule names a property of the facts, and no other rule does."""
    for rule in rules():
        is_calendar = rule.kind is RuleKind.CALENDAR
        assert is_calendar is (rule.due is not None)
        assert rule.due is None or isinstance(getattr(Facts, rule.due.field), property)
