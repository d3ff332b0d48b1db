"""delivery-failing: a way out that does not work."""


def test_a_way_out_that_is_paused_or_suspended_is_told(ways_out):
    """Once when it is paused and once when it is suspended; anew when it fails another time."""
    told = ways_out("""
        on          state      failing_since
        2026-03-02  paused     2026-03-02
        2026-03-03  paused     2026-03-02
        2026-03-04  suspended  2026-03-02
        2026-04-07  paused     2026-04-06
    """)
    assert told == {
        "2026-03-02": ["delivery-failing"],
        "2026-03-04": ["delivery-failing"],
        "2026-04-07": ["delivery-failing"],
    }
