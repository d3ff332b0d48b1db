"""Many made histories of every rule: what is fast equals what is obvious."""

from __future__ import annotations

import pytest

from tests.reference.agreement import fates_told, told_in_memory, told_with_stores
from tests.reference.conftest import a_store
from tests.reference.histories import CONCERNS

pytestmark = pytest.mark.soak
HISTORIES = 1_000
CROWDS = 10
REGISTRIES = 100
LEAST_SHARE = 0.05

__all__ = ["a_store"]


@pytest.mark.parametrize("rule", CONCERNS)
def test_a_thousand_histories_of_a_rule_are_told_alike(rule):
    """Every rule in them is; the rule for which they are made is told of no few."""
    assert told_in_memory(rule, examples=HISTORIES) > LEAST_SHARE * HISTORIES


@pytest.mark.parametrize("rule", CONCERNS)
def test_databases_tell_crowds_alike(a_store, rule):
    """By sweeps and due runs on whatever days, of studies that go, come back and change."""
    assert told_with_stores(a_store, rule, examples=CROWDS).total() > 0


@pytest.mark.parametrize("way", ["full", "status"])
def test_a_hundred_registries_are_told_alike(a_store, way):
    """Whatever is removed, comes back or is merged in them."""
    told = fates_told(a_store, way, examples=REGISTRIES)
    assert told.keys() == {"record-removed", "record-returned", "record-merged"}
