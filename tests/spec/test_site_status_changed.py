"""site-status-changed: sites that open, close or pause."""


def test_sites_that_change_their_status_are_one_alert(history):
    """Each look tells once of all sites whose own status changed."""
    told = history("""
        seen        locations
        2026-01-05  Alpha, Lyon, France: NOT_YET_RECRUITING; Beta, Turin, Italy: RECRUITING
        2026-02-02  Alpha, Lyon, France: RECRUITING; Beta, Turin, Italy: COMPLETED
    """)
    assert told == {"2026-02-02": ["site-status-changed"]}


def test_statuses_that_come_and_go_with_the_studys_are_not_told(history):
    """A site shows a status only while the study is open; that it comes or goes is not told."""
    told = history("""
        seen        overall_status         locations
        2026-01-05  RECRUITING             Alpha, Lyon, France: RECRUITING
        2026-02-02  ACTIVE_NOT_RECRUITING  Alpha, Lyon, France
        2026-03-02  RECRUITING             Alpha, Lyon, France: RECRUITING
    """)
    assert told == {"2026-02-02": ["status-changed"], "2026-03-02": ["status-changed"]}


def test_sites_that_end_with_the_study_are_not_told(history):
    """When the study stops, that its sites stop is no news of its own."""
    told = history("""
        seen        overall_status  locations
        2026-01-05  RECRUITING      Alpha, Lyon, France: RECRUITING
        2026-02-02  TERMINATED      Alpha, Lyon, France: TERMINATED
    """)
    assert told == {"2026-02-02": ["stopped"]}
