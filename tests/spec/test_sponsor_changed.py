"""sponsor-changed: another lead sponsor, or another name of it."""


def test_another_lead_sponsor_is_told(history):
    """A study that passes to another sponsor is told each time it does."""
    told = history("""
        seen        lead_sponsor
        2026-01-05  Alpha Pharma
        2026-02-02  Beta Biotech
        2026-03-02  Alpha Pharma
    """)
    assert told == {"2026-02-02": ["sponsor-changed"], "2026-03-02": ["sponsor-changed"]}


def test_the_same_name_written_otherwise_is_not_told(history):
    """Case and punctuation make no other sponsor."""
    told = history("""
        seen        lead_sponsor
        2026-01-05  Alpha Pharma Inc
        2026-02-02  ALPHA Pharma, Inc.
    """)
    assert told == {}


def test_a_name_changed_by_the_registry_is_told(history):
    """An organization renamed over all its records, without an update of any, is told."""
    told = history("""
        seen        last_update_posted_date  lead_sponsor
        2026-01-05  2025-06-02               Alpha Pharma
        2026-02-02  2025-06-02               Omega
    """)
    assert told == {"2026-02-02": ["sponsor-changed"]}
