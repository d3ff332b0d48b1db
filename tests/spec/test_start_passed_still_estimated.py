"""start-passed-still-estimated: a start that passed and stayed a plan."""


def test_a_plan_that_passed_is_told_after_thirty_days(history):
    """Thirty days after a planned start the date should be actual, or another plan."""
    told = history(
        """
        seen        overall_status      start_date  start_date_type
        2026-03-31  NOT_YET_RECRUITING  2026-02     ESTIMATED
        2026-04-01  NOT_YET_RECRUITING  2026-02     ESTIMATED
        """,
        due=True,
    )
    assert told == {"2026-03-31": ["start-passed-still-estimated"]}


def test_an_actual_start_and_a_later_plan_are_in_order(history):
    """Neither an actual start nor a plan that was moved in time is told."""
    told = history(
        """
        seen        overall_status      start_date  start_date_type
        2026-03-30  NOT_YET_RECRUITING  2026-02     ESTIMATED
        2026-03-31  NOT_YET_RECRUITING  2026-06     ESTIMATED
        2026-07-20  RECRUITING          2026-06-30  ACTUAL
        2026-09-20  RECRUITING          2026-06-30  ACTUAL
        """,
        due=True,
    )
    assert told == {
        "2026-03-31": ["start-slipped"],
        "2026-07-20": ["status-changed", "date-became-actual"],
    }
