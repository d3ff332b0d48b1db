"""What holds for the comparison of any two contents."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ctmonitor.changes import compare
from ctmonitor.errors import RecordRejected
from ctmonitor.formats import study_from
from ctmonitor.records import Record
from tests.laws.applied import applied
from tests.laws.contents import KNOWN, contents, json_values, leaves_only, shuffled

few = settings(max_examples=80, deadline=None)


def _record(tree: dict[str, Any]) -> Record:
    return study_from(tree)


@few
@given(contents())
def test_a_content_does_not_differ_from_itself(tree):
    """compare(a, a) is empty."""
    assert compare(_record(tree), _record(tree)) == ()


@settings(max_examples=250, deadline=None)
@given(contents(), contents())
def test_the_changes_lead_from_one_content_to_the_other(one, other):
    """Applied to the content before, they give the content after; so each leaf is told."""
    before, after = _record(one), _record(other)
    changes = compare(before, after)
    assert leaves_only(applied(before.content, changes)) == leaves_only(after.content)


@few
@given(contents(), contents())
def test_every_change_is_a_difference(one, other):
    """No change says the same before and after."""
    assert all(change.before != change.after for change in compare(_record(one), _record(other)))


@few
@given(contents(), st.randoms(use_true_random=False))
def test_another_order_is_no_change(tree, chance):
    """Members of lists and keys of structs may stand in any order."""
    assert compare(_record(tree), _record(shuffled(tree, chance))) == ()


@few
@given(contents(), contents(), st.randoms(use_true_random=False))
def test_the_order_of_lists_does_not_decide_what_is_told(one, other, chance):
    """As many changes are told between shuffled contents, of the same fields."""
    fields = sorted(change.field for change in compare(_record(one), _record(other)))
    mixed = compare(_record(shuffled(one, chance)), _record(shuffled(other, chance)))
    assert sorted(change.field for change in mixed) == fields


@few
@given(contents(), contents())
def test_the_way_back_is_as_long(one, other):
    """From after to before there are changes exactly when there are any from before to after."""
    there, back = (compare(_record(a), _record(b)) for a, b in ((one, other), (other, one)))
    assert bool(there) == bool(back)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KNOWN), json_values()), min_size=2, max_size=2))
def test_whatever_is_canonical_can_be_compared(odd):
    """No two records that were accepted make the comparison fail."""
    records = []
    for path, value in odd:
        try:
            records.append(_record(_with(path, value)))
        except RecordRejected:
            records.append(_record(_with("protocolSection.newModule", {})))
    for change in compare(*records):
        assert change.field and change.plain()


def _with(path: str, value: Any) -> dict[str, Any]:
    """A study with one odd value at a path."""
    tree: dict[str, Any] = {"protocolSection": {"identificationModule": {}}}
    here = tree
    *above, last = path.split(".")
    for name in above:
        here = here.setdefault(name, {})
    here[last] = value
    tree["protocolSection"].setdefault("identificationModule", {})["nctId"] = "NCT00000001"
    return tree
