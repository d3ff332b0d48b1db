"""Notices of the FDA, and certificates."""

from tests.rules.made import headlines, told

FOUND = {"type": "VIOLATION_IDENTIFIED", "issuedDate": "2026-01-28"}
EVENTS = "violation_events"


def test_headline_names_the_notice_and_its_day():
    """Mark and notice are one alert that says what was found when."""
    [alert] = told({}, {"fdaaa801_violation": True, EVENTS: [FOUND]})
    assert alert.headline == "FDAAA 801 violation: VIOLATION_IDENTIFIED 2026-01-28"
    assert len(alert.evidence) == 2


def test_the_mark_alone_is_told():
    """A record that is marked without a notice is told as marked."""
    said = headlines({"fdaaa801_violation": False}, {"fdaaa801_violation": True})
    assert said == ["FDAAA 801 violation: the record is now marked"]


def test_a_notice_without_a_day_is_told():
    """Nothing but the type need be given."""
    [headline] = headlines({EVENTS: [FOUND]}, {EVENTS: [FOUND, {"type": "PENALTY_IMPOSED"}]})
    assert headline == "FDAAA 801 violation: PENALTY_IMPOSED"


def test_a_certificate_says_until_when_results_wait():
    """Where the trial is probably bound, the day on which results are then due is said."""
    trial = {
        "study_type": "INTERVENTIONAL",
        "phases": ["PHASE3"],
        "is_fda_regulated_drug": True,
        "start_date": "2022-03",
        "primary_completion_date": "2025-03-03",
    }
    [headline] = headlines(trial, {**trial, "disp_first_submit_date": "2026-02-19"})
    assert headline == (
        "Certificate to delay results filed 2026-02-19; results probably due by 2028-03-03"
    )


def test_where_nothing_is_known_to_be_due_no_day_is_said():
    """Of a trial that is not known to be bound, only the filing is told."""
    said = headlines({}, {"disp_first_submit_date": "2026-02-19"})
    assert said == ["Certificate to delay results filed 2026-02-19"]
