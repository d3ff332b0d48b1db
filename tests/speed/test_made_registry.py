"""The made registry is like the real one where speed and rules depend on it."""

from __future__ import annotations

from collections import Counter

import orjson
import pytest

from ctmonitor.formats import Piece, read
from ctmonitor.records import Record
from tests.speed.made_registry import next_release, released_again, studies

FIRST, SECOND = "2026-03-30", "2026-03-31"
"""The second is a month's end, when records last verified 24 months before turn UNKNOWN."""


@pytest.fixture(scope="module")
def made() -> list[bytes]:
    return [orjson.dumps(study) for study in studies(300, seed=7, released=FIRST)]


def _record(payload: bytes) -> Record:
    record = read(Piece("made", "here", payload))
    assert isinstance(record, Record), record
    return record


def _records(release: str = FIRST, **asked: float) -> list[Record]:
    made = studies(300, seed=7, released=FIRST)
    if release != FIRST:
        made = next_release(made, seed=7, released=release, **asked)
    return [_record(orjson.dumps(study)) for study in made]


def test_sizes_are_the_registrys(made):
    """Mean, median and 95th percentile lie near the registry's 17, 11.7 and 61 kB."""
    sizes = sorted(len(payload) for payload in made)
    assert 15_000 < sum(sizes) / len(sizes) < 20_000
    assert 10_500 < sizes[150] < 13_000
    assert 45_000 < sizes[285] < 75_000


def test_one_study_in_eight_has_results(made):
    """13 % show results, and `hasResults` says so exactly there."""
    trees = [orjson.loads(payload) for payload in made]
    assert all(tree["hasResults"] is ("resultsSection" in tree) for tree in trees)
    assert 0.12 < sum(tree["hasResults"] for tree in trees) / len(trees) < 0.15


def test_statuses_have_the_registrys_shares(made):
    """COMPLETED, RECRUITING and UNKNOWN are as common as in the registry."""
    shares = Counter(_record(payload).facts.overall_status for payload in made)
    assert 0.50 < shares["COMPLETED"] / 300 < 0.59
    assert 0.11 < shares["RECRUITING"] / 300 < 0.16
    assert 0.11 < shares["UNKNOWN"] / 300 < 0.16


def test_every_study_has_its_own_number(made):
    """All studies can be read, and no number comes twice."""
    assert len({_record(payload).nct_id for payload in made}) == 300


def test_the_same_seed_makes_the_same_studies(made):
    """Two passes over the same seed give the same bytes; another seed gives others."""
    again = [orjson.dumps(study) for study in studies(300, seed=7, released=FIRST)]
    other = [orjson.dumps(study) for study in studies(300, seed=8, released=FIRST)]
    assert again == made
    assert not set(other) & set(made)


@pytest.mark.parametrize("release", [FIRST, SECOND])
def test_unknown_is_shown_exactly_when_due(release):
    """A study shows UNKNOWN, with its last known status, from the day it is due and no sooner."""
    for facts in (record.facts for record in _records(release, changed_percent=20)):
        is_due = facts.unknown_due_on is not None and facts.unknown_due_on <= facts.data_date
        assert (facts.overall_status == "UNKNOWN") is is_due
        assert (facts.last_known_status is not None) is is_due


def test_the_next_release_changes_what_it_says():
    """The contents that differ are those of the studies named as changed, and no others."""
    before, after = _records(), _records(SECOND, changed_percent=10)
    differing = {
        one.nct_id
        for one, other in zip(before, after, strict=True)
        if one.fingerprint != other.fingerprint
    }
    made = studies(300, seed=7, released=FIRST)
    told = released_again(made, seed=7, released=SECOND, changed_percent=10)
    named = {
        study["protocolSection"]["identificationModule"]["nctId"] for study, said in told if said
    }
    assert differing == named
    assert 29 <= len(named) < 45


def test_the_next_release_moves_every_date():
    """Every study of a release carries its date, also where nothing else moved."""
    after = _records(SECOND, changed_percent=0)
    assert {str(record.facts.data_date) for record in after} == {SECOND}
