"""The start, in retrospect."""

import pytest

from ctmonitor.rules.start import has_started
from tests.rules.made import facts, told

ACTUAL = {"overall_status": "RECRUITING", "start_date_type": "ACTUAL", "data_date": "2026-02-02"}
PLAN = {**ACTUAL, "start_date_type": "ESTIMATED"}


def _headline(before, after):
    heard = [alert for alert in told(before, after) if alert.rule == "retroactive-start"]
    return heard[0].headline if heard else None


def test_headline_says_the_move():
    """Both days, and how far they lie apart."""
    before, after = ({**ACTUAL, "start_date": day} for day in ("2025-06-02", "2025-09-01"))
    assert _headline(before, after) == (
        "Start 91 days later in retrospect: 2025-09-01, was 2025-06-02"
    )


@pytest.mark.parametrize(
    ("before", "after", "looks"),
    [("2025-05-01", "2025-07-01", "prospective"), ("2025-07-01", "2025-05-01", "late")],
)
def test_headline_says_how_registration_looks_now(before, after, looks):
    """A start that crosses the day of first posting turns late into timely, or back."""
    both = {**ACTUAL, "study_first_posted_date": "2025-06-02"}
    said = _headline({**both, "start_date": before}, {**both, "start_date": after})
    assert said is not None and said.endswith(f"; registration now looks {looks}")


def test_a_plan_that_is_reached_across_the_registration_is_told():
    """An open study planned to have begun before it was registered, and now began after."""
    posted = {"study_first_posted_date": "2025-06-10"}
    before = {**PLAN, **posted, "start_date": "2025-06-02"}
    assert _headline(before, {**ACTUAL, **posted, "start_date": "2025-06-20"}) is not None
    assert _headline(before, {**ACTUAL, **posted, "start_date": "2025-06-09"}) is None


def test_a_plan_that_passed_unnoticed_is_no_start():
    """A study that does not recruit yet may move a planned start that is past."""
    waiting = {**PLAN, "overall_status": "NOT_YET_RECRUITING"}
    posted = {"study_first_posted_date": "2025-06-10"}
    before = {**waiting, **posted, "start_date": "2025-06-02"}
    assert _headline(before, {**waiting, **posted, "start_date": "2026-06-20"}) is None


@pytest.mark.parametrize(("day", "is_told"), [("2025-06-08", False), ("2025-06-09", True)])
def test_least_move_is_told(day, is_told):
    """A move of exactly the least days is told, one of less is not."""
    before, after = {**ACTUAL, "start_date": "2025-06-02"}, {**ACTUAL, "start_date": day}
    assert (_headline(before, after) is not None) is is_told


def test_a_start_in_the_future_may_move():
    """A start after the record's own day, whatever its type, had not happened."""
    before, after = ({**ACTUAL, "start_date": day} for day in ("2026-02-03", "2026-05-01"))
    assert _headline(before, after) is None


@pytest.mark.parametrize(
    ("fields", "is_begun"),
    [
        ({"overall_status": "RECRUITING"}, True),
        ({"overall_status": "NOT_YET_RECRUITING"}, False),
        ({"overall_status": "NOT_YET_RECRUITING", "start_date": "2026-02"}, False),
        ({"overall_status": "NOT_YET_RECRUITING", "start_date": "2026-01"}, True),
        ({"overall_status": "WITHDRAWN", "start_date": "2026-01"}, False),
        ({}, False),
    ],
)
def test_a_study_has_started_by_status_or_by_its_date(fields, is_begun):
    """A month has passed when its last day has."""
    assert has_started(facts(data_date="2026-02-02", **fields)) is is_begun
