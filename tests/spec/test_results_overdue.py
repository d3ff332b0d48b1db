"""results-overdue: results that were probably due, and were not sent."""


def test_results_are_late_after_the_days_of_grace(history):
    """Thirty days after the day on which results were probably due, and once."""
    told = history(
        """
        seen        overall_status  primary_completion_date  fdaaa_since
        2026-04-01  COMPLETED       2025-03-02               2023-05
        2026-04-02  COMPLETED       2025-03-02               2023-05
        2026-07-02  COMPLETED       2025-03-02               2023-05
        """,
        due=True,
    )
    assert told == {"2026-04-02": ["results-overdue"]}


def test_results_posted_stop_it(history):
    """A study whose results came in the days of grace is not late."""
    told = history(
        """
        seen        overall_status  primary_completion_date  fdaaa_since  has_results
        2026-03-20  COMPLETED       2025-03-02               2023-05      false
        2026-03-30  COMPLETED       2025-03-02               2023-05      true
        2026-07-02  COMPLETED       2025-03-02               2023-05      true
        """,
        due=True,
    )
    assert told == {"2026-03-30": ["results-posted"]}


def test_a_certified_delay_puts_the_day_off(history):
    """With a certificate it is three years after that date, with the same grace."""
    told = history(
        """
        seen        overall_status  primary_completion_date  fdaaa_since  disp_first_submit_date
        2026-07-02  COMPLETED       2023-03-02               2021-05      2024-02-01
        """,
        due=True,
    )
    assert told == {"2026-07-02": ["results-overdue"]}


def test_within_a_certified_delay_nothing_is_late(history):
    """Two years after the primary completion date, a certified delay has not ended."""
    told = history(
        """
        seen        overall_status  primary_completion_date  fdaaa_since  disp_first_submit_date
        2026-07-02  COMPLETED       2024-03-02               2021-05      2024-02-01
        """,
        due=True,
    )
    assert told == {}


def test_a_later_primary_completion_date_is_another_day(history):
    """A corrected date makes another due day, which is told when it has passed."""
    told = history(
        """
        seen        overall_status  primary_completion_date  fdaaa_since
        2026-04-02  COMPLETED       2025-03-02               2023-05
        2026-04-09  COMPLETED       2025-04-09               2023-05
        2026-05-10  COMPLETED       2025-04-09               2023-05
        """,
        due=True,
    )
    assert told == {
        "2026-04-02": ["results-overdue"],
        "2026-04-09": ["primary-completion-slipped", "results-due"],
        "2026-05-10": ["results-overdue"],
    }
