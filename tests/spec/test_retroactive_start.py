"""retroactive-start: a start that had happened, and now happened another day."""


def test_an_actual_start_that_moves_is_told(history):
    """An actual start that becomes another is told, and not as a slip too."""
    told = history("""
        seen        overall_status  start_date  start_date_type
        2026-01-05  RECRUITING      2025-06-02  ACTUAL
        2026-02-02  RECRUITING      2025-09-01  ACTUAL
    """)
    assert told == {"2026-02-02": ["retroactive-start"]}


def test_a_plan_that_slips_or_becomes_a_fact_is_not_told(history):
    """A planned start may move, and be reached on another day, without rewriting the past."""
    told = history("""
        seen        overall_status      start_date  start_date_type
        2026-01-05  NOT_YET_RECRUITING  2025-12     ESTIMATED
        2026-02-02  NOT_YET_RECRUITING  2026-02     ESTIMATED
        2026-04-06  RECRUITING          2026-03-02  ACTUAL
    """)
    assert told == {
        "2026-02-02": ["start-slipped"],
        "2026-04-06": ["status-changed", "start-slipped", "date-became-actual"],
    }


def test_a_move_across_the_registration_is_always_told(history):
    """A move past the day of first posting, even one of a day, makes registration look timely."""
    told = history("""
        seen        overall_status  start_date  start_date_type  study_first_posted_date
        2026-01-05  RECRUITING      2025-06-02  ACTUAL           2025-06-03
        2026-02-02  RECRUITING      2025-06-03  ACTUAL           2025-06-03
    """)
    assert told == {"2026-02-02": ["retroactive-start"]}


def test_small_corrections_and_more_exact_days_are_not_told(history):
    """A day within the month that was given, or one near the old one, rewrites nothing."""
    told = history("""
        seen        overall_status  start_date  start_date_type
        2026-01-05  COMPLETED       2010-03     -
        2026-02-02  COMPLETED       2010-03-15  ACTUAL
        2026-03-02  COMPLETED       2010-03-12  ACTUAL
    """)
    assert told == {"2026-02-02": ["date-became-actual"]}
