"""The lead sponsor."""

from tests.rules.made import headlines, told


def test_headline_says_both_names():
    """The sponsor now, and before."""
    said = headlines({"lead_sponsor": "Alpha"}, {"lead_sponsor": "Beta"})
    assert said == ["Lead sponsor now Beta; was Alpha"]


def test_the_mark_of_one_fact_is_both_names():
    """The same two names, at whatever study, are one fact; the way back is another."""
    [there] = told({"lead_sponsor": "Alpha"}, {"lead_sponsor": "Beta"})
    [back] = told({"lead_sponsor": "Beta"}, {"lead_sponsor": "Alpha"})
    assert there.one_fact == "lead sponsor Alpha -> Beta"
    assert back.one_fact == "lead sponsor Beta -> Alpha"


def test_its_class_is_evidence():
    """That an industry sponsor follows a university is borne with it."""
    before = {"lead_sponsor": "Alpha", "lead_sponsor_class": "OTHER"}
    [alert] = told(before, {"lead_sponsor": "Beta", "lead_sponsor_class": "INDUSTRY"})
    assert [piece["field"] for piece in alert.evidence] == ["lead_sponsor", "lead_sponsor_class"]


def test_a_sponsor_that_is_no_longer_given_is_told():
    """A record without a sponsor says so."""
    [headline] = headlines({"lead_sponsor": "Alpha"}, {})
    assert headline == "Lead sponsor now not given; was Alpha"
