"""Open although the completion date has passed."""

from datetime import date

import pytest

from ctmonitor.rules import Tuning, judge_due
from tests.rules.made import facts

STUDY = {"overall_status": "RECRUITING", "completion_date": "2025-12"}


@pytest.mark.parametrize(("day", "passed"), [(31, 31), (30, None)])
def test_thirty_days_are_left(day, passed):
    """Thirty days after the end of the completion date nothing is told; a day later it is."""
    alerts = judge_due(facts(**STUDY), date(2026, 1, day), Tuning())
    said = f"Still RECRUITING {passed} days after completion date 2025-12"
    assert [alert.headline for alert in alerts] == ([said] if passed else [])


def test_ahead_of_the_day():
    """With a lead, the headline says by when the status is to be changed."""
    tuning = Tuning.read({"completion-passed-still-open": {"days_ahead": 10}})
    (alert,) = judge_due(facts(**STUDY), date(2026, 1, 21), tuning)
    assert alert.headline == (
        "RECRUITING, completion date 2025-12: to be changed by 2026-01-30 (in 9 days)"
    )


def test_the_last_day_ahead_is_today():
    """On the last of the thirty days the headline says today."""
    tuning = Tuning.read({"completion-passed-still-open": {"days_ahead": 10}})
    (alert,) = judge_due(facts(**STUDY), date(2026, 1, 30), tuning)
    assert alert.headline.endswith("to be changed by 2026-01-30 (today)")
