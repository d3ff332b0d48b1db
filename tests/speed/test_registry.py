"""The benchmark of looks through the API measures what it says."""

from __future__ import annotations

import re

import pytest

from tests.speed.registry import registry_lines


@pytest.fixture(scope="module")
def lines(tmp_path_factory) -> list[str]:
    return registry_lines(tmp_path_factory.mktemp("looks"), 200, rounds=1, is_alone=True)


def test_every_look_finds_what_was_changed(lines):
    """Two of 200 studies were changed, and a look at whole records finds both."""
    assert lines[0].endswith("(found: 2)")


def test_an_unchanged_release_costs_one_request(lines):
    """So it is for everything, and for a watch list whatever addresses may hold."""
    idle = [line for line in lines if "unchanged release" in line]
    assert [int(re.findall(r"release +(\d+) ", line)[0]) for line in idle] == [1, 1, 1]
