"""certificate-filed: results that may come later."""


def test_a_certificate_is_told_once(history):
    """The day of filing is told when it appears, and not again when it is posted."""
    told = history("""
        seen        overall_status  disp_first_submit_date  disp_first_posted_date
        2026-01-05  COMPLETED       -                       -
        2026-02-20  COMPLETED       2026-02-19              -
        2026-02-24  COMPLETED       2026-02-19              2026-02-20
    """)
    assert told == {"2026-02-20": ["certificate-filed"]}


def test_another_day_of_filing_is_not_told(history):
    """A day that is corrected, or taken away, is no certificate."""
    told = history("""
        seen        disp_first_submit_date
        2026-01-05  2025-02-19
        2026-02-02  2025-02-20
        2026-03-02  -
    """)
    assert told == {}
