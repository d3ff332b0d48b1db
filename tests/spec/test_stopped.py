"""stopped: SUSPENDED, TERMINATED, WITHDRAWN."""


def test_a_stop_is_told_once_with_its_reason(history):
    """A stop is one alert; the reason that comes with it is not told a second time."""
    told = history("""
        seen        overall_status  why_stopped
        2026-01-05  RECRUITING      -
        2026-02-02  TERMINATED      The funding ended.
        2026-02-03  TERMINATED      The funding ended.
    """)
    assert told == {"2026-02-02": ["stopped"]}


def test_each_kind_of_stop_is_told(history):
    """A pause and the end that follows it are two facts."""
    told = history("""
        seen        overall_status  why_stopped
        2026-01-05  RECRUITING      -
        2026-02-02  SUSPENDED       Waiting for a new supply.
        2026-05-04  WITHDRAWN       No new supply came.
    """)
    assert told == {"2026-02-02": ["stopped"], "2026-05-04": ["stopped"]}


def test_a_study_first_seen_stopped_is_not_told(history):
    """A study that had stopped before it was first seen is not told."""
    told = history("""
        seen        overall_status  why_stopped
        2026-01-05  TERMINATED      The funding ended.
        2026-02-02  TERMINATED      The funding ended.
    """)
    assert told == {}
