"""results-withdrawn: results that the sponsor took back."""


def test_results_taken_back_are_told_once(history):
    """Both places say so; that the day becomes known later is not told again."""
    told = history("""
        seen        unposted_events                           submission_infos
        2026-01-26  RELEASE 2026-01-23                        2026-01-23
        2026-02-10  RELEASE 2026-01-23; UNRELEASE unknown     2026-01-23 unrelease unknown
        2026-02-11  RELEASE 2026-01-23; UNRELEASE 2026-02-08  2026-01-23 unrelease 2026-02-08
    """)
    assert told == {"2026-02-10": ["results-withdrawn"]}


def test_results_sent_anew_in_the_same_look_are_told_as_sent(history):
    """What was taken back and sent again between two looks is told by the latest turn."""
    told = history("""
        seen        unposted_events
        2026-01-26  RELEASE 2026-01-23
        2026-02-10  RELEASE 2026-01-23; UNRELEASE unknown; RELEASE 2026-02-09
    """)
    assert told == {"2026-02-10": ["results-submitted"]}
