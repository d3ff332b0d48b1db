"""primary-completion-due: a planned primary completion date that is near."""


def test_it_is_told_where_it_is_switched_on(history):
    """Thirty days ahead, once."""
    told = history(
        """
        seen        overall_status  primary_completion_date  primary_completion_date_type
        2026-02-28  RECRUITING      2026-03-31               ESTIMATED
        2026-03-01  RECRUITING      2026-03-31               ESTIMATED
        2026-03-02  RECRUITING      2026-03-31               ESTIMATED
        """,
        due=True,
        rules={"primary-completion-due": {"enabled": True}},
    )
    assert told == {"2026-03-01": ["primary-completion-due"]}


def test_it_is_not_told_unasked(history):
    """As shipped, only forecasts list the day."""
    told = history(
        """
        seen        overall_status  primary_completion_date  primary_completion_date_type
        2026-03-02  RECRUITING      2026-03-31               ESTIMATED
        """,
        due=True,
    )
    assert told == {}
