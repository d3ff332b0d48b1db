"""`ctmonitor sweeps`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Terminal


def test_looks_are_listed_the_latest_first(told: Terminal) -> None:
    """Each look says how it ended and what it counted."""
    latest, first = told.ask("sweeps")
    assert (latest["sweep"], first["sweep"]) == (2, 1)
    assert (latest["state"], latest["complete"], latest["changed"]) == ("finished", True, 2)
    assert (first["new"], first["data_timestamp"]) == (2, "2026-02-27")


def test_a_limit_keeps_the_latest(told: Terminal) -> None:
    """Only as many as asked for."""
    assert [one["sweep"] for one in told.ask("sweeps", "--limit", "1")] == [2]


@pytest.mark.parametrize("limit", ["0", "-1", "all", "99999999999999999999"])
def test_a_limit_is_a_number_from_one(told: Terminal, limit: str) -> None:
    """Anything else is refused."""
    assert told("sweeps", f"--limit={limit}").code == 2
