"""unknown-due: UNKNOWN foreseen."""


def test_a_coming_flip_is_told_thirty_days_ahead(history):
    """A flip is foreseen from the verified month, and told once, thirty days ahead."""
    told = history(
        """
        seen        overall_status  status_verified_date
        2026-01-28  RECRUITING      2024-02 
        2026-01-29  RECRUITING      2024-02 
        2026-02-02  RECRUITING      2024-02 
        """,
        due=True,
        rules={"verification-stale": {"enabled": False}},
    )
    assert told == {"2026-01-29": ["unknown-due"]}


def test_a_verification_moves_the_day(history):
    """A sponsor that verifies the record in time puts the day off, and hears of it two years on."""
    told = history(
        """
        seen        overall_status  status_verified_date  completion_date
        2026-01-28  RECRUITING      2024-02               2028-12
        2026-03-02  RECRUITING      2026-03               2028-12
        2028-12-02  RECRUITING      2026-03               2028-12
        """,
        due=True,
        rules={"verification-stale": {"enabled": False}},
    )
    assert told == {"2028-12-02": ["unknown-due"]}


def test_a_later_completion_date_holds_the_flip_back(history):
    """While the completion date lies ahead, no flip is due, however old the verified month."""
    told = history(
        """
        seen        overall_status  status_verified_date  completion_date
        2026-02-28  RECRUITING      2024-02               2026-12-31
        """,
        due=True,
        rules={"verification-stale": {"enabled": False}},
    )
    assert told == {}


def test_a_study_already_unknown_is_not_foreseen(history):
    """A study that is UNKNOWN already is not foreseen to become so."""
    told = history(
        """
        seen        overall_status  last_known_status  status_verified_date
        2026-01-05  UNKNOWN         RECRUITING         2021-06
        """,
        due=True,
    )
    assert told == {"2026-01-05": ["unknown-stale"]}
