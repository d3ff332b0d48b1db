"""Two contents of one study, compared field by field."""

from __future__ import annotations

import pytest

from ctmonitor.changes import Difference, Kind, MadeBy, compare, value_at
from ctmonitor.formats import read_page, study_from
from tests.builders import a_page, a_record, a_study
from tests.changes.telling import changes_between, the_change, told

POSTED = {"last_update_posted_date": "2026-01-10"}


def test_equal_records_have_no_changes():
    """The same content, in another order of keys, is the same."""
    record = a_record(overall_status="RECRUITING", conditions=["A"])
    assert compare(record, a_record(conditions=["A"], overall_status="RECRUITING")) == ()


def test_a_field_that_differs_is_told_with_its_values():
    """Field by our name, the registry's own values, no item."""
    assert told("overall_status", "RECRUITING", "COMPLETED") == [
        ("overall_status", None, "RECRUITING", "COMPLETED")
    ]


@pytest.mark.parametrize(
    ("before", "after", "kind"), [(None, 7, Kind.ADDED), (7, None, Kind.REMOVED), (7, 8, "changed")]
)
def test_absent_means_added_or_removed(before, after, kind):
    """None before is added, None after is removed, else it is changed."""
    change = the_change({"enrollment": before}, {"enrollment": after})
    assert (change.before, change.after, change.kind) == (before, after, kind)


def test_a_struct_that_appears_is_told_by_its_fields():
    """Not the whole struct: each of its fields by its own name."""
    found = changes_between({}, {"completion_date": "2026-01", "completion_date_type": "ACTUAL"})
    assert [(one.field, one.after) for one in found] == [
        ("completion_date", "2026-01"),
        ("completion_date_type", "ACTUAL"),
    ]


def test_changes_come_in_the_registrys_order():
    """However a record is written, its changes are listed as the registry lists its fields."""
    before = {"overall_status": "RECRUITING", "brief_title": "One", "enrollment": 1}
    after = {"enrollment": 2, "overall_status": "COMPLETED", "brief_title": "Two"}
    fields = [change.field for change in changes_between(before, after)]
    assert fields == ["brief_title", "overall_status", "enrollment"]


def test_a_field_the_catalogue_does_not_know_is_compared():
    """What the registry adds one day is told from the first day on."""
    study = a_study()
    study["protocolSection"]["newModule"] = {"newField": [1, 2]}
    [change] = compare(a_record(), study_from(study))
    assert (change.field, change.after) == ("new_field", [1, 2])


def test_a_field_that_becomes_another_type_is_told_whole():
    """A text where a struct was is one change."""
    before, after = (study_from({**a_study(), "odd": odd}) for odd in ({"a": 1}, "text"))
    [change] = compare(before, after)
    assert (change.before, change.after, change.kind) == ({"a": 1}, "text", Kind.CHANGED)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("2026-01", "2026-01-20", Kind.MORE_EXACT),
        ("2026", "2026-05", Kind.MORE_EXACT),
        ("2026-01-20", "2026-01", Kind.LESS_EXACT),
        ("2026-01", "2026-02", Kind.LATER),
        ("2026-01", "2025-12-31", Kind.EARLIER),
        ("2026-01-31", "2026-02", Kind.LATER),
        ("2026-01-31", "2026-01-30", Kind.EARLIER),
        ("2024-02", "2024-02-29", Kind.MORE_EXACT),
        ("2026-01-20", "2026", Kind.LESS_EXACT),
    ],
)
def test_dates_move_or_become_more_exact(before, after, kind):
    """A day within the month that was named is no slip; ends are compared."""
    assert the_change({"completion_date": before}, {"completion_date": after}).kind is kind


def test_a_change_with_a_new_update_is_the_sponsors():
    """The sponsor sent something: the date of the last update moved."""
    now = {"last_update_posted_date": "2026-02-20"}
    found = changes_between({"enrollment": 1, **POSTED}, {"enrollment": 2, **now})
    assert {one.field: one.made_by for one in found}["enrollment"] is MadeBy.SPONSOR


def test_a_change_without_an_update_is_the_registrys():
    """Nobody sent anything, so nobody but the registry changed it."""
    change = the_change({"enrollment": 1, **POSTED}, {"enrollment": 2, **POSTED})
    assert change.made_by is MadeBy.REGISTRY


def test_without_a_date_of_update_a_change_is_the_sponsors():
    """Where neither record says when it was updated, nothing speaks for the registry."""
    assert the_change({"enrollment": 1}, {"enrollment": 2}).made_by is MadeBy.SPONSOR


def test_a_turn_to_unknown_is_always_the_registrys():
    """Also when the sponsor updated something else meanwhile."""
    now = {"last_update_posted_date": "2026-02-20"}
    found = changes_between(
        {"overall_status": "RECRUITING", **POSTED}, {"overall_status": "UNKNOWN", **now}
    )
    assert {one.field: one.made_by for one in found}["overall_status"] is MadeBy.REGISTRY


