"""primary-completion-slipped: a later primary completion date."""


def test_a_later_primary_completion_is_told(history):
    """A primary completion date that moves to a later month is told."""
    told = history("""
        seen        primary_completion_date
        2026-01-05  2026-06
        2026-02-02  2026-12
    """)
    assert told == {"2026-02-02": ["primary-completion-slipped"]}


def test_slips_below_the_least_days_are_not_told(history):
    """Where `min_days` is 30, a slip of two weeks is not told; the next is measured on its own."""
    told = history(
        """
        seen        primary_completion_date
        2026-01-05  2026-06-01
        2026-02-02  2026-06-15
        2026-03-02  2026-07-15
        """,
        rules={"primary-completion-slipped": {"min_days": 30}},
    )
    assert told == {"2026-03-02": ["primary-completion-slipped"]}


def test_a_date_given_for_the_first_time_is_not_told(history):
    """A date where there was none is no slip."""
    told = history("""
        seen        primary_completion_date
        2026-01-05  -
        2026-02-02  2026-12
    """)
    assert told == {}
