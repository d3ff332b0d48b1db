"""The days that a study's facts lead to."""

from datetime import date, timedelta

import pytest

from ctmonitor.records import LAPSING, OverallStatus
from tests.builders import a_record


def facts(**fields):
    return a_record(**fields).facts


@pytest.mark.parametrize("status", sorted(LAPSING))
def test_an_open_study_turns_unknown_at_the_end_of_the_24th_month(status):
    """Without a completion date, only the verified month counts: its last day, two years on."""
    study = facts(overall_status=status, status_verified_date="2024-02", completion_date=None)
    assert study.unknown_due_on == date(2026, 2, 28)


def test_a_later_completion_date_delays_it_to_the_day_after():
    """While the completion date is ahead, the registry leaves the status alone."""
    study = facts(
        overall_status="RECRUITING", status_verified_date="2021-06", completion_date="2026-04"
    )
    assert study.unknown_due_on == date(2026, 5, 1)


@pytest.mark.parametrize("status", sorted(set(OverallStatus) - LAPSING - {"UNKNOWN"}))
def test_no_other_status_turns(status):
    """Finished, suspended and expanded-access studies never turn UNKNOWN."""
    study = facts(overall_status=status, status_verified_date="2010-01", completion_date=None)
    assert study.unknown_due_on is None


def test_behind_unknown_is_the_last_known_status():
    """An UNKNOWN study tells since when by what its sponsor last said."""
    study = facts(
        overall_status="UNKNOWN",
        last_known_status="RECRUITING",
        status_verified_date="2021-06",
        completion_date="2022-01",
    )
    assert study.unknown_due_on == date(2023, 6, 30)


def test_verification_is_due_within_twelve_months():
    """42 CFR 11.64(a)(1): an unfinished record is verified once a year; a finished one need not."""
    study = facts(overall_status="RECRUITING", status_verified_date="2025-03")
    ended = facts(overall_status="COMPLETED", status_verified_date="2025-03")
    assert (study.verification_due_on, ended.verification_due_on) == (date(2026, 3, 31), None)


def test_an_open_status_outlives_its_completion_date_by_thirty_days():
    """The status may lag by the 30 days of 42 CFR 11.64(a)(1); then it no longer fits."""
    study = facts(overall_status="RECRUITING", completion_date="2026-01-31")
    assert study.completion_passed_on == date(2026, 1, 31) + timedelta(days=31)


APPLICABLE = {
    "study_type": "INTERVENTIONAL",
    "is_fda_regulated_drug": True,
    "start_date": "2020-01",
    "overall_status": "COMPLETED",
    "primary_completion_date": "2024-02-29",
}


@pytest.mark.parametrize(
    ("more", "due_on"),
    [
        ({}, date(2025, 2, 28)),
        ({"disp_first_submit_date": "2024-12-01"}, date(2027, 2, 28)),
        ({"has_results": True}, None),
        ({"is_fda_regulated_drug": False}, None),
        ({"start_date": "2016-05"}, None),
        ({"phases": ["PHASE1"]}, None),
        ({"overall_status": "WITHDRAWN"}, None),
        ({"primary_completion_date": None}, None),
    ],
)
def test_results_are_due_where_the_regulation_probably_applies(more, due_on):
    """42 CFR 11.44: a year after primary completion, three with a certificate."""
    assert facts(**{**APPLICABLE, **more}).results_due_on == due_on


def test_the_registry_date_of_an_unknown_study_is_when_it_turned():
    """The registry's day for a content is its posting, or the flip that nobody posted."""
    study = facts(
        overall_status="UNKNOWN",
        last_known_status="RECRUITING",
        status_verified_date="2021-06",
        completion_date="2022-01",
        last_update_posted_date="2021-07-01",
        data_date="2026-03-02",
    )
    assert study.registry_date == date(2023, 6, 30)
