"""results-submitted: results sent to the registry, before it posts them."""


def test_each_time_results_are_sent_is_told(history):
    """Results that are sent, returned and sent again are told at each turn."""
    told = history("""
        seen        unposted_events
        2026-01-05  -
        2026-01-26  RELEASE 2026-01-23
        2026-02-10  RELEASE 2026-01-23; RESET 2026-02-09
        2026-03-04  RELEASE 2026-01-23; RESET 2026-02-09; RELEASE 2026-03-02
    """)
    assert told == {
        "2026-01-26": ["results-submitted"],
        "2026-02-10": ["results-returned"],
        "2026-03-04": ["results-submitted"],
    }


def test_what_both_places_say_is_told_once(history):
    """The annotation and the tracking of submissions say one turn, though on different days."""
    told = history("""
        seen        unposted_events     submission_infos
        2026-01-05  -                   -
        2026-01-26  RELEASE 2026-01-23  -
        2026-01-27  RELEASE 2026-01-23  2026-01-23
    """)
    assert told == {"2026-01-26": ["results-submitted"]}


def test_the_tracking_alone_is_enough(history):
    """What only the tracking of submissions says is told."""
    told = history("""
        seen        submission_infos
        2026-01-05  -
        2026-01-26  2026-01-23
        2026-03-02  2026-01-23 reset 2026-02-09; 2026-03-01
    """)
    assert told == {"2026-01-26": ["results-submitted"], "2026-03-02": ["results-submitted"]}


def test_results_posted_in_the_same_look_speak_alone(history):
    """Results whose sending and posting are seen together are told as posted."""
    told = history("""
        seen        has_results  unposted_events
        2026-01-05  false        -
        2026-03-02  true         RELEASE 2026-01-23
    """)
    assert told == {"2026-03-02": ["results-posted"]}
