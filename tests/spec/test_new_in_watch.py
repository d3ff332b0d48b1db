"""new-in-watch: a study comes to be on a watch list."""


def test_a_study_that_joins_is_told_once_a_list(memberships):
    """Each list that a study joins is told of it once."""
    told = memberships("""
        data_date   watch_list  turn
        2026-03-02  oncology    joined
        2026-03-02  oncology    joined
        2026-03-03  rare        joined
    """)
    assert told == {"2026-03-02": ["new-in-watch"], "2026-03-03": ["new-in-watch"]}


def test_a_study_that_joins_again_is_told_again(memberships):
    """A study that left and came back is told both times."""
    told = memberships("""
        data_date   watch_list  turn
        2026-03-02  oncology    joined
        2026-04-01  oncology    left
        2026-05-04  oncology    joined
    """)
    assert told == {
        "2026-03-02": ["new-in-watch"],
        "2026-04-01": ["left-watch"],
        "2026-05-04": ["new-in-watch"],
    }