def test_derived_terms_are_the_registrys_noise():
    """What the registry derives by itself is kept, and marked as noise."""
    found = told("condition_browse.meshes", [], [{"id": "D1", "term": "A term"}])
    assert len(found) == 1
    change = the_change({}, {"condition_browse.meshes": [{"id": "D1", "term": "A term"}]})
    assert change.is_noise and change.made_by is MadeBy.REGISTRY


def test_a_reference_from_pubmed_is_noise_and_the_sponsors_is_not():
    """DERIVED references come by themselves; a citation may be refreshed; others are told."""
    derived = the_change({}, {"references": [{"pmid": "1", "type": "DERIVED", "citation": "C"}]})
    mine = the_change({}, {"references": [{"pmid": "2", "type": "RESULT", "citation": "C"}]})
    assert (derived.is_noise, derived.made_by) == (True, MadeBy.REGISTRY)
    assert (mine.is_noise, mine.made_by) == (False, MadeBy.SPONSOR)


def test_a_refreshed_citation_is_noise():
    """The same reference, its citation written anew."""
    one, other = ([{"pmid": "1", "type": "RESULT", "citation": c}] for c in ("A. 2025", "A. 2026"))
    change = the_change({"references": one}, {"references": other})
    assert (change.field, change.is_noise) == ("references.citation", True)


def test_results_that_appear_are_told_by_whole_lists():
    """The first results are a few changes, not one for each number in them."""
    groups = [{"id": f"G{n}", "title": f"Arm {n}"} for n in range(9)]
    [change] = changes_between({}, {"participant_flow.groups": groups})
    assert (change.kind, len(change.after)) == (Kind.ADDED, 9)


def test_a_number_in_results_is_told_alone():
    """Once results are there, a corrected title of one group is one change."""
    one, other = ([{"id": "G1", "title": t}, {"id": "G2", "title": "B"}] for t in ("A", "A2"))
    assert told("participant_flow.groups", one, other) == [
        ("participant_flow.groups.title", "G1", "A", "A2")
    ]


def test_a_page_is_compared_in_what_it_says():
    """Fields that a page cannot say are neither added nor removed."""
    record = a_record(overall_status="RECRUITING", conditions=["A"], enrollment=5)
    page = read_page(a_page(overall_status="COMPLETED").encode())
    assert [one.field for one in compare(record, page)] == ["overall_status"]
    assert [one.field for one in compare(page, record)] == ["overall_status"]


@pytest.mark.parametrize(
    ("whole", "shown"),
    [
        ("A *made* study of <b>care</b>", "A made study of care"),
        ("A made study", "A made study"),
        ("A long title of a made study that is cut", "A long title of a made study tha..."),
    ],
)
def test_a_page_may_lose_markup_and_the_end_of_a_title(whole, shown):
    """What the thinner format cannot keep is no change."""
    record = a_record(brief_title=whole, overall_status="RECRUITING")
    assert compare(record, read_page(a_page(brief_title=shown).encode())) == ()


@pytest.mark.parametrize("shown", ["A made", "Another made study", "A long title of a male study"])
def test_another_title_on_a_page_is_told(shown):
    """A short beginning is not the title cut, and other words are other words."""
    record = a_record(brief_title="A long title of a made study", overall_status="RECRUITING")
    [change] = compare(record, read_page(a_page(brief_title=shown).encode()))
    assert (change.field, change.after) == ("brief_title", shown)


def test_no_and_nothing_are_the_same_on_a_page():
    """A page says No where the API says nothing."""
    record = a_record(overall_status="RECRUITING", oversight_has_dmc=None)
    page = read_page(a_page(oversight_has_dmc="False").encode())
    assert compare(record, page) == ()


def test_yes_and_nothing_are_not_the_same_on_a_page():
    """What a page affirms is told."""
    record = a_record(overall_status="RECRUITING", oversight_has_dmc=None)
    page = read_page(a_page(oversight_has_dmc="True").encode())
    assert [one.after for one in compare(record, page)] == [True]


def test_a_difference_finds_a_field_that_is_no_list_member():
    """`of` gives the change of one field; None when it stayed, or is within a list."""
    before, after = a_record(enrollment=1, conditions=["A"]), a_record(enrollment=2)
    found = Difference(before.facts, after.facts, compare(before, after))
    assert found.of("enrollment").after == 2
    assert found.of("overall_status") is None and found.of("conditions") is None


def test_a_value_is_found_by_its_path():
    """None where the path leads nowhere, or through something that is no struct."""
    content = {"a": {"b": 1}}
    assert [value_at(content, path) for path in ("a.b", "a", "a.b.c", "x")] == [
        1,
        {"b": 1},
        None,
        None,
    ]
