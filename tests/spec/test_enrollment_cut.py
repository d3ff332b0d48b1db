"""enrollment-cut: far fewer than were planned, or counted."""


def test_half_or_fewer_are_told_in_place_of_the_change(history):
    """A number that falls by half is told as a cut; one that falls by less, as a change."""
    told = history("""
        seen        enrollment  enrollment_type
        2026-01-05  120         ESTIMATED
        2026-02-02  60          ESTIMATED
        2026-03-02  31          ESTIMATED
    """)
    assert told == {"2026-02-02": ["enrollment-cut"], "2026-03-02": ["enrollment-changed"]}


def test_the_actual_number_counts(history):
    """A plan of which a tenth was reached is a cut, also when the study is completed."""
    told = history("""
        seen        overall_status  enrollment  enrollment_type
        2026-01-05  RECRUITING      120         ESTIMATED
        2026-02-02  COMPLETED       12          ACTUAL
    """)
    assert told == {"2026-02-02": ["completed", "enrollment-cut"]}


def test_a_study_that_stopped_is_told_as_stopped(history):
    """That a study which was withdrawn enrolled nobody is no news of its own."""
    told = history("""
        seen        overall_status      enrollment  enrollment_type
        2026-01-05  NOT_YET_RECRUITING  120         ESTIMATED
        2026-02-02  WITHDRAWN           0           ACTUAL
    """)
    assert told == {"2026-02-02": ["stopped"]}


def test_more_than_before_and_no_number_are_no_cut(history):
    """A number that grows, or is no longer given, is told as a change only."""
    told = history("""
        seen        enrollment
        2026-01-05  60
        2026-02-02  120
        2026-03-02  -
    """)
    assert told == {"2026-02-02": ["enrollment-changed"], "2026-03-02": ["enrollment-changed"]}
