"""Which modules of two contents differ."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings

from ctmonitor.changes.modules import differing_modules
from ctmonitor.formats import canonical_bytes, study_from
from tests.laws.contents import contents


def _differing(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    return list(differing_modules(canonical_bytes(before), canonical_bytes(after)))


def test_only_modules_that_differ_are_read():
    """What is the same in both is left out; what only one has stands in that one alone."""
    before = {"protocolSection": {"aModule": {"x": 1}, "bModule": {"y": 1}}}
    after = {"protocolSection": {"aModule": {"x": 1}, "bModule": {"y": 2}, "cModule": {}}}
    assert _differing(before, after) == [
        {"protocolSection": {"bModule": {"y": 1}}},
        {"protocolSection": {"bModule": {"y": 2}, "cModule": {}}},
    ]


@pytest.mark.parametrize(
    "differs",
    [
        ({"hasResults": False}, {"hasResults": True}),
        ({}, {"resultsSection": {"aModule": {}}}),
        ({"derivedSection": {}}, {"hasResults": True}),
    ],
)
def test_a_section_that_only_one_has_is_read_whole(differs):
    """So is what is no section but a value of its own; what else both have is left out."""
    shared = {"protocolSection": {"aModule": {"x": 1}}}
    assert _differing(*({**shared, **one} for one in differs)) == list(differs)


@pytest.mark.parametrize("odd", ["text", {"a": 1}, [1]])
def test_contents_with_a_section_that_is_not_known_are_read_whole(odd):
    """A later release may add one, of any kind."""
    before, after = {"odd": odd, "hasResults": True}, {"hasResults": True}
    assert _differing(before, after) == [before, after]


@settings(max_examples=200, deadline=None)
@given(contents(), contents())
def test_a_module_is_left_out_where_both_contents_have_it_alike(one, other):
    """Of any two contents, as it is seen when both are read whole."""
    before, after = (study_from(tree).canonical for tree in (one, other))
    found, _ = differing_modules(before, after)
    its = orjson.loads(after)
    for section, modules in orjson.loads(before).items():
        for name, module in modules.items():
            is_shared = its.get(section, {}).get(name) == module
            assert found.get(section, {}).get(name) == (None if is_shared else module)
