"""Changes to many studies at once."""

from datetime import date

import pytest

from ctmonitor.rules import Tally, Tuning, judge_sweep

FRIDAY = date(2026, 3, 20)


def test_headline_gives_the_counts():
    """The alert is about no single study and gives field, counts and share."""
    (alert,) = judge_sweep(Tally(1200, {"overall_status": 480}, FRIDAY), Tuning())
    assert alert.nct_id is None
    assert alert.headline == (
        "Overall Status changed by the registry in 480 of 1,200 studies (40.0 %)"
    )


def test_a_field_nobody_knows_is_told_by_its_name():
    """A field that the catalogue does not know is told by the name it has."""
    (alert,) = judge_sweep(Tally(100, {"made_up": 31}, None), Tuning())
    assert alert.headline.startswith("made_up changed by the registry")


@pytest.mark.parametrize(
    ("compared", "changed", "count"), [(100, 30, 0), (100, 31, 1), (99, 99, 0), (0, 0, 0)]
)
def test_share_and_size_both_count(compared, changed, count):
    """More than the usual share of enough studies is told; neither alone is enough."""
    tally = Tally(compared, {"overall_status": changed}, FRIDAY)
    assert len(judge_sweep(tally, Tuning())) == count


def test_limits_are_chosen():
    """Share and size can be chosen."""
    tuning = Tuning.read({"mass-change": {"max_percent": 0.5, "min_studies": 10}})
    assert len(judge_sweep(Tally(10, {"overall_status": 1}, FRIDAY), tuning)) == 1


def test_two_releases_are_two_facts():
    """The same field in another release is told again."""
    keys = {
        judge_sweep(Tally(100, {"overall_status": 40}, day), Tuning())[0].key
        for day in (FRIDAY, date(2026, 3, 23), FRIDAY)
    }
    assert len(keys) == 2
