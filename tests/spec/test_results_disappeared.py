"""results-disappeared: results that the registry no longer shows."""


def test_results_that_go_are_told(history):
    """Results that were posted and are gone are told; their return is told as results posted."""
    told = history("""
        seen        has_results  results_first_posted_date
        2026-01-05  true         2025-06-02
        2026-02-02  false        -
        2026-03-02  true         2025-06-02
    """)
    assert told == {"2026-02-02": ["results-disappeared"], "2026-03-02": ["results-posted"]}


def test_a_study_without_results_is_not_told(history):
    """Where there were none, none disappear."""
    told = history("""
        seen        has_results  enrollment
        2026-01-05  false        40
        2026-02-02  -            40
    """)
    assert told == {}
