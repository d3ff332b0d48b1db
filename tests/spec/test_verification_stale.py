"""verification-stale: twelve months without a verification."""


def test_a_year_without_verification_is_told_once(history):
    """An open record is told on the last day on which it is to be verified, and only once."""
    told = history(
        """
        seen        overall_status  status_verified_date  completion_date
        2026-02-27  RECRUITING      2025-02               2028-12
        2026-02-28  RECRUITING      2025-02               2028-12
        2026-03-02  RECRUITING      2025-02               2028-12
        """,
        due=True,
    )
    assert told == {"2026-02-28": ["verification-stale"]}


def test_a_late_look_still_tells(history):
    """A due day that nobody looked on is told at the next look."""
    told = history(
        """
        seen        overall_status  status_verified_date  completion_date
        2026-02-27  RECRUITING      2025-02               2028-12
        2026-05-04  RECRUITING      2025-02               2028-12
        """,
        due=True,
    )
    assert told == {"2026-05-04": ["verification-stale"]}


def test_a_finished_record_need_not_be_verified(history):
    """A study that has ended is not told, however old the verified month."""
    told = history(
        """
        seen        overall_status  status_verified_date  completion_date
        2026-02-28  COMPLETED       2019-02               2019-01
        """,
        due=True,
    )
    assert told == {}
