"""results-returned: results that did not pass the registry's review."""


def test_old_turns_seen_together_are_one_alert(history):
    """Turns of years, first seen in one look, are told once, by the latest."""
    told = history("""
        seen        unposted_events
        2026-01-05  -
        2026-01-26  RELEASE 2014-01-19; RESET 2014-03-05; RELEASE 2014-11-12; RESET 2014-11-21
        2026-01-27  RELEASE 2014-01-19; RESET 2014-03-05; RELEASE 2014-11-12; RESET 2014-11-21
    """)
    assert told == {"2026-01-26": ["results-returned"]}


def test_a_return_known_from_the_tracking_is_told(history):
    """A day of return that the tracking of submissions adds is told."""
    told = history("""
        seen        submission_infos
        2026-01-26  2026-01-23
        2026-02-10  2026-01-23 reset 2026-02-09
    """)
    assert told == {"2026-02-10": ["results-returned"]}


def test_turns_that_go_are_not_told(history):
    """When results are posted, the record of their review goes, and nothing was returned."""
    told = history("""
        seen        has_results  unposted_events
        2026-02-10  false        RELEASE 2026-01-23; RESET 2026-02-09
        2026-03-10  true         -
    """)
    assert told == {"2026-03-10": ["results-posted"]}
