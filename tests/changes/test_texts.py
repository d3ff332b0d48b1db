"""How two texts differ."""

from __future__ import annotations

import time

import pytest

from ctmonitor.changes import Kind
from ctmonitor.changes.texts import nearness, plain, text_kind


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("Two words", "Two  words\n", Kind.MARKUP),
        ("* One\n* Two", "1. One\n2. Two", Kind.MARKUP),
        ("a < b", "a &lt; b", Kind.MARKUP),
        (r"a \> b", "a > b", Kind.MARKUP),
        ("<p>Text</p>", "Text", Kind.MARKUP),
        ("Two words.", "two Words", Kind.COSMETIC),
        ("twenty-one", "twenty one", Kind.COSMETIC),
        ("COVID-19", "COVID 19", Kind.COSMETIC),
        ("5 -10 mg", "5-10 mg", Kind.COSMETIC),
        ("Age 18 years", "Age 21 years", Kind.NUMBERS),
        ("Age 18 years or older", "Age 21 or older", Kind.NUMBERS),
        ("1.5 mg", "15 mg", Kind.NUMBERS),
        ("1,000 people", "1000 people", Kind.NUMBERS),
        ("A study of hope", "A study of care", Kind.REWORDED),
        ("score > 5", "score < 5", Kind.REWORDED),
        ("≥ 18 years", "≤ 18 years", Kind.REWORDED),
        ("", "New", Kind.REWORDED),
        ("-5 degrees", "5 degrees", Kind.REWORDED),
        ("no pain", "pain", Kind.REWORDED),
    ],
)
def test_a_change_of_text_has_a_class(before, after, kind):
    """Markup, looks, numbers or words; the other way round it is the same class."""
    assert text_kind(before, after) is kind
    assert text_kind(after, before) is kind


@pytest.mark.parametrize("sign", [">", "<", "≥", "≤", "±", "%", "=", "≠"])
def test_a_sign_that_means_something_is_never_only_looks(sign):
    """Dropping a sign of comparison changes what a criterion says."""
    assert text_kind(f"age {sign} 18", "age 18") is Kind.REWORDED


def test_plain_text_is_one_line_without_markup():
    """Tags, escapes, bullets and line ends are gone; words stay."""
    assert plain("<b>One</b>\n\n* two \\* three\n1. four") == "One two * three four"


def test_nearness_is_full_for_the_same_words_and_nought_for_none():
    """The order of words and capitals do not matter."""
    assert nearness("Overall Survival", "survival overall") == 100
    assert nearness("aaa", "zzz") == 0


def test_nearness_reads_only_the_beginning():
    """Texts of a million letters are compared by their first two thousand."""
    assert nearness("a" * 1_000_000, "a" * 2_000 + "b" * 1_000_000) == 100


def test_many_empty_lines_take_no_time():
    """A text of nothing but line ends, as no sponsor writes it, cannot hold up a sweep."""
    begun = time.process_time()
    assert text_kind("\n" * 100_000, "\n" * 100_000 + "word") is Kind.REWORDED
    assert time.process_time() - begun < 2
