"""One alert about several changes."""

from tests.rules.made import told

SITES = [{"facility": name, "city": "Lyon", "country": "France"} for name in ("Alpha", "Beta")]


def test_the_same_changes_are_the_same_fact():
    """However the list is ordered, the same sites added are one key; another site is another."""
    [one], [other] = (told({}, {"locations": sites}) for sites in (SITES, SITES[::-1]))
    [fewer] = told({}, {"locations": SITES[:1]})
    assert one.key == other.key != fewer.key


def test_long_texts_within_members_are_cut():
    """Also a text inside a list's member is evidence only in its beginning."""
    base = {"overall_status": "RECRUITING"}
    long = [{"measure": "Pain", "description": "word " * 4_000}]
    [alert] = told(base, {**base, "primary_outcomes": long})
    assert len(alert.evidence[0]["after"]["description"]) == 10_000
