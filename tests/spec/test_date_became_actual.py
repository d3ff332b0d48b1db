"""date-became-actual: a plan that became a fact."""


def test_a_plan_that_became_a_fact_is_told(history):
    """A date whose type turns to ACTUAL is told once."""
    told = history("""
        seen        start_date  start_date_type
        2026-01-05  2026-02     ESTIMATED
        2026-02-16  2026-02-14  ACTUAL
        2026-02-17  2026-02-14  ACTUAL
    """)
    assert told == {"2026-02-16": ["date-became-actual"]}


def test_a_late_fact_is_told_as_slip_and_as_fact(history):
    """A date that is actual and later than planned answers both questions."""
    told = history("""
        seen        completion_date  completion_date_type
        2026-01-05  2026-01-31       ESTIMATED
        2026-04-06  2026-03-31       ACTUAL
    """)
    assert told == {"2026-04-06": ["completion-slipped", "date-became-actual"]}


def test_each_date_is_told_by_itself(history):
    """Two dates that become actual at once are two alerts."""
    told = history("""
        seen        start_date  start_date_type  completion_date  completion_date_type
        2026-01-05  2025-06-30  ESTIMATED        2026-01-31       ESTIMATED
        2026-02-02  2025-06-30  ACTUAL           2026-01-31       ACTUAL
    """)
    assert told == {"2026-02-02": ["date-became-actual", "date-became-actual"]}


def test_a_fact_that_becomes_a_plan_again_is_not_told(history):
    """A date that turns from ACTUAL back to ESTIMATED has not become actual."""
    told = history("""
        seen        completion_date  completion_date_type
        2026-01-05  2026-01-31       ACTUAL
        2026-02-02  2026-01-31       ESTIMATED
    """)
    assert told == {}
