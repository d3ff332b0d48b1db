"""record-removed: the registry no longer shows a record, and does not know its number."""


def test_a_removed_record_is_told_once(fates):
    """A record that is gone is told once, however often it is asked for again."""
    told = fates("""
        asked_on    missing_on
        2026-03-03  2026-03-02
        2026-03-04  2026-03-02
    """)
    assert told == {"2026-03-03": ["record-removed"]}


def test_a_record_removed_again_is_told_again(fates):
    """A record that came back and went once more is another fact."""
    told = fates("""
        asked_on    missing_on
        2026-03-03  2026-03-02
        2026-05-05  2026-05-04
    """)
    assert told == {"2026-03-03": ["record-removed"], "2026-05-05": ["record-removed"]}
