"""`ctmonitor history`."""

from __future__ import annotations

from tests.cli.conftest import Terminal


def test_a_history_has_the_keys_of_the_contract(told: Terminal) -> None:
    """Each snapshot is there with both clocks and its changes."""
    found = told.ask("history", "NCT00000001")
    assert found["nct_id"] == "NCT00000001"
    assert [one["number"] for one in found["snapshots"]] == [1, 2]
    keys = {"number", "origin", "seen_at", "registry_date", "changes"}
    assert all(one.keys() >= keys for one in found["snapshots"])


def test_both_clocks_are_told(told: Terminal) -> None:
    """When we saw it and what day the registry gives are two things."""
    first, second = told.ask("history", "nct00000001")["snapshots"]
    assert [one["seen_at"][:10] for one in (first, second)] == ["2026-02-27", "2026-03-02"]
    assert [one["registry_date"] for one in (first, second)] == ["2026-02-20", "2026-02-28"]
    assert first["changes"] == []
    assert "overall_status" in {one["field"] for one in second["changes"]}


def test_people_see_one_line_a_change_and_nothing_that_steers(told: Terminal) -> None:
    """The text is for a terminal."""
    out = told("history", "NCT00000001").out
    assert "Overall Status: RECRUITING -> TERMINATED" in out
    assert all(sign.isprintable() or sign == "\n" for sign in out)


def test_a_study_never_seen_is_no_empty_history(told: Terminal) -> None:
    """Who mistypes a number is told so."""
    said = told("history", "NCT99999999", "--json")
    assert (said.code, said.out) == (2, "")
    assert "NCT99999999 was never seen" in said.err
