"""start-slipped: a later start."""


def test_a_later_start_is_told(history):
    """Each move of the start to a later day is told."""
    told = history("""
        seen        start_date
        2026-01-05  2026-02-01
        2026-02-02  2026-03-15
        2026-03-16  2026-06
    """)
    assert told == {"2026-02-02": ["start-slipped"], "2026-03-16": ["start-slipped"]}


def test_a_start_told_more_exactly_is_not_told(history):
    """A day within the month given before is more exact, not later."""
    told = history("""
        seen        start_date
        2026-01-05  2026-02
        2026-02-16  2026-02-14
        2026-02-17  2026-02
    """)
    assert told == {}


def test_an_earlier_start_is_not_told(history):
    """A start that moves to an earlier day has not slipped."""
    told = history("""
        seen        start_date
        2026-01-05  2026-04
        2026-02-02  2026-03
    """)
    assert told == {}
