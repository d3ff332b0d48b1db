"""Slips, and plans that became facts."""

import pytest

from tests.rules.made import headlines, told

NAMES = ("start_date", "primary_completion_date", "completion_date")


@pytest.mark.parametrize("name", NAMES)
def test_slip_says_the_days(name):
    """A slip is measured between the last days that both dates can mean."""
    (alert,) = told({name: "2026-02"}, {name: "2026-03-01"})
    label = name.replace("_", " ").capitalize()
    assert alert.headline == f"{label} 1 day later: 2026-03-01, was 2026-02"
    assert alert.evidence[1]["days_later"] == 1


def test_slip_says_whether_the_date_is_actual():
    """The type of the later date is in the evidence."""
    types = {"start_date_type": "ESTIMATED"}
    (alert,) = told({"start_date": "2026-02", **types}, {"start_date": "2026-04", **types})
    assert alert.evidence[1] == {"days_later": 61, "start_date_type": "ESTIMATED"}


@pytest.mark.parametrize(("min_days", "count"), [(29, 1), (30, 1), (31, 0)])
def test_slip_has_a_least_length(min_days, count):
    """A slip of exactly the least days is told, a shorter one is not."""
    before, after = {"start_date": "2026-06-01"}, {"start_date": "2026-07-01"}
    assert len(told(before, after, start_slipped={"min_days": min_days})) == count


@pytest.mark.parametrize(
    ("plan", "actual", "words"),
    [
        ("2026-02-14", "2026-02-14", "as planned"),
        ("2026-02", "2026-02-14", "within the planned 2026-02"),
        ("2026-02-14", "2026-02", "planned 2026-02-14"),
        ("2026-02-14", "2026-02-13", "planned 2026-02-14, 1 day earlier"),
        (None, "2026-02-14", "no plan before"),
    ],
)
def test_fact_is_held_against_the_plan(plan, actual, words):
    """The headline gives the actual date and how it stands to the plan."""
    before = {"start_date": plan, "start_date_type": plan and "ESTIMATED"}
    after = {"start_date": actual, "start_date_type": "ACTUAL"}
    assert headlines(before, after) == [f"Start date is ACTUAL: {actual}, {words}"]


def test_late_fact_is_held_against_the_plan():
    """A fact later than its plan says by how much, beside the slip itself."""
    before = {"start_date": "2026-02-14", "start_date_type": "ESTIMATED"}
    after = {"start_date": "2026-02-28", "start_date_type": "ACTUAL"}
    assert headlines(before, after) == [
        "Start date 14 days later: 2026-02-28, was 2026-02-14",
        "Start date is ACTUAL: 2026-02-28, planned 2026-02-14, 14 days later",
    ]


def test_a_date_without_a_type_can_become_actual():
    """Old records give no type; one that appears as ACTUAL is told."""
    after = {"start_date": "2010-02", "start_date_type": "ACTUAL"}
    assert headlines({"start_date": "2010-02"}, after) == [
        "Start date is ACTUAL: 2010-02, as planned"
    ]


def test_a_type_without_a_date_is_not_told():
    """A type beside no date at all says nothing."""
    assert told({"enrollment": 1}, {"enrollment": 1, "start_date_type": "ACTUAL"}) == ()


def test_facts_have_keys_of_their_own():
    """Dates that become actual at once are different facts."""
    both = {"start_date": "2026-01", "completion_date": "2026-01"}
    types = {"start_date_type": "ACTUAL", "completion_date_type": "ACTUAL"}
    assert len({alert.key for alert in told(both, {**both, **types})}) == 2
