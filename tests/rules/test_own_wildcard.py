"""Patterns of own rules."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.rules.own.wildcard import folded, whole, within


@pytest.mark.parametrize(
    ("pattern", "text", "is_whole", "is_within"),
    [
        ("Pfizer*", "PFIZER Inc.", True, True),
        ("Pfizer*", "The Pfizer Foundation", False, True),
        ("pfizer", "Pfizer", True, True),
        ("phase ?", "Phase 2", True, True),
        ("phase ?", "phase", False, False),
        ("a*a", "a", False, False),
        ("a*b*c", "a c b", False, False),
        ("ab*bc", "abc", False, False),
        ("one  two", "One\ntwo", True, True),
        ("a.c", "abc", False, False),
        ("**x**", "axb", True, True),
        ("(a+)+$", "(A+)+$", True, True),
    ],
)
def test_stars_are_any_text_and_question_marks_one_character(pattern, text, is_whole, is_within):
    """Nothing else in a pattern means anything but itself."""
    assert whole(pattern)(text) is is_whole
    assert within(pattern)(text) is is_within


@given(st.text("ab*? ", max_size=8), st.text("ab ", max_size=12))
def test_a_pattern_is_the_expression_that_it_stands_for(pattern, text):
    """Parts looked for in turn find what one expression would."""
    signs = {"*": ".*", "?": "."}
    written = "".join(signs.get(sign, re.escape(sign)) for sign in folded(pattern))
    assert whole(pattern)(text) is bool(re.fullmatch(written, folded(text), re.DOTALL))
    assert within(pattern)(text) is bool(re.search(written, folded(text), re.DOTALL))


@pytest.mark.parametrize("pattern", ["*a" * 99 + "b", "a?" * 99 + "b", "?" * 199 + "b", "*?" * 99])
def test_hostile_patterns_take_no_time(pattern):
    """A pattern made to go back and forth in a long text does not."""
    started = time.perf_counter()
    within(pattern)("a" * 100_000)
    whole(pattern)("a" * 100_000)
    assert time.perf_counter() - started < 1
