"""The number enrolled."""

import pytest

from tests.rules.made import headlines, told

PLAN = {"enrollment": 120, "enrollment_type": "ESTIMATED"}


@pytest.mark.parametrize(
    ("after", "headline"),
    [
        (
            {"enrollment": 90, "enrollment_type": "ACTUAL"},
            "Enrollment 90 ACTUAL; was 120 ESTIMATED (-25 %)",
        ),
        (
            {"enrollment": 120, "enrollment_type": "ACTUAL"},
            "Enrollment 120 ACTUAL; was 120 ESTIMATED",
        ),
        ({"enrollment": 180}, "Enrollment 180; was 120 ESTIMATED (+50 %)"),
        ({}, "Enrollment not given; was 120 ESTIMATED"),
    ],
)
def test_headline_says_both(after, headline):
    """The headline gives number and type now and before, and the difference in percent."""
    assert headlines(PLAN, after) == [headline]


def test_number_and_type_are_one_alert():
    """Number and type that change together are one alert with both changes as evidence."""
    (alert,) = told(PLAN, {"enrollment": 90, "enrollment_type": "ACTUAL"})
    assert [change["field"] for change in alert.evidence] == ["enrollment", "enrollment_type"]


@pytest.mark.parametrize(("count", "times"), [(131, 0), (132, 1), (109, 0), (108, 1)])
def test_least_percent_counts_both_ways(count, times):
    """A difference of exactly the least percent is told, up and down; a smaller one is not."""
    after = {**PLAN, "enrollment": count}
    assert len(told(PLAN, after, enrollment_changed={"min_percent": 10})) == times


def test_turn_to_actual_is_always_told():
    """The actual number is told however near it is to the plan."""
    after = {"enrollment": 119, "enrollment_type": "ACTUAL"}
    assert len(told(PLAN, after, enrollment_changed={"min_percent": 10})) == 1


def test_a_number_after_none_is_told():
    """From zero, or from no number, every number is a difference that cannot be small."""
    for before in ({"enrollment": 0}, {}):
        assert len(told(before, {"enrollment": 3}, enrollment_changed={"min_percent": 90})) == 1
