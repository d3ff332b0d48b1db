"""status-changed: every change of status that has no rule of its own."""


def test_a_study_that_begins_to_recruit_is_told(history):
    """Each step of a study's ordinary course is told once."""
    told = history("""
        seen        overall_status         last_update_posted_date
        2026-01-05  NOT_YET_RECRUITING     2025-11-03
        2026-02-02  RECRUITING             2026-01-30
        2026-09-07  ACTIVE_NOT_RECRUITING  2026-09-04
    """)
    assert told == {"2026-02-02": ["status-changed"], "2026-09-07": ["status-changed"]}


def test_a_study_that_comes_to_be_withheld_is_told_once(history):
    """A record of which the registry now withholds all but the number is one change of status."""
    told = history("""
        seen        overall_status  enrollment
        2026-01-05  UNKNOWN         40
        2026-02-02  WITHHELD        -
    """)
    assert told == {"2026-01-05": ["unknown-stale"], "2026-02-02": ["status-changed"]}


def test_an_unchanged_status_is_not_told(history):
    """An update that only verifies the record is not told."""
    told = history("""
        seen        overall_status  status_verified_date  last_update_posted_date
        2026-01-05  RECRUITING      2025-01               2025-01-20
        2026-02-02  RECRUITING      2026-01               2026-01-30
    """)
    assert told == {}
