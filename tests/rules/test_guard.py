"""Whether a look is too odd to be told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.rules import Looked, Tally, Tuning, judge_sweep, why_held

COUNTS = st.integers(0, 700_000)
USUAL = {
    "received": 1000,
    "last_received": 1000,
    "missing": 0,
    "is_listing": True,
    "release": "2026-03-02T09:00:05",
    "last_release": "2026-02-27T09:00:04",
}


def _why(changed=None, *, rules=None, **more):
    tally = Tally(1000, changed or {}, date(2026, 3, 2))
    return why_held(Looked(tally=tally, **{**USUAL, **more}), Tuning.read(rules or {}))


def test_a_usual_look_is_not_held():
    """As many studies as before, at a later release."""
    assert _why() == ()


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"received": 0}, "no study was received; the last complete look had 1,000"),
        (
            {"received": 499},
            "499 studies received, 49.9 % of the last complete look's 1,000",
        ),
        ({"missing": 11}, "11 of 1,000 studies missing at once; up to 10 are usual"),
        (
            {"last_received": 612_334, "received": 611_000, "missing": 613},
            "613 of 612,334 studies missing at once; up to 612 are usual",
        ),
        (
            {"release": "2026-02-26T09:00:05"},
            "its release 2026-02-26T09:00:05 is older than 2026-02-27T09:00:04, "
            "which was looked at before",
        ),
        (
            {"changed": {"study_type": 301}},
            "Study Type changed by the registry in 301 of 1,000 studies (30.1 %)",
        ),
    ],
)
def test_each_reason_is_a_sentence_with_its_numbers(found, reason):
    """One reason, said so that a person can judge it."""
    assert _why(**found) == (reason,)


@pytest.mark.parametrize(
    "found",
    [
        {"received": 500},
        {"missing": 10},
        {"received": 0, "last_received": 0},
        {"received": 0, "is_listing": False},
        {"received": 3, "last_received": None},
        {"release": USUAL["last_release"]},
        {"release": None},
        {"release": "2026-02-26", "last_release": None},
        {"release": "2026-02-27"},
        {"changed": {"study_type": 300}},
    ],
)
def test_what_proves_nothing_holds_nothing(found):
    """At the limits, and where there is nothing to compare with."""
    assert _why(**found) == ()


def test_a_first_listing_may_not_miss_many():
    """Without a complete look before, the share is of those that should be there."""
    assert _why(received=89, last_received=None, missing=11) == (
        "11 of 100 studies missing at once; up to 10 are usual",
    )


def test_every_reason_is_given():
    """A look that is odd in many ways says each."""
    odd = _why({"study_type": 999}, received=0, missing=1000, release="2020-01-01")
    assert len(odd) == 4


def test_nothing_is_held_when_the_rule_is_off():
    """Who switches `sweep-held` off wants every look told at once."""
    assert _why(received=0, missing=1000, rules={"sweep-held": {"enabled": False}}) == ()


@pytest.mark.parametrize(("chosen", "count"), [({"enabled": False}, 0), ({"max_percent": 10}, 1)])
def test_mass_change_sets_the_limit_of_its_own(chosen, count):
    """What `mass-change` does not tell holds nothing back."""
    assert len(_why({"study_type": 250}, rules={"mass-change": chosen})) == count


@given(COUNTS, COUNTS)
def test_a_mass_change_that_is_told_is_a_reason(compared, changed):
    """The guard and the rule agree on every count."""
    tally = Tally(compared, {"study_type": min(changed, compared)}, None)
    looked = Looked(tally=tally, **USUAL)
    assert len(why_held(looked, Tuning())) == len(judge_sweep(tally, Tuning()))


@given(COUNTS, COUNTS.filter(bool), COUNTS)
def test_a_listing_is_believed_within_its_limits(received, last, missing):
    """Never held with half and few missing, always with less or more."""
    found = _why(received=received, last_received=last, missing=missing)
    is_odd = 2 * received < last or missing > max(10, last // 1000)
    assert bool(found) is is_odd
