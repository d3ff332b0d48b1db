"""enrollment-changed: another number, or a number that is now actual."""


def test_another_number_is_told(history):
    """A number that changes together with its type is one alert."""
    told = history("""
        seen        enrollment  enrollment_type
        2026-01-05  120         ESTIMATED
        2026-02-02  200         ESTIMATED
        2026-09-07  187         ACTUAL
    """)
    assert told == {"2026-02-02": ["enrollment-changed"], "2026-09-07": ["enrollment-changed"]}


def test_a_planned_number_that_was_reached_is_told(history):
    """The same number, now actual, is told."""
    told = history("""
        seen        enrollment  enrollment_type
        2026-01-05  120         ESTIMATED
        2026-09-07  120         ACTUAL
    """)
    assert told == {"2026-09-07": ["enrollment-changed"]}


def test_small_differences_are_not_told_where_so_chosen(history):
    """Where `min_percent` is 20, fewer are not told, but the turn to ACTUAL is."""
    told = history(
        """
        seen        enrollment  enrollment_type
        2026-01-05  100         ESTIMATED
        2026-02-02  110         ESTIMATED
        2026-03-02  132         ESTIMATED
        2026-09-07  130         ACTUAL
        """,
        rules={"enrollment-changed": {"min_percent": 20}},
    )
    assert told == {"2026-03-02": ["enrollment-changed"], "2026-09-07": ["enrollment-changed"]}


def test_the_same_number_is_not_told(history):
    """A number that stays is not told, whatever else the update brings."""
    told = history("""
        seen        enrollment  enrollment_type  last_update_posted_date
        2026-01-05  120         ESTIMATED        2025-11-03
        2026-02-02  120         ESTIMATED        2026-01-30
    """)
    assert told == {}
