"""Completion moved by years, enrollment cut."""

import pytest

from tests.rules.made import told

PRIMARY = "primary_completion_date"


def _first(before, after, rule, **tables):
    return next((one for one in told(before, after, **tables) if one.rule == rule), None)


def test_headline_says_the_farther_move():
    """Where both dates move, the headline tells of the one that moved farther."""
    before = {PRIMARY: "2026-06-01", "completion_date": "2027-06-01"}
    after = {PRIMARY: "2026-07-01", "completion_date": "2024-05-31"}
    alert = _first(before, after, "completion-moved-far")
    assert alert.headline == "Completion moved 1096 days earlier: 2024-05-31, was 2027-06-01"
    assert [piece.get("field") for piece in alert.evidence] == [PRIMARY, "completion_date", None]


@pytest.mark.parametrize(("day", "is_told"), [("2028-05-30", False), ("2028-05-31", True)])
def test_least_move_is_told(day, is_told):
    """A move of 730 days is told, one of 729 is not."""
    alert = _first({PRIMARY: "2026-06-01"}, {PRIMARY: day}, "completion-moved-far")
    assert (alert is not None) is is_told


def test_the_slip_beside_a_far_move_is_inhibited():
    """What the weightier rule tells is marked, and by whom."""
    both = told({PRIMARY: "2026-06-01"}, {PRIMARY: "2029-06-01"})
    assert {one.rule: one.inhibited_by for one in both} == {
        "primary-completion-slipped": "completion-moved-far",
        "completion-moved-far": None,
    }


def test_a_date_given_for_the_first_time_is_no_move():
    """From no date none can move."""
    assert told({}, {PRIMARY: "2039-06-01"}) == ()


def test_headline_says_the_cut():
    """Both numbers with their types, and by how much."""
    before = {"enrollment": 35, "enrollment_type": "ESTIMATED"}
    alert = _first(before, {"enrollment": 4, "enrollment_type": "ACTUAL"}, "enrollment-cut")
    assert alert.headline == "Enrollment cut by 89 %: 4 ACTUAL, was 35 ESTIMATED"
    assert [piece["field"] for piece in alert.evidence] == ["enrollment", "enrollment_type"]


@pytest.mark.parametrize(("count", "is_told"), [(51, False), (50, True), (0, True), (None, False)])
def test_least_cut_is_told(count, is_told):
    """Half is a cut, more is none; no number is no cut."""
    assert (_first({"enrollment": 100}, {"enrollment": count}, "enrollment-cut") is not None) is (
        is_told
    )


def test_nothing_cannot_be_cut():
    """From nought, and from no number, nothing is cut."""
    for before in ({"enrollment": 0}, {}):
        assert _first(before, {"enrollment": 0}, "enrollment-cut") is None
