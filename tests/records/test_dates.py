"""Registry dates: what can be written, and what it means."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.records import PartialDate, end_of_month_after
from ctmonitor.records.dates import same_day_after


@pytest.mark.parametrize("text", ["2024", "2024-02", "2024-02-29"])
def test_what_the_registry_writes_is_read_and_written_back(text):
    """A year, a month and a day are all dates, and stay as exact as they were."""
    assert str(PartialDate.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20240229",
        "2024-2-9",
        "2024-W09-4",
        "2023-02-29",
        "2024-13",
        "2024-00",
        "0000-01",
        "9999-01",
        "2024-02-29T00:00",
        " 2024-02",
        "２０２４-02",
        "2024-02-29\n",
    ],
)
def test_anything_else_is_refused(text):
    """No other form is a date, not even one that other programs take."""
    with pytest.raises(ValueError):
        PartialDate.parse(text)


def test_a_month_ends_with_its_last_day():
    """A date known to the month means any day of it; its end is what deadlines count from."""
    month = PartialDate.parse("2024-02")
    assert (month.first, month.last) == (date(2024, 2, 1), date(2024, 2, 29))


@pytest.mark.parametrize(
    ("exact", "rough", "refines"),
    [
        ("2026-02-14", "2026-02", True),
        ("2026-02", "2026", True),
        ("2026-02-14", "2026", True),
        ("2026-03-01", "2026-02", False),
        ("2026-02", "2026-02", False),
        ("2026-02", "2026-02-14", False),
    ],
)
def test_more_exact_is_within_what_was_said(exact, rough, refines):
    """A date refines another when it lies within it and says more."""
    assert PartialDate.parse(exact).refines(PartialDate.parse(rough)) is refines


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.integers(0, 60))
def test_months_later_is_the_end_of_that_month(day, months):
    """Counting months from a date ends on the last day of the month so many later."""
    found = end_of_month_after(PartialDate(day.year, day.month), months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert (found.toordinal() + 1) and date.fromordinal(found.toordinal() + 1).day == 1


def test_a_leap_day_years_later_is_the_day_before():
    """29 February some years on is 28 February where there is no 29th."""
    assert same_day_after(date(2024, 2, 29), 1) == date(2025, 2, 28)
