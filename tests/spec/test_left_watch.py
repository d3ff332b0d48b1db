"""left-watch: a study is no longer on a watch list."""


def test_a_study_that_leaves_is_told_once(memberships):
    """A study that no longer answers a list's question is told once, by that list."""
    told = memberships("""
        data_date   watch_list  turn
        2026-03-02  oncology    joined
        2026-04-01  oncology    left
        2026-04-01  oncology    left
    """)
    assert told == {"2026-03-02": ["new-in-watch"], "2026-04-01": ["left-watch"]}
