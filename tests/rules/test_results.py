"""Results posted."""

from tests.rules.made import headlines, told

SHOWN = {"has_results": True, "results_first_posted_date": "2026-01-30"}


def test_headline_gives_the_day():
    """Results are told with the day on which they were posted."""
    assert headlines({"has_results": False}, SHOWN) == ["Results posted 2026-01-30"]


def test_both_changes_are_evidence():
    """The flag and the date are one alert and both its evidence."""
    (alert,) = told({"has_results": False}, SHOWN)
    assert {change["field"] for change in alert.evidence} == {
        "has_results",
        "results_first_posted_date",
    }


def test_the_flag_alone_is_enough():
    """Results without a date are told without one."""
    assert headlines({"has_results": False}, {"has_results": True}) == ["Results posted"]


def test_another_date_is_not_told():
    """A date of posting that is corrected is no first posting."""
    assert told(SHOWN, {**SHOWN, "results_first_posted_date": "2026-01-29"}) == ()


def test_results_that_go_are_not_told_as_posted():
    """Results that disappear are not told as posted."""
    assert [alert.rule for alert in told(SHOWN, {"has_results": False})] == ["results-disappeared"]
