"""`ctmonitor changes`."""

from __future__ import annotations

import csv
import io

from tests.builders import a_study
from tests.cli.conftest import Terminal

KEYS = {
    *("nct_id", "field", "label", "item", "kind", "before", "after"),
    *("made_by", "seen_at", "registry_date", "snapshot"),
}


def test_every_change_has_the_keys_of_the_contract(told: Terminal) -> None:
    """A program finds in each change what the contract names."""
    found = told.ask("changes")
    assert all(one.keys() >= KEYS for one in found)
    assert [one["snapshot"] for one in found] == [2] * len(found)


def test_a_change_says_before_and_after_in_the_registrys_words(told: Terminal) -> None:
    """The values are the registry's own, with its label."""
    [change] = told.ask("changes", "--nct", "NCT00000001", "--field", "overall_status")
    assert (change["before"], change["after"]) == ("RECRUITING", "TERMINATED")
    assert (change["label"], change["made_by"]) == ("Overall Status", "sponsor")


def test_a_formula_is_quoted_in_csv(told: Terminal) -> None:
    """A spreadsheet takes no text of a record for a formula."""
    rows = list(csv.DictReader(io.StringIO(told("changes", "--csv").out, newline="")))
    [why] = [row["after"] for row in rows if row["field"] == "why_stopped"]
    assert why.startswith("'=cmd")


def test_every_kind_of_formula_is_quoted(terminal: Terminal) -> None:
    """Each sign that begins a formula, and each that hides one, is quoted."""
    texts = ["=1", "+1", "-1", "@a", "\t=1", "\n=1", "\uff1d1", "\uff20a"]
    terminal.sweep(a_study())
    terminal.sweep(a_study(keywords=texts))
    out = terminal("changes", "--csv", "--field", "keywords").out
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert rows
    signs = ("=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff20")
    assert all(not row["item"].startswith(signs) for row in rows)


def test_people_are_told_how_much_noise_they_are_not_shown(told: Terminal) -> None:
    """What moves by itself is counted on stderr, and shown when asked for."""
    said = told("changes", "--nct", "NCT00000001")
    assert "last_update_posted_date" not in said.out
    assert "1 more move by themselves" in said.err
    assert "last_update_posted_date" in told("changes", "--noise").out


def test_a_rule_narrows_to_the_changes_it_told_of(told: Terminal) -> None:
    """`--rule` shows what the alerts of a rule rest on."""
    [change] = told.ask("changes", "--rule", "stopped")
    assert (change["nct_id"], change["field"]) == ("NCT00000001", "overall_status")
    assert told.ask("changes", "--rule", "became-unknown") == []


def test_long_values_are_whole(terminal: Terminal) -> None:
    """A text too long for its row is built again from the snapshots."""
    before, after = "one word " * 200, "two words " * 200
    terminal.sweep(a_study(brief_summary=before))
    terminal.sweep(a_study(brief_summary=after))
    [change] = terminal.ask("changes", "--field", "brief_summary")
    assert (change["before"], change["after"]) == (before, after)
