"""`ctmonitor diff`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Terminal
from tests.cli.mergers import merge
from tests.histories import a_version


@pytest.mark.parametrize(
    "words", [[], ["--from", "1", "--to", "2"], ["--from", "2026-03-01", "--to", "2026-03-02"]]
)
def test_two_snapshots_are_compared(told: Terminal, words: list[str]) -> None:
    """By number, by day, or the last two when nothing is said."""
    found = {one["field"]: one for one in told.ask("diff", "NCT00000001", *words)}
    assert found["overall_status"]["before"] == "RECRUITING"
    assert found["overall_status"]["after"] == "TERMINATED"


def test_a_diff_runs_backwards_too(told: Terminal) -> None:
    """What is asked for last is the after."""
    found = told.ask("diff", "NCT00000001", "--from", "2", "--to", "1")
    [status] = [one for one in found if one["field"] == "overall_status"]
    assert (status["before"], status["after"]) == ("TERMINATED", "RECRUITING")


@pytest.mark.parametrize("word", ["0", "3", "-1", "2026-01-01", "last", "²", "v1", "v"])
def test_a_snapshot_that_is_not_there_is_refused(told: Terminal, word: str) -> None:
    """Numbers out of range, days before the first look and other words end with 2."""
    said = told("diff", "NCT00000001", f"--from={word}")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)


def _fill(terminal: Terminal) -> None:
    trees = [a_version(n, f"2025-01-0{n + 1}", enrollment=20 + n) for n in range(3)]
    assert terminal("backfill", "--from", terminal.file(*trees)).code == 0


def test_versions_are_compared_by_their_numbers(told: Terminal) -> None:
    """Two of the registry's own states, or one of them and one of ours."""
    _fill(told)
    found = told.ask("diff", "NCT00000001", "--from", "v0", "--to", "v2")
    [change] = [one for one in found if one["field"] == "enrollment"]
    assert (change["before"], change["after"]) == (20, 22)
    assert (change["snapshot"], change["version"]) == (None, 2)
    out = told("diff", "NCT00000001", "--from", "v2", "--to", "1").out
    assert out.startswith("NCT00000001: version 2 -> snapshot 1: ")


def test_a_study_that_was_only_back_filled_is_compared_in_its_last_versions(
    terminal: Terminal,
) -> None:
    """What there is, is compared when nothing is said."""
    _fill(terminal)
    assert terminal("diff", "NCT00000001").out.startswith("NCT00000001: version 1 -> version 2: ")


def test_a_version_that_is_only_listed_cannot_be_compared(told: Terminal) -> None:
    """Its content is not held, and that is said."""
    entry = {"version": 7, "date": "2025-02-01", "status": "RECRUITING"}
    file = told.file({"changes": [entry]})
    assert told("backfill", "NCT00000001", "--from", file).code == 0
    said = told("diff", "NCT00000001", "--from", "v7")
    assert (said.code, said.out) == (2, "") and "only listed" in said.err


def test_two_merged_studies_are_compared_as_one(told: Terminal) -> None:
    """A number names a snapshot of the study asked for; the last is that of the one left."""
    merge(told.folder / "store.db", "NCT00000002", "NCT00000001")
    out = told("diff", "NCT00000002", "--from", "1").out
    assert out.startswith("NCT00000002: snapshot 1 -> snapshot 2 of NCT00000001: ")
