"""Removals, returns and mergers are told as the obvious rules tell them."""

from __future__ import annotations

import pytest

from tests.reference.agreement import fates_told

ROUNDS = (3, 60)
"""Registries made: the more of them only where nothing became of the few."""


@pytest.mark.parametrize("way", ["full", "status"])
def test_what_becomes_of_records_is_told_as_it_obviously_should(a_store, way):
    """Whichever way the whole registry is looked at, release after release."""
    assert any(fates_told(a_store, way, examples=examples).total() for examples in ROUNDS)
