"""results-posted: results are shown for the first time."""


def test_first_results_are_told_once(history):
    """Results, and the date on which they were posted, come together and are one alert."""
    told = history("""
        seen        has_results  results_first_posted_date  last_update_posted_date
        2026-01-05  false        -                          2025-06-02
        2026-02-02  true         2026-01-30                 2026-01-30
        2026-02-03  true         2026-01-30                 2026-01-30
    """)
    assert told == {"2026-02-02": ["results-posted"]}


def test_later_updates_of_results_are_not_told(history):
    """A study that shows results already is not told again."""
    told = history("""
        seen        has_results  results_first_posted_date  last_update_posted_date
        2026-01-05  true         2025-06-02                 2025-06-02
        2026-02-02  true         2025-06-02                 2026-01-30
    """)
    assert told == {}
