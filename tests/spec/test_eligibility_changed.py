"""eligibility-changed: who may take part."""


def test_ages_sex_and_criteria_are_one_alert(history):
    """Whatever of the eligibility a look finds changed is told once."""
    told = history("""
        seen        minimum_age  maximum_age  sex     eligibility_criteria
        2026-01-05  18 Years     65 Years     FEMALE  Adults who fell twice.
        2026-02-02  12 Years     -            ALL     Anybody who fell once.
    """)
    assert told == {"2026-02-02": ["eligibility-changed"]}


def test_criteria_that_look_otherwise_are_not_told(history):
    """Markup, bullets, case and punctuation leave the criteria what they are."""
    told = history("""
        seen        eligibility_criteria
        2026-01-05  * Adults who fell twice
        2026-02-02  - adults who fell **twice**.
    """)
    assert told == {}


def test_a_box_that_was_empty_and_is_unticked_is_not_told(history):
    """Healthy volunteers who were not mentioned, and now are not accepted, are no change."""
    told = history("""
        seen        healthy_volunteers
        2026-01-05  -
        2026-02-02  false
        2026-03-02  true
    """)
    assert told == {"2026-03-02": ["eligibility-changed"]}
