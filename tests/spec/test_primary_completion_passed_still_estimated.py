"""primary-completion-passed-still-estimated: a primary completion that passed and stayed a plan."""


def test_a_plan_that_passed_is_told_whatever_the_status(history):
    """Also of a study that is shown as completed, thirty days after the planned day."""
    told = history(
        """
        seen        overall_status  primary_completion_date  primary_completion_date_type
        2026-03-02  COMPLETED       2026-01-31               ESTIMATED
        2026-03-03  COMPLETED       2026-01-31               ESTIMATED
        """,
        due=True,
    )
    assert told == {"2026-03-03": ["primary-completion-passed-still-estimated"]}


def test_nothing_is_asked_of_a_study_that_is_unknown(history):
    """Of a study that nobody verifies, UNKNOWN says enough."""
    told = history(
        """
        seen        overall_status  primary_completion_date  primary_completion_date_type
        2026-03-03  UNKNOWN         2023-01-31               ESTIMATED
        """,
        due=True,
    )
    assert told == {"2026-03-03": ["unknown-stale"]}
