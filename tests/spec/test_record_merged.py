"""record-merged: a number now leads to another."""


def test_a_merged_record_is_told_once(fates):
    """A number that leads to another is told once, not each time it does."""
    told = fates("""
        asked_on    into
        2026-03-03  NCT00000002
        2026-03-04  NCT00000002
    """)
    assert told == {"2026-03-03": ["record-merged"]}


def test_a_record_merged_further_is_told_again(fates):
    """A number that comes to lead to a third is another fact."""
    told = fates("""
        asked_on    into
        2026-03-03  NCT00000002
        2026-09-01  NCT00000003
    """)
    assert told == {"2026-03-03": ["record-merged"], "2026-09-01": ["record-merged"]}
