"""completion-due: a completion date that is near."""


def test_it_is_told_where_it_is_switched_on(history):
    """Thirty days ahead, once; a date that moves away is told again when it is near."""
    told = history(
        """
        seen        overall_status  completion_date
        2026-03-01  RECRUITING      2026-03-31
        2026-03-02  RECRUITING      2026-05-31
        2026-05-01  RECRUITING      2026-05-31
        """,
        due=True,
        rules={"completion-due": {"enabled": True}, "completion-slipped": {"enabled": False}},
    )
    assert told == {"2026-03-01": ["completion-due"], "2026-05-01": ["completion-due"]}


def test_a_finished_study_is_left_alone(history):
    """The completion date of a study that is completed is no plan."""
    told = history(
        """
        seen        overall_status  completion_date
        2026-03-01  COMPLETED       2026-03-31
        """,
        due=True,
        rules={"completion-due": {"enabled": True}},
    )
    assert told == {}
