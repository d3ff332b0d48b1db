"""why-stopped-changed: another reason for the same stop."""


def test_another_reason_is_told(history):
    """A reason that changes while the study stays stopped is told."""
    told = history("""
        seen        overall_status  why_stopped
        2026-01-05  SUSPENDED       Waiting for a new supply.
        2026-02-02  SUSPENDED       A safety review is under way.
    """)
    assert told == {"2026-02-02": ["why-stopped-changed"]}


def test_a_reason_that_comes_late_is_told(history):
    """A reason given only after the stop is told."""
    told = history("""
        seen        overall_status  why_stopped
        2026-01-05  TERMINATED      -
        2026-02-02  TERMINATED      Too few took part.
    """)
    assert told == {"2026-02-02": ["why-stopped-changed"]}


def test_the_same_words_written_differently_are_not_told(history):
    """Case and a full stop do not make another reason."""
    told = history("""
        seen        overall_status  why_stopped
        2026-01-05  TERMINATED      Too few took part
        2026-02-02  TERMINATED      Too few took part.
    """)
    assert told == {}


def test_a_reason_that_goes_with_the_stop_is_not_told(history):
    """When a study goes on, the reason that disappears is not told beside it."""
    told = history("""
        seen        overall_status  why_stopped
        2026-01-05  SUSPENDED       Waiting for a new supply.
        2026-02-02  RECRUITING      -
    """)
    assert told == {"2026-02-02": ["resumed"]}
