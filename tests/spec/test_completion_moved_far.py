"""completion-moved-far: a completion that moves by years."""


def test_a_move_by_years_is_told_in_place_of_a_slip(history):
    """Both dates that move, one of them by two years or more, are one alert and no slips."""
    told = history("""
        seen        primary_completion_date  completion_date
        2026-01-05  2026-06                  2027-06
        2026-02-02  2026-12                  2029-12
    """)
    assert told == {"2026-02-02": ["completion-moved-far"]}


def test_a_move_to_an_earlier_day_is_told_too(history):
    """A study that is to end years earlier than planned is told."""
    told = history("""
        seen        overall_status         primary_completion_date
        2026-01-05  ACTIVE_NOT_RECRUITING  2029-10-30
        2026-02-02  ACTIVE_NOT_RECRUITING  2026-03-31
    """)
    assert told == {"2026-02-02": ["completion-moved-far"]}


def test_the_least_move_can_be_chosen(history):
    """Where `min_days` is 365, a year is told; half a year stays a slip."""
    told = history(
        """
        seen        completion_date
        2026-01-05  2026-06-01
        2026-02-02  2027-06-01
        2026-03-02  2027-12-01
        """,
        rules={"completion-moved-far": {"min_days": 365}},
    )
    assert told == {"2026-02-02": ["completion-moved-far"], "2026-03-02": ["completion-slipped"]}


def test_a_study_that_ended_is_told_as_ended(history):
    """A completion date that comes forward because the study stopped is no news of its own."""
    told = history("""
        seen        overall_status  completion_date
        2026-01-05  RECRUITING      2029-12
        2026-02-02  TERMINATED      2026-01
    """)
    assert told == {"2026-02-02": ["stopped"]}
