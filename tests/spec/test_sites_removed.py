"""sites-removed: places where the study no longer takes place."""


def test_sites_that_go_are_told(history):
    """Sites that a look no longer lists are one alert; those that come are another."""
    told = history("""
        seen        locations
        2026-01-05  Alpha, Lyon, France; Beta, Turin, Italy
        2026-02-02  Alpha, Lyon, France
        2026-03-02  Gamma, Oslo, Norway
    """)
    assert told == {"2026-02-02": ["sites-removed"], "2026-03-02": ["sites-added", "sites-removed"]}


def test_a_site_that_stays_is_not_told(history):
    """A site whose status or whose name's looks change is still there."""
    told = history("""
        seen        locations
        2026-01-05  Alpha, Lyon, France: RECRUITING
        2026-02-02  ALPHA, Lyon, France
    """)
    assert told == {}
