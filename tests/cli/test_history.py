"""`ctmonitor history`."""

from __future__ import annotations

from tests.cli.conftest import Terminal
from tests.cli.mergers import merge
from tests.histories import a_listing, a_version, an_entry


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


def _fill(terminal: Terminal) -> None:
    """Three versions, of which one failed quality control; two of them with a content."""
    failed = an_entry(1, "2025-06-10", "SUSPENDED", reviewNotPassed=True)
    listing = a_listing(an_entry(0, "2025-01-10"), failed, an_entry(2, "2026-02-22"))
    contents = a_version(0, "2025-01-10", enrollment=20), a_version(2, "2026-02-22", enrollment=30)
    said = terminal("backfill", "--from", terminal.file(listing, *contents))
    assert said.code == 0, said.err


def test_versions_join_the_snapshots_on_the_registrys_clock(told: Terminal) -> None:
    """One list, in which each says where it comes from."""
    _fill(told)
    rows = told.ask("history", "NCT00000001")["snapshots"]
    assert [(one["origin"], one["number"], one.get("version")) for one in rows] == [
        ("version", None, 0),
        ("version", None, 1),
        ("sweep", 1, None),
        ("version", None, 2),
        ("sweep", 2, None),
    ]
    assert [one["qc_failed"] for one in rows if one["origin"] == "version"] == [False, True, False]
    assert [one["modules"] for one in rows[:2]] == [[], ["Study Status"]]


def test_a_versions_changes_are_those_since_the_one_before(told: Terminal) -> None:
    """They are found by comparing, and what they were compared with is told."""
    _fill(told)
    rows = told.ask("history", "NCT00000001")["snapshots"]
    [last] = [one for one in rows if one.get("version") == 2]
    assert last["compared_with"] == 0
    [change] = [one for one in last["changes"] if one["field"] == "enrollment"]
    assert (change["before"], change["after"], change["made_by"]) == (20, 30, "sponsor")
    assert (change["snapshot"], change["version"]) == (None, 2)
    assert "enrollment" not in {one["field"] for one in told.ask("changes")}


def test_people_see_which_versions_were_not_public(told: Terminal) -> None:
    """And which were only listed, and what they changed."""
    _fill(told)
    out = told("history", "NCT00000001").out
    assert "version 1: registry 2025-06-10, submitted 2025-06-10, SUSPENDED, failed" in out
    assert "only listed; modules changed: Study Status" in out
    assert "  Enrollment Count: 20 -> 30" in out


def test_a_merged_study_has_one_history(told: Terminal) -> None:
    """Under either number; each state bears its own, and the merger is said."""
    merge(told.folder / "store.db", "NCT00000002", "NCT00000001")
    for nct_id in ("NCT00000001", "NCT00000002"):
        found = told.ask("history", nct_id)
        assert found["nct_id"] == "NCT00000001"
        assert [one["nct_id"] for one in found["snapshots"]].count("NCT00000002") == 2
        assert "NCT00000002 was merged into NCT00000001" in told("history", nct_id).err
    assert "NCT00000002 snapshot 1: seen" in told("history", "NCT00000001").out
