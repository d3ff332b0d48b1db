"""Twelve months without a verification."""

from datetime import date

import pytest

from ctmonitor.rules import Tuning, judge_due
from tests.rules.made import facts

STUDY = {
    "overall_status": "SUSPENDED",
    "status_verified_date": "2025-02",
    "completion_date": "2028-12",
}


@pytest.mark.parametrize(
    ("today", "headline"),
    [
        (date(2026, 2, 28), "To be verified by 2026-02-28 (today); last verified 2025-02"),
        (date(2026, 3, 1), "Not verified since 2025-02; was due by 2026-02-28"),
    ],
)
def test_headline_says_by_when(today, headline):
    """The due day itself still leaves time; the day after does not."""
    (alert,) = judge_due(facts(**STUDY), today, Tuning())
    assert alert.headline == headline


def test_lead_is_chosen():
    """With a lead, the rule speaks so many days ahead, and not one earlier."""
    tuning = Tuning.read({"verification-stale": {"days_ahead": 14}})
    assert judge_due(facts(**STUDY), date(2026, 2, 13), tuning) == ()
    (alert,) = judge_due(facts(**STUDY), date(2026, 2, 14), tuning)
    assert alert.headline == "To be verified by 2026-02-28 (in 14 days); last verified 2025-02"


def test_evidence_holds_the_dates():
    """The verified month and the day that follows from it are in the evidence."""
    (alert,) = judge_due(facts(**STUDY), date(2026, 2, 28), Tuning())
    assert alert.evidence == (
        {
            "overall_status": "SUSPENDED",
            "status_verified_date": "2025-02",
            "verification_due_on": "2026-02-28",
        },
    )
