"""mass-change: the registry rewrites a field of many studies at once."""


def test_a_field_changed_everywhere_is_told_once_a_release(sweeps):
    """A field that the registry changed in over 30 % of the studies is told, once a release."""
    told = sweeps("""
        data_date   compared  locations.city  overall_status
        2026-03-19  1000      4               2
        2026-03-20  1000      412             2
        2026-03-20  1000      412             2
    """)
    assert told == {"2026-03-20": ["locations.city"]}


def test_each_field_is_told_by_itself(sweeps):
    """Two fields changed everywhere are two alerts."""
    told = sweeps("""
        data_date   compared  locations.city  locations.state
        2026-03-20  1000      412             301
    """)
    assert told == {"2026-03-20": ["locations.city", "locations.state"]}


def test_a_usual_share_is_not_told(sweeps):
    """Thirty in a hundred is still usual."""
    told = sweeps("""
        data_date   compared  locations.city
        2026-03-20  1000      300
    """)
    assert told == {}


def test_a_share_of_few_studies_is_not_told(sweeps):
    """Below 100 studies compared, a share says nothing."""
    told = sweeps("""
        data_date   compared  locations.city
        2026-03-20  99        99
        2026-03-23  100       31
    """)
    assert told == {"2026-03-23": ["locations.city"]}
