"""Which member of a list is which: by what it is, not by where it stands."""

from __future__ import annotations

import random

import pytest

from tests.changes.telling import told

PLACE = {"city": "Ulm", "country": "Germany", "zip": "89073"}
LISTS = {
    "locations": [{"facility": f"Clinic {n}", "status": "RECRUITING", **PLACE} for n in range(4)],
    "primary_outcomes": [
        {"measure": m, "timeFrame": "1 year", "description": f"How {m} is measured"}
        for m in ("Survival", "Pain", "Cost")
    ],
    "arm_groups": [{"label": f"Arm {n}", "type": "EXPERIMENTAL"} for n in "ABC"],
    "interventions": [{"type": "DRUG", "name": f"Drug {n}"} for n in "ABC"],
    "overall_officials": [{"name": f"Ann {n}", "role": "STUDY_CHAIR"} for n in "ABC"],
    "central_contacts": [{"name": f"Bob {n}", "role": "CONTACT", "phone": n} for n in "ABC"],
    "references": [{"pmid": str(n), "type": "RESULT", "citation": f"C{n}"} for n in range(3)],
    "secondary_id_infos": [{"id": f"ID-{n}", "type": "OTHER"} for n in range(3)],
    "collaborators": [{"name": f"Sponsor {n}", "class": "OTHER"} for n in "ABC"],
    "conditions": ["One", "Two", "Three"],
    "keywords": ["a", "b", "c"],
    "phases": ["PHASE1", "PHASE2"],
    "see_also_links": [{"label": f"L{n}", "url": f"https://x.example/{n}"} for n in range(3)],
    "large_docs": [{"filename": f"F{n}.pdf", "label": "Protocol", "size": n} for n in range(3)],
}


@pytest.mark.parametrize("field", LISTS)
def test_another_order_is_no_change(field):
    """A list in another order says the same."""
    members = LISTS[field]
    for seed in range(5):
        shuffled = random.Random(seed).sample(members, len(members))
        assert told(field, members, shuffled) == []


@pytest.mark.parametrize("field", LISTS)
def test_a_member_more_is_added_and_one_less_removed(field):
    """Wherever it stands, only the member that came or went is told."""
    members = LISTS[field]
    for at, member in enumerate(members):
        rest = members[:at] + members[at + 1 :]
        [(name, item, before, after)] = told(field, rest, members)
        assert (name, before, after) == (field, None, member) and item
        [(name, item, before, after)] = told(field, members, rest)
        assert (name, before, after) == (field, member, None) and item


@pytest.mark.parametrize(
    ("field", "name", "value"),
    [
        ("locations", "status", "COMPLETED"),
        ("primary_outcomes", "timeFrame", "2 years"),
        ("arm_groups", "type", "NO_INTERVENTION"),
        ("interventions", "description", "Twice a day"),
        ("overall_officials", "affiliation", "Elsewhere"),
        ("central_contacts", "phone", "555"),
        ("secondary_id_infos", "domain", "Somewhere"),
        ("collaborators", "class", "INDUSTRY"),
        ("large_docs", "size", 99),
    ],
)
def test_a_field_within_a_member_is_told_of_that_member(field, name, value):
    """Also when the whole list is turned around meanwhile."""
    members = LISTS[field]
    other = [{**members[0], name: value}, *members[1:]]
    [(path, item, before, after)] = told(field, members, other[::-1])
    assert path.startswith(f"{field}.") and item
    assert (before, after) == (members[0].get(name), value)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("locations", "facility"),
        ("primary_outcomes", "measure"),
        ("arm_groups", "label"),
        ("interventions", "name"),
        ("secondary_id_infos", "id"),
        ("overall_officials", "name"),
    ],
)
def test_a_renamed_member_is_changed_not_replaced(field, name):
    """When the rest of it agrees, a new name is one change, wherever it stands."""
    more = {"description": "A text of its own", "otherField": 1}
    members = [{**LISTS[field][0], **more}, LISTS[field][1]]
    renamed = [members[1], {**members[0], name: "Zzyzx"}]
    [(_, _, before, after)] = told(field, members, renamed)
    assert (before, after) == (members[0][name], "Zzyzx")


def test_tags_around_a_short_name_make_no_other_member():
    """Of a name of one word, the tags are the greater part, and say nothing."""
    before, after = ([{"measure": one, "timeFrame": "1 week"}] for one in ("Falls", "<b>Falls</b>"))
    assert told("primary_outcomes", before, after) == [
        ("primary_outcomes.measure", "Falls", "Falls", "<b>Falls</b>")
    ]


