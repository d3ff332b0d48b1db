"""UNKNOWN: seen to come, come, gone, and found."""

from datetime import date

from ctmonitor.rules import Tuning, judge_due, judge_first_sight
from tests.rules.made import facts, told

OPEN = {"overall_status": "RECRUITING", "status_verified_date": "2024-02"}
SILENT = {"overall_status": "UNKNOWN", "last_known_status": "RECRUITING"}
ONLY_UNKNOWN_DUE = Tuning.read({"verification-stale": {"enabled": False}})


def test_flip_rests_on_the_verified_month():
    """The evidence of a flip holds the verified month and the day that follows from it."""
    (alert,) = told(OPEN, {**SILENT, "status_verified_date": "2024-02"})
    assert alert.headline == "Now UNKNOWN; was RECRUITING"
    assert alert.evidence[1]["status_verified_date"] == "2024-02"
    assert alert.evidence[1]["unknown_due_on"] == "2026-02-28"


def test_leaving_says_the_last_known_status():
    """A study that leaves UNKNOWN is told with what was last known."""
    (alert,) = told(SILENT, {"overall_status": "COMPLETED"})
    assert alert.headline == "Now COMPLETED; was UNKNOWN, last known RECRUITING"


def test_first_sight_says_since_when():
    """A study found UNKNOWN is told with the day on which it turned so."""
    study = facts(**SILENT, status_verified_date="2021-06")
    (alert,) = judge_first_sight(study, date(2026, 1, 5), Tuning())
    assert alert.headline == "UNKNOWN since 2023-06-30; last known RECRUITING, verified 2021-06"
    assert alert.registry_date == date(2023, 6, 30)


def test_first_sight_claims_no_day_to_come():
    """Where the computed day lies ahead, the rule does not claim to know since when."""
    study = facts(**SILENT, status_verified_date="2025-06")
    (alert,) = judge_first_sight(study, date(2026, 1, 5), Tuning())
    assert alert.headline == "UNKNOWN; last known RECRUITING, verified 2025-06"
    assert "unknown_due_on" not in alert.evidence[0]


def test_first_sight_without_dates():
    """A record that says nothing but UNKNOWN is told as that."""
    (alert,) = judge_first_sight(facts(overall_status="UNKNOWN"), date(2026, 1, 5), Tuning())
    assert alert.headline == "UNKNOWN"


def test_due_counts_the_days():
    """The headline gives the day and how far it is."""
    (alert,) = judge_due(facts(**OPEN), date(2026, 2, 16), ONLY_UNKNOWN_DUE)
    assert alert.headline == "Turns UNKNOWN on 2026-02-28 unless verified (in 12 days)"


def test_due_on_the_day_itself():
    """On the day itself the headline says today."""
    (alert,) = judge_due(facts(**OPEN), date(2026, 2, 28), ONLY_UNKNOWN_DUE)
    assert alert.headline == "Turns UNKNOWN on 2026-02-28 unless verified (today)"


def test_due_in_the_past_is_not_foretold():
    """A day that has passed is told as passed, with what was last seen."""
    (alert,) = judge_due(facts(**OPEN), date(2026, 3, 2), ONLY_UNKNOWN_DUE)
    assert alert.headline == "Was to turn UNKNOWN on 2026-02-28; last seen RECRUITING"


def test_due_rests_on_dates_and_says_what_prevents_it():
    """The evidence holds the dates and what the sponsor can do."""
    study = facts(**OPEN, completion_date="2025-12")
    alerts = judge_due(study, date(2026, 1, 29), ONLY_UNKNOWN_DUE)
    (evidence,) = alerts[0].evidence
    assert evidence["status_verified_date"] == "2024-02"
    assert evidence["completion_date"] == "2025-12"
    assert "verifies the record" in evidence["prevented_by"]


def test_due_is_one_fact_on_every_day():
    """The same due day has the same key, whenever it is asked for."""
    first, later = (
        judge_due(facts(**OPEN), day, ONLY_UNKNOWN_DUE)[0]
        for day in (date(2026, 1, 29), date(2026, 3, 2))
    )
    assert first.key == later.key
