"""record-returned: a record that was gone is there again."""


def test_a_returned_record_is_told_once(fates):
    """A record that the registry shows again is told once, whichever look sees it first."""
    told = fates("""
        asked_on    gone_on
        2026-05-04  2026-03-03
        2026-05-05  2026-03-03
    """)
    assert told == {"2026-05-04": ["record-returned"]}


def test_a_record_that_goes_and_comes_again_is_told_again(fates):
    """Each return from another removal is another fact."""
    told = fates("""
        asked_on    gone_on
        2026-05-04  2026-03-03
        2026-06-02  2026-06-01
    """)
    assert told == {"2026-05-04": ["record-returned"], "2026-06-02": ["record-returned"]}
