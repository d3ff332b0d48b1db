"""`ctmonitor diff`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Terminal


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


@pytest.mark.parametrize("word", ["0", "3", "-1", "2026-01-01", "last", "²"])
def test_a_snapshot_that_is_not_there_is_refused(told: Terminal, word: str) -> None:
    """Numbers out of range, days before the first look and other words end with 2."""
    said = told("diff", "NCT00000001", f"--from={word}")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
