"""`ctmonitor verify`."""

from __future__ import annotations

import sqlite3

import pytest

from tests.cli.conftest import Terminal


def test_an_intact_store_is_said_to_be_so(told: Terminal) -> None:
    """Every row is counted."""
    found = told.ask("verify")
    assert found["intact"] is True
    assert found["rows"]["snapshots"] == 4


def test_a_row_that_somebody_changed_is_named(told: Terminal) -> None:
    """Exit code 6, and the first row that is not as it was written."""
    with sqlite3.connect(told.folder / "store.db") as connection:
        connection.execute("DROP TRIGGER changes_no_update")
        connection.execute("UPDATE changes SET after = '\"RECRUITING\"' WHERE id = 3")
    connection.close()
    said = told("verify")
    assert (said.code, said.out) == (6, "")
    assert "changes: row 3" in said.err


def test_a_head_from_a_mail_is_proved(told: Terminal) -> None:
    """What a reader was sent is still what is kept."""
    head = told.ask("verify")["head"]
    assert told.ask("verify", head[:12])["sealed_at"]
    assert told("verify", "0" * 12).code == 6


@pytest.mark.parametrize("head", ["short", "nothexadecimal", "12345", "abcdef%_"])
def test_what_is_no_head_is_refused(told: Terminal, head: str) -> None:
    """A head is at least eight hexadecimal digits."""
    assert told("verify", head).code == 2
