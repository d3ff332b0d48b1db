"""What holds for the canonical form of any content."""

from __future__ import annotations

import random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctmonitor.formats import canonical_bytes, fingerprint_of
from ctmonitor.formats.canonical import NotCanonical, canonical_content
from tests.laws.contents import KNOWN, contents, json_values

few = settings(max_examples=80, deadline=None)


def _turned(value: Any, chance: random.Random) -> Any:
    """The same value with every struct's keys in another order."""
    if isinstance(value, dict):
        names = chance.sample(sorted(value), len(value))
        return {name: _turned(value[name], chance) for name in names}
    return [_turned(one, chance) for one in value] if isinstance(value, list) else value


@few
@given(contents())
def test_canonical_twice_is_canonical_once(tree):
    """What is canonical stays as it is."""
    once = canonical_content(tree)
    assert canonical_content(once) == once


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(KNOWN), json_values())
def test_any_value_is_made_canonical_once_or_refused(path, value):
    """Whatever stands at a known place: refused with its place, or canonical for good."""
    tree: Any = value
    for name in reversed(path.split(".")):
        tree = {name: tree}
    try:
        once = canonical_content(tree)
    except NotCanonical as problem:
        assert problem.why
        return
    assert canonical_bytes(canonical_content(once)) == canonical_bytes(once)
    assert orjson.loads(canonical_bytes(once)) == once


@few
@given(contents(), st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_change_the_fingerprint(tree, chance):
    """Two ways to write one content have one fingerprint."""
    ways = (tree, _turned(tree, chance))
    one, other = (canonical_bytes(canonical_content(way)) for way in ways)
    assert fingerprint_of(one) == fingerprint_of(other)


@few
@given(contents(), contents())
def test_other_contents_have_other_fingerprints(one, other):
    """Equal bytes, equal fingerprint; other bytes, another."""
    a, b = (canonical_bytes(canonical_content(tree)) for tree in (one, other))
    assert (fingerprint_of(a) == fingerprint_of(b)) == (a == b)


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
def test_line_ends_are_one_kind(ends):
    """However a text ends its lines, it is kept with line feeds."""
    assert canonical_content({"x": f"a{ends}b"}) == {"x": "a\nb"}
