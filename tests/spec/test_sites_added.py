"""sites-added: places where the study now takes place too."""


def test_sites_that_come_together_are_one_alert(history):
    """However many sites a look adds, they are told once."""
    told = history("""
        seen        locations
        2026-01-05  Alpha, Lyon, France
        2026-02-02  Beta, Turin, Italy; Alpha, Lyon, France; Gamma, Lyon, France
    """)
    assert told == {"2026-02-02": ["sites-added"]}


def test_a_site_in_another_place_of_the_list_or_renamed_is_not_told(history):
    """The order of the list, and a facility's name written otherwise, are no new sites."""
    told = history("""
        seen        locations
        2026-01-05  Alpha Hospital, Lyon, France; Beta, Turin, Italy
        2026-02-02  Beta, Turin, Italy; Hospital Alpha, Lyon, France
    """)
    assert told == {}


def test_what_the_registry_respells_without_an_update_is_not_told(history):
    """A city that the registry spells otherwise, while no update was posted, is no other site."""
    told = history("""
        seen        last_update_posted_date  locations
        2026-01-05  2025-06-02               Alpha, Padua, Italy
        2026-02-02  2025-06-02               Alpha, Padova, Italy
    """)
    assert told == {}
