"""`ctmonitor alerts`."""

from __future__ import annotations

import csv

from tests.builders import a_study
from tests.cli.conftest import Terminal

KEYS = {
    *("id", "rule", "severity", "nct_id", "headline"),
    *("raised_at", "registry_date", "sweep", "evidence", "marks"),
}


def test_every_alert_has_the_keys_of_the_contract(told: Terminal) -> None:
    """A program finds in each alert what the contract names."""
    found = told.ask("alerts")
    assert len(found) == 3
    assert all(one.keys() >= KEYS for one in found)
    rules = {"stopped", "primary-completion-slipped", "site-status-changed"}
    assert {one["rule"] for one in found} == rules


def test_an_alert_rests_on_its_change_and_bears_its_marks(told: Terminal) -> None:
    """Evidence names field, before and after; a mark stands beside the alert."""
    [stopped] = told.ask("alerts", "--rule", "stopped")
    told("mark", stopped["id"], "comment", "asked", "them")
    [alert] = told.ask("alerts", "--rule", "stopped")
    assert alert["evidence"][0]["field"] == "overall_status"
    assert alert["evidence"][0]["after"] == "TERMINATED"
    assert [(one["act"], one["note"]) for one in alert["marks"]] == [("comment", "asked them")]


def test_csv_has_a_header_and_a_row_for_each_alert(told: Terminal) -> None:
    """CSV can be read back."""
    rows = list(csv.DictReader(told("alerts", "--csv").out.splitlines()))
    assert {row["nct_id"] for row in rows} == {"NCT00000001", "NCT00000002"}
    assert all(row["headline"] for row in rows)


def test_people_see_no_control_characters(told: Terminal) -> None:
    """What a sponsor wrote cannot steer a terminal."""
    table = told("alerts").out
    assert "slow accrual" in table
    assert all(sign.isprintable() or sign == "\n" for sign in table)


def test_what_a_weightier_rule_told_is_listed_and_marked(terminal: Terminal) -> None:
    """It is kept and shown, with the rule that told in its place."""
    terminal.sweep(a_study(overall_status="RECRUITING", completion_date="2026-05"))
    terminal.sweep(a_study(overall_status="TERMINATED", completion_date="2026-09"))
    told = {one["rule"]: one["inhibited_by"] for one in terminal.ask("alerts")}
    assert told == {"stopped": None, "completion-slipped": "stopped"}
    assert "(not sent: stopped tells more) Completion date" in terminal("alerts").out
