"""Whole looks are judged as the obvious rules judge them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.rules import Looked, Tally, Tuning, judge_sweep, why_held
from tests.reference.looks import Counted, changed_everywhere, is_held

COUNTS = st.sampled_from((0, 1, 2, 10, 11, 99, 100, 101, 5_000, 10_999, 11_000, 600_000))
DAYS = ("2026-03-02", "2026-03-03")


@st.composite
def looks(draw):
    received = draw(st.one_of(COUNTS, st.integers(0, 300)))
    share = st.integers(0, 60).map(lambda percent: received * percent // 100)
    changed = st.dictionaries(st.sampled_from(("study_type", "phases")), share)
    return Counted(
        received=received,
        last_received=draw(st.one_of(st.none(), COUNTS, st.integers(0, 300))),
        missing=draw(st.one_of(COUNTS, st.integers(0, 300))),
        is_listing=draw(st.booleans()),
        release=draw(st.sampled_from(DAYS)),
        last_release=draw(st.sampled_from((*DAYS, None))),
        changed=draw(changed),
    )


def _tally(look):
    return Tally(look.received, look.changed, date.fromisoformat(look.release))


@given(looks())
def test_a_change_everywhere_is_told_of_the_obvious_fields(look):
    """One alert a field, and none where few studies were compared."""
    told = [alert.evidence[0]["field"] for alert in judge_sweep(_tally(look), Tuning())]
    assert sorted(told) == sorted(changed_everywhere(look))


@given(looks())
def test_a_look_is_held_when_it_is_obviously_odd(look):
    """None is held without a reason, or told in spite of one."""
    said = asdict(look)
    del said["changed"]
    assert bool(why_held(Looked(**said, tally=_tally(look)), Tuning())) == is_held(look)
