"""violation-found: a notice of the FDA in the record."""


def test_the_mark_and_its_notice_are_one_alert(history):
    """The mark of the record and the notice that explains it are told once, though silent."""
    told = history("""
        seen        last_update_posted_date  fdaaa801_violation  violation_events
        2026-01-05  2025-06-02               -                   -
        2026-02-02  2025-06-02               true                VIOLATION_IDENTIFIED 2026-01-28
    """)
    assert told == {"2026-02-02": ["violation-found"]}


def test_every_further_notice_is_told(history):
    """What becomes of a violation is told as it is shown; the mark that stays is not."""
    told = history("""
        seen        fdaaa801_violation  violation_events
        2026-01-05  true                VIOLATION_IDENTIFIED 2025-01-28
        2026-02-02  true                VIOLATION_IDENTIFIED 2025-01-28; PENALTY_IMPOSED 2026-01-30
    """)
    assert told == {"2026-02-02": ["violation-found"]}


def test_a_mark_that_goes_is_not_told(history):
    """That the record bears the mark no longer is no violation."""
    told = history("""
        seen        fdaaa801_violation
        2026-01-05  true
        2026-02-02  false
    """)
    assert told == {}
