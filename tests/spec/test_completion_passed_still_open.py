"""completion-passed-still-open: the date has passed, the status says otherwise."""


def test_an_open_status_past_the_date_is_told_once(history):
    """Thirty days after the completion date an open status is told, and only once."""
    told = history(
        """
        seen        overall_status  completion_date  status_verified_date
        2026-01-30  RECRUITING      2025-12-31       2025-11
        2026-01-31  RECRUITING      2025-12-31       2025-11
        2026-02-02  RECRUITING      2025-12-31       2025-11
        """,
        due=True,
    )
    assert told == {"2026-01-31": ["completion-passed-still-open"]}


def test_a_new_completion_date_is_told_again_when_it_passes(history):
    """A date that is put off and passes again is another fact."""
    told = history(
        """
        seen        overall_status  completion_date  status_verified_date
        2026-02-02  RECRUITING      2025-12-31       2025-11
        2026-02-09  RECRUITING      2026-03-31       2026-02
        2026-05-04  RECRUITING      2026-03-31       2026-02
        """,
        due=True,
    )
    assert told == {
        "2026-02-02": ["completion-passed-still-open"],
        "2026-02-09": ["completion-slipped"],
        "2026-05-04": ["completion-passed-still-open"],
    }


def test_a_closed_status_is_not_told(history):
    """A study that has ended, or is UNKNOWN, is not told to be open."""
    told = history(
        """
        seen        overall_status  completion_date  status_verified_date
        2026-01-30  RECRUITING      2025-12-31       2025-11
        2026-01-31  COMPLETED       2025-12-31       2026-01
        2026-02-02  COMPLETED       2025-12-31       2026-01
        """,
        due=True,
    )
    assert told == {"2026-01-31": ["completed"]}
