"""resumed: open again after a stop or an end."""


def test_a_study_that_goes_on_is_told(history):
    """A suspended study that recruits again is told."""
    told = history("""
        seen        overall_status  why_stopped
        2026-01-05  SUSPENDED       Waiting for a new supply.
        2026-02-02  RECRUITING      -
    """)
    assert told == {"2026-02-02": ["resumed"]}


def test_an_ended_study_that_is_open_again_is_told(history):
    """A study that was COMPLETED and is open again is told: one of the two was a mistake."""
    told = history("""
        seen        overall_status
        2026-01-05  COMPLETED
        2026-02-02  ACTIVE_NOT_RECRUITING
    """)
    assert told == {"2026-02-02": ["resumed"]}


def test_a_first_start_is_not_told_as_going_on(history):
    """A study that recruits for the first time has not resumed."""
    told = history("""
        seen        overall_status
        2026-01-05  NOT_YET_RECRUITING
        2026-02-02  RECRUITING
    """)
    assert told == {"2026-02-02": ["status-changed"]}
