"""completion-slipped: a later completion date."""


def test_a_later_completion_is_told(history):
    """Both completion dates that move are told, each by its own rule."""
    told = history("""
        seen        primary_completion_date  completion_date
        2026-01-05  2026-06                  2026-09
        2026-02-02  2026-12                  2027-03
    """)
    assert told == {"2026-02-02": ["primary-completion-slipped", "completion-slipped"]}


def test_the_same_slip_after_a_return_is_told_again(history):
    """A date that slips, returns and slips again is told twice: these are two facts."""
    told = history("""
        seen        completion_date
        2026-01-05  2026-09
        2026-02-02  2027-03
        2026-03-02  2026-09
        2026-04-06  2027-03
    """)
    assert told == {"2026-02-02": ["completion-slipped"], "2026-04-06": ["completion-slipped"]}


def test_a_day_within_the_month_is_not_told(history):
    """A completion date that is told to the day within its month has not slipped."""
    told = history("""
        seen        completion_date
        2026-01-05  2026-09
        2026-02-02  2026-09-30
    """)
    assert told == {}
