"""results-due: results that are probably due soon."""


def test_results_are_foretold_sixty_days_ahead(history):
    """One year after the primary completion date results are probably due; told once, ahead."""
    told = history(
        """
        seen        overall_status  primary_completion_date  fdaaa_since
        2025-12-31  COMPLETED       2025-03-02               2023-05
        2026-01-01  COMPLETED       2025-03-02               2023-05
        2026-03-02  COMPLETED       2025-03-02               2023-05
        """,
        due=True,
    )
    assert told == {"2026-01-01": ["results-due"]}


def test_a_study_that_is_probably_not_bound_is_left_alone(history):
    """Nothing is due of a study of no regulated product, or of one with results."""
    told = history(
        """
        seen        overall_status  primary_completion_date  fdaaa_since  has_results
        2026-02-01  COMPLETED       2025-03-02               -            false
        2026-02-02  COMPLETED       2025-03-02               2023-05      true
        """,
        due=True,
    )
    assert told == {"2026-02-02": ["results-posted"]}
