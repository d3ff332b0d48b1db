"""completed: the study reached its end."""


def test_an_end_as_planned_is_told(history):
    """A study that turns to COMPLETED is told once."""
    told = history("""
        seen        overall_status         last_update_posted_date
        2026-01-05  ACTIVE_NOT_RECRUITING  2025-06-02
        2026-02-02  COMPLETED              2026-01-30
        2026-02-03  COMPLETED              2026-01-30
    """)
    assert told == {"2026-02-02": ["completed"]}


def test_a_passed_completion_date_alone_is_not_told(history):
    """A completion date that passes does not make a study completed."""
    told = history("""
        seen        overall_status         completion_date
        2026-01-05  ACTIVE_NOT_RECRUITING  2026-01-10
        2026-01-12  ACTIVE_NOT_RECRUITING  2026-01-10
    """)
    assert told == {}
