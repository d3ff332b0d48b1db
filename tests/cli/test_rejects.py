"""`ctmonitor rejects`."""

from __future__ import annotations

import pytest

from tests.builders import a_study
from tests.cli.conftest import Terminal


@pytest.fixture
def refused(terminal: Terminal) -> Terminal:
    """A store with two looks that each set one input aside."""
    terminal.sweep("{}", a_study())
    terminal.sweep(a_study(overall_status="FROZEN"))
    return terminal


def test_each_says_where_it_was_and_why(refused: Terminal) -> None:
    """Source, place and reason, and the study where it is known; the latest first."""
    latest, first = refused.ask("rejects")
    assert (latest["sweep"], latest["nct_id"]) == (2, "NCT00000001")
    assert "'FROZEN' is not a status" in latest["reason"]
    assert (first["nct_id"], first["place"]) == (None, "line 1")
    assert first["source"].endswith(".ndjson")


def test_they_narrow_to_one_sweep(refused: Terminal) -> None:
    """`--sweep` and `--limit` leave out the others."""
    assert [one["sweep"] for one in refused.ask("rejects", "--sweep", "1")] == [1]
    assert [one["sweep"] for one in refused.ask("rejects", "--limit", "1")] == [2]


@pytest.mark.parametrize("word", ["--sweep=99999999999999999999", "--limit=-1", "--limit=x"])
def test_a_wrong_number_is_refused(refused: Terminal, word: str) -> None:
    """Numbers that no store can hold end with 2."""
    assert refused("rejects", word).code == 2
