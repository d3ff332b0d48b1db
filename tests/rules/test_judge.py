"""Rules put to facts, days and sweeps."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.records import OverallStatus
from ctmonitor.rules import (
    RuleKind,
    Tuning,
    forecast,
    judge_difference,
    judge_due,
    judge_first_sight,
    rules_of,
    told_from,
)
from tests.rules.made import a_difference, facts

STUDY = {
    "overall_status": "RECRUITING",
    "status_verified_date": "2024-02",
    "completion_date": "2025-12",
}
TODAY = date(2026, 2, 2)
MONTHS = st.dates(date(2015, 1, 1), date(2030, 12, 31)).map(lambda day: f"{day:%Y-%m}")


def test_forecast_is_soonest_first():
    """Every due day of a study, past and to come."""
    found = forecast(facts(**STUDY), TODAY, Tuning())
    assert [(one.rule, str(one.due_on), one.days_left) for one in found] == [
        ("verification-stale", "2025-02-28", -339),
        ("completion-due", "2025-12-31", -33),
        ("completion-passed-still-open", "2026-01-31", -2),
        ("unknown-due", "2026-02-28", 26),
    ]


def test_forecast_says_what_leads_to_the_day_and_how_sure_it_is():
    """The facts behind the day, what would prevent it, and why it may be only probable."""
    study = facts(**STUDY)
    sure = next(one for one in forecast(study, TODAY, Tuning()) if one.rule == "unknown-due")
    assert sure.because == STUDY and not sure.probably
    assert "verifies the record" in sure.prevented_by
    law = next(one for one in forecast(study, TODAY, Tuning()) if one.rule == "verification-stale")
    assert "public data cannot tell" in law.probably
    assert law.because == {key: STUDY[key] for key in ("overall_status", "status_verified_date")}


def test_forecast_of_an_unknown_study_is_empty():
    """A study that is UNKNOWN already has nothing to come."""
    study = facts(**{**STUDY, "overall_status": "UNKNOWN", "last_known_status": "RECRUITING"})
    assert forecast(study, TODAY, Tuning()) == ()


def test_forecast_leaves_out_what_is_switched_off():
    """A rule that is switched off foretells nothing."""
    off = {
        name: {"enabled": False} for name in ("verification-stale", "unknown-due", "completion-due")
    }
    found = forecast(facts(**STUDY), TODAY, Tuning.read(off))
    assert [one.rule for one in found] == ["completion-passed-still-open"]


def test_first_sight_asks_no_calendar():
    """What is due is not told at first sight; the daily look tells it."""
    assert judge_first_sight(facts(**STUDY), TODAY, Tuning()) == ()


@given(st.sampled_from(OverallStatus), MONTHS, MONTHS, st.integers(-900, 900))
def test_due_is_what_the_forecast_said(status, verified, completion, days):
    """On any day the calendar rules tell just the forecasts that have come near enough."""
    study = facts(overall_status=status, status_verified_date=verified, completion_date=completion)
    today, tuning = TODAY + timedelta(days=days), Tuning()
    near = {
        rule.name
        for rule in rules_of(RuleKind.CALENDAR)
        if (told := told_from(rule, study, tuning.of(rule))) and told <= today
        if not rule.is_quiet
    }
    assert {alert.rule for alert in judge_due(study, today, tuning)} == near
    assert near <= {one.rule for one in forecast(study, today, tuning)}


def test_what_a_weightier_rule_tells_is_kept_and_marked():
    """A slip of a study that stopped in the same look is told, but is to be sent to nobody."""
    told = judge_difference(
        a_difference(
            {"overall_status": "RECRUITING", "completion_date": "2026-05"},
            {"overall_status": "TERMINATED", "completion_date": "2026-09"},
        ),
        Tuning(),
    )
    assert {alert.rule: alert.inhibited_by for alert in told} == {
        "stopped": None,
        "completion-slipped": "stopped",
    }


def test_a_rule_that_is_switched_off_inhibits_nothing():
    """What would have told more weightily and may not, leaves the word to the other."""
    told = judge_difference(
        a_difference(
            {"overall_status": "RECRUITING", "completion_date": "2026-05"},
            {"overall_status": "TERMINATED", "completion_date": "2026-09"},
        ),
        Tuning.read({"stopped": {"enabled": False}}),
    )
    assert [(alert.rule, alert.inhibited_by) for alert in told] == [("completion-slipped", None)]
