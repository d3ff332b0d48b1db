"""left-unknown: the sponsor speaks again."""


def test_a_sponsor_that_speaks_again_is_told(history):
    """A study that leaves UNKNOWN is told, also when it turns out to have been completed."""
    told = history("""
        seen        overall_status  last_known_status  status_verified_date  last_update_posted_date
        2025-03-03  UNKNOWN         RECRUITING         2022-01               2022-01-20
        2025-03-10  COMPLETED       -                  2025-03               2025-03-07
    """)
    assert told == {"2025-03-03": ["unknown-stale"], "2025-03-10": ["left-unknown"]}


def test_leaving_unknown_by_a_stop_is_told_as_a_stop(history):
    """A study that leaves UNKNOWN as TERMINATED is told once, with the sponsor's reason."""
    told = history("""
        seen        overall_status  last_known_status  status_verified_date  why_stopped
        2025-03-03  UNKNOWN         RECRUITING         2022-01               -
        2025-03-10  TERMINATED      -                  2025-03               The funding ended.
    """)
    assert told == {"2025-03-03": ["unknown-stale"], "2025-03-10": ["stopped"]}


def test_a_study_that_stays_unknown_is_not_told(history):
    """An update of a record that stays UNKNOWN is not told."""
    told = history("""
        seen        overall_status  last_known_status  status_verified_date  last_update_posted_date
        2025-03-03  UNKNOWN         RECRUITING         2022-01               2022-01-20
        2025-03-10  UNKNOWN         RECRUITING         2022-01               2025-03-07
    """)
    assert told == {"2025-03-03": ["unknown-stale"]}
