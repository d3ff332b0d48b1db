"""unknown-stale: a study that is UNKNOWN when it is first seen."""


def test_first_sight_of_an_unknown_study_is_told(history):
    """A study that is UNKNOWN at first sight is told once, though no change was seen."""
    told = history("""
        seen        overall_status  last_known_status  status_verified_date
        2026-01-05  UNKNOWN         RECRUITING         2021-06
        2026-01-06  UNKNOWN         RECRUITING         2021-06
    """)
    assert told == {"2026-01-05": ["unknown-stale"]}


def test_first_sight_of_an_open_study_is_not_told(history):
    """A study that is open at first sight is not told, nor is its later flip told by this rule."""
    told = history("""
        seen        overall_status  last_known_status  status_verified_date
        2023-06-29  RECRUITING      -                  2021-06
        2023-06-30  UNKNOWN         RECRUITING         2021-06
    """)
    assert told == {"2023-06-30": ["became-unknown"]}
