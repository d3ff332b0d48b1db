"""sweep-held: a look too odd to be told before a person has seen it."""


def test_a_listing_of_nothing_or_few_is_held(looks):
    """No study at all, or fewer than half of those of the last look that was believed."""
    told = looks("""
        release     received
        2026-03-02  1000
        2026-03-03  0
        2026-03-04  499
        2026-03-05  500
    """)
    assert told == {"2026-03-03": ["sweep-held"], "2026-03-04": ["sweep-held"]}


def test_many_studies_missing_at_once_are_held(looks):
    """Ten may always be missing, and of many studies 0.1 %; no more."""
    told = looks("""
        release     received  missing
        2026-03-02  20000     -
        2026-03-03  19980     20
        2026-03-04  19959     21
        2026-03-05  20001     -
    """)
    assert told == {"2026-03-04": ["sweep-held"]}


def test_an_older_release_is_held(looks):
    """A release older than the last that was believed is held."""
    told = looks("""
        release     received
        2026-03-03  1000
        2026-03-02  1000
        2026-03-03  1000
    """)
    assert told == {"2026-03-02": ["sweep-held"]}


def test_a_field_changed_everywhere_is_held(looks):
    """A change by the registry that `mass-change` would tell holds the other alerts back."""
    told = looks("""
        release     received  study_type
        2026-03-19  1000      300
        2026-03-20  1000      301
    """)
    assert told == {"2026-03-20": ["sweep-held"]}


def test_the_limits_are_chosen(looks):
    """Who expects few studies may let more of them go."""
    told = looks(
        """
        release     received  missing
        2026-03-02  1000      -
        2026-03-03  200       15
        2026-03-04  199       1
        2026-03-05  19        200
    """,
        rules={"sweep-held": {"min_percent_received": 10, "max_missing": 15}},
    )
    assert told == {"2026-03-05": ["sweep-held"]}
