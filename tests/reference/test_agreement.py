"""What is fast equals what is obvious, rule by rule; the long form is in `tests/soak`."""

from __future__ import annotations

from collections import Counter

import pytest

from ctmonitor.rules import RuleKind, rules
from tests.reference import calendar, changes
from tests.reference.agreement import told_in_memory, told_with_stores
from tests.reference.histories import CONCERNS

OF_STUDIES = (RuleKind.CHANGE, RuleKind.STATE, RuleKind.CALENDAR)
ROUNDS = (20, 500)
"""Histories made of a rule: the more of them only where the few happened to tell nothing."""


def test_every_rule_over_a_study_is_there_a_second_time():
    """A rule that is added to the catalogue is added to the obvious evaluator."""
    named = {rule.name for rule in rules() if rule.kind in OF_STUDIES}
    assert {*changes.RULES, *calendar.RULES, "unknown-stale"} == named == set(CONCERNS)


@pytest.mark.parametrize("rule", CONCERNS)
def test_the_rules_tell_what_the_obvious_ones_tell(rule):
    """Of histories made for a rule, and some of them are told by it."""
    assert any(told_in_memory(rule, examples=examples) for examples in ROUNDS)


def test_databases_tell_it_too(a_store):
    """Sweeps and due runs lose nothing and repeat nothing, whatever days they are run on."""
    told = [told_with_stores(a_store, rule, examples=2) for rule in calendar.RULES]
    assert sum(told, Counter()).total() > 0
