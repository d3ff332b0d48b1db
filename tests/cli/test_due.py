"""`ctmonitor due`."""

from __future__ import annotations

import pytest

from tests.builders import a_study
from tests.cli.conftest import Terminal


def test_what_fell_due_is_raised_once(terminal: Terminal) -> None:
    """A day that comes raises its alert; the same day again raises nothing."""
    terminal.sweep(a_study(overall_status="RECRUITING", status_verified_date="2024-04"))
    assert terminal.ask("due", "--today", "2026-04-25")["alerts"]
    assert terminal.ask("due", "--today", "2026-04-25")["alerts"] == 0
    [alert] = terminal.ask("alerts", "--rule", "unknown-due")
    assert alert["raised_at"].startswith("2026-04-25")


def test_nothing_is_due_in_an_empty_store(terminal: Terminal) -> None:
    """An empty store is no error."""
    assert terminal.ask("due") == {"studies": 0, "alerts": 0}


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "2026-03", "0001-01-01", "9999-12-31"])
def test_a_wrong_day_is_refused(terminal: Terminal, day: str) -> None:
    """Only a day of our times can be believed in."""
    said = terminal("due", "--today", day)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)


def test_the_farthest_days_can_be_believed_in(terminal: Terminal) -> None:
    """Neither end of the calendar fails, in any zone."""
    terminal.sweep(a_study(overall_status="RECRUITING", status_verified_date="2024-04"))
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        for day in ("1900-01-01", "9000-12-31"):
            assert terminal("due", "--today", day, zone=zone).code == 0
