"""Studies that are missing, removed, or registered under another number."""

from __future__ import annotations

import shutil
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.store import fates, open_store, sweeps
from ctmonitor.store.fates import Absent
from ctmonitor.store.sweeps import Counts
from tests.builders import a_payload
from tests.jobs.asking import NOW
from tests.jobs.days import nct
from tests.looks import TODAY, look, studies

R1, R2 = "2026-03-02T09:00:05", "2026-03-03T09:00:04"
A, B, C, D = (nct(number) for number in range(1, 5))


def _merge(store, *pairs):
    """Note where numbers lead, one after another; the merged ones of the last, if we hold them."""
    for pair in pairs:
        with store.writing() as tx:
            new = fates.merge(tx, [pair], NOW)
    return new


def _led(store):
    """Where each of four numbers leads."""
    with store.reading() as tx:
        return fates.led_to(tx, [A, B, C, D])


def _absent(store, *nct_ids):
    with store.reading() as tx:
        return fates.absent(tx, nct_ids)


def _miss(store, release, *nct_ids, **more):
    with store.writing() as tx:
        return fates.miss(tx, nct_ids, release, NOW, **more)


def test_a_study_is_missing_since_the_first_release_without_it(store):
    """Later releases without it change nothing; a study that we do not hold is not missing."""
    look(store, *studies(2))
    assert [_miss(store, R1, A, D), _miss(store, R2, A)] == [1, 0]
    assert _absent(store, A, B, D) == [Absent(A, R1, None), Absent(B, None, None)]


def test_a_removed_study_is_held_no_more(store):
    """It is not looked for again, and what is known of it stays."""
    look(store, *studies(2))
    _miss(store, R1, A)
    with store.writing() as tx:
        fates.remove(tx, A, date(2026, 3, 3))
        assert set(fates.held_numbers(tx)) == {B}
    assert _absent(store, A) == [Absent(A, R1, date(2026, 3, 3))]


def test_what_another_look_saw_since_is_not_missing(store):
    """Neither what the look itself saw; a look that is accepted late knows no better."""
    look(store, *studies(3))
    with store.writing() as tx:
        held = sweeps.begin(tx, "x", "x", today=NOW.date(), owner="a:1:1", now=NOW)
        sweeps.finish(tx, held, Counts(), state="held", now=NOW)
    look(store, a_payload(nct_id=B))
    assert _miss(store, R1, A, B, C, sweep_id=held) == 2
    assert [one.missing_release for one in _absent(store, A, B, C)] == [R1, None, R1]


@pytest.mark.parametrize(("released", "is_there"), [("2026-03-01", False), (TODAY, True)])
@pytest.mark.parametrize("title", ["A made study", "Another title"])
def test_an_older_release_proves_no_return(store, released, is_there, title):
    """A file of before shows what was there before, as we held it or not quite."""
    look(store, a_payload(data_date="2026-02-27"))
    _miss(store, R1, A)
    look(store, a_payload(brief_title=title, data_date=released))
    assert (_absent(store, A)[0].missing_release is None) is is_there


def test_a_merged_study_is_not_looked_for(store):
    """Its number leads elsewhere; only a study that we hold is told of, and once."""
    look(store, *studies(1))
    assert _merge(store, (A, B)) == [(A, B)]
    assert _merge(store, (A, B)) == _merge(store, (C, B)) == []
    assert _absent(store, A) == [] and _led(store) == {A: B, C: B}
    with store.reading() as tx:
        assert set(fates.held_numbers(tx)) == set()


def test_what_leads_further_already_is_not_told_again(store):
    """An older record may name the number that was between."""
    look(store, *studies(1))
    _merge(store, (A, B), (B, C))
    assert _merge(store, (A, B)) == [] and _led(store) == {A: C, B: C}
    assert _merge(store, (A, D)) == [(A, D)]


@pytest.mark.parametrize("pairs", [[(A, B), (B, C)], [(B, C), (A, B)]])
def test_a_chain_leads_to_its_end(store, pairs):
    """Whichever of two mergers is heard of first."""
    _merge(store, *pairs)
    assert _led(store) == {A: C, B: C}


def test_two_numbers_may_change_places(store):
    """What was said last holds, and none leads to itself."""
    _merge(store, (A, B), (B, A))
    assert _led(store) == {B: A}


def test_a_study_of_its_own_again_leads_nowhere(store):
    """Others that led to the same study still do."""
    _merge(store, (A, C), (B, C))
    with store.writing() as tx:
        fates.part(tx, {A, C})
    assert _led(store) == {B: C}


PAIRS = st.lists(st.permutations([A, B, C, D]).map(lambda four: (four[0], four[1])), max_size=6)


@given(batches=st.lists(PAIRS, max_size=3))
def test_no_number_leads_to_one_that_leads_on(upgraded_file, tmp_path_factory, batches):
    """However often numbers are merged, in whatever order: one step is always enough."""
    path = tmp_path_factory.mktemp("led") / "store.db"
    shutil.copy(upgraded_file, path)
    store = open_store(f"sqlite:///{path}")
    for pairs in batches:
        with store.writing() as tx:
            fates.merge(tx, pairs, NOW)
    led = _led(store)
    store.close()
    assert not set(led.values()) & led.keys()