def test_an_outcome_is_matched_by_the_nearest_words():
    """A reworded measure with another time frame is the same outcome."""
    before = [
        {"measure": "Overall survival at one year after surgery", "timeFrame": "1 year"},
        {"measure": "Quality of life score", "timeFrame": "1 year"},
    ]
    after = [
        {"measure": "Quality of life total score", "timeFrame": "1 year"},
        {"measure": "Overall survival at two years after surgery", "timeFrame": "2 years"},
    ]
    found = {
        (field.rsplit(".")[-1], old, new)
        for field, _, old, new in told("primary_outcomes", before, after)
    }
    assert found == {
        ("measure", "Quality of life score", "Quality of life total score"),
        ("measure", before[0]["measure"], after[1]["measure"]),
        ("time_frame", "1 year", "2 years"),
    }


def test_an_outcome_of_other_words_is_another_outcome():
    """What shares no words is removed and added."""
    before = [{"measure": "Overall survival", "timeFrame": "1 year"}]
    after = [{"measure": "Hip pain by questionnaire", "timeFrame": "6 weeks"}]
    assert [
        (old is None, new is None) for _, _, old, new in told("primary_outcomes", before, after)
    ] == [
        (False, True),
        (True, False),
    ]


def test_clinics_of_one_name_in_two_towns_are_two():
    """City and country tell clinics of one name apart."""
    here, there = ({"facility": "Clinic", "city": c, "country": "Germany"} for c in ("Ulm", "Bonn"))
    found = told("locations", [here, there], [{**there, "status": "COMPLETED"}, here])
    assert [(field, item) for field, item, _, _ in found] == [
        ("locations.status", "Clinic, Bonn, Germany")
    ]


def test_members_that_nothing_tells_apart_are_paired_in_order():
    """Two places without a name: the one that differs is told, not both."""
    one = [{"city": "Ulm", "country": "Germany", "status": s} for s in ("RECRUITING", "COMPLETED")]
    other = [one[0], {**one[1], "status": "WITHDRAWN"}]
    [(field, _, before, after)] = told("locations", one, other)
    assert (field, before, after) == ("locations.status", "COMPLETED", "WITHDRAWN")


def test_letters_and_spaces_do_not_make_another_member():
    """A name in capitals or with two spaces is the same name, and the change of looks is told."""
    before = [{"label": "Arm  one", "type": "EXPERIMENTAL"}, {"label": "Arm two"}]
    after = [{"label": "Arm two"}, {"label": "ARM ONE", "type": "EXPERIMENTAL"}]
    assert [(field, old, new) for field, _, old, new in told("arm_groups", before, after)] == [
        ("arm_groups.label", "Arm  one", "ARM ONE")
    ]


def test_a_member_of_a_member_is_named_through_both():
    """A contact of a clinic is told with the clinic."""
    people = [{"name": "Ann", "phone": "1"}, {"name": "Bob", "phone": "2"}]
    before = [{"facility": "Clinic", **PLACE, "contacts": people}]
    after = [{**before[0], "contacts": [{**people[1], "phone": "3"}, people[0]]}]
    assert told("locations", before, after) == [
        ("locations.contacts.phone", "Clinic, Ulm, Germany > Bob", "2", "3")
    ]


def test_one_plain_value_for_another_is_one_change():
    """A condition reworded is changed; more than one are removed and added."""
    assert told("conditions", ["A", "B"], ["B", "C"]) == [("conditions", "A", "A", "C")]
    assert len(told("conditions", ["A", "B"], ["C", "D", "E"])) == 5


def test_a_plain_value_given_twice_counts_twice():
    """A keyword that stands twice and then once was removed once."""
    assert told("keywords", ["a", "a", "b"], ["b", "a"]) == [("keywords", "a", "a", None)]


def test_a_list_of_many_is_matched_without_trying_every_pair():
    """Thousands of members that all changed their names are told in no time at all."""
    before = [{"facility": f"Old {n}", "city": f"City {n}", "country": "X"} for n in range(3_000)]
    after = [{"facility": f"New {n}", "city": f"Town {n}", "country": "X"} for n in range(3_000)]
    assert len(told("locations", before, after)) == 6_000


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("12", "31", [("2", "3")]),
        ("12", "23", [("1", "3")]),
        ("123", "412", [("3", "4")]),
        ("12", "132", [(None, "3")]),
        ("123", "31", [("2", None)]),
        ("11", "1", [("1", None)]),
    ],
)
def test_of_members_with_one_name_only_those_that_differ_are_told(before, after, found):
    """Outcomes may share a measure; what stayed as it is finds itself first."""
    lists = ([{"measure": "Pain", "timeFrame": time} for time in one] for one in (before, after))
    whole = told("primary_outcomes", *lists)
    times = [
        tuple(one["timeFrame"] if isinstance(one, dict) else one for one in (old, new))
        for _, _, old, new in whole
    ]
    assert times == found
