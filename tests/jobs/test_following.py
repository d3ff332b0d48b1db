"""What is still so is told again, and what nobody takes on is told to another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ctmonitor.delivery import Outlets
from ctmonitor.jobs.dispatch import dispatch
from ctmonitor.store import alerts, subscribing
from tests.builders import a_payload
from tests.jobs.asking import every_alert, subscribe, watch
from tests.looks import SetClock, look

UNKNOWN = {
    "overall_status": "UNKNOWN",
    "last_known_status": "RECRUITING",
    "status_verified_date": "2023-01",
}


@pytest.fixture
def clock() -> SetClock:
    """A clock that a test moves, from just after the looks were made."""
    clock = SetClock()
    clock.moments.append(datetime.now(UTC) + timedelta(seconds=5))
    return clock


def _wish(store, folder: Path, **manner: object) -> None:
    watch(store)
    subscribe(store, address=f"file:{folder}")
    with store.writing() as tx:
        now = SetClock().now()
        subscribing.set_manner(tx, f"file:{folder}", manner, usual_zone="UTC", at=now)


def _send(store, clock: SetClock) -> int:
    outlets = Outlets(None, "monitor@hospital.example")
    return dispatch(store, outlets, flood_limit=1_000, clock=clock).sent


def _mark(store, act: str) -> None:
    [alert] = every_alert(store, "NCT00000001")
    with store.writing() as tx:
        alerts.mark(tx, alert.id, act, by="ada", note="", at=SetClock().now())


def test_what_is_still_so_is_told_again(store, clock, tmp_path):
    """Every so many days, as long as it is so and nobody has marked it."""
    _wish(store, tmp_path / "ada", repeat_days=7)
    look(store, a_payload(**UNKNOWN))
    assert _send(store, clock) == 1
    sent = []
    for _ in range(3):
        clock.pass_time(days=7)
        sent.append(_send(store, clock))
    _mark(store, "seen")
    clock.pass_time(days=7)
    assert (sent, _send(store, clock)) == ([1, 1, 1], 0)


def test_what_is_so_no_more_is_not_told_again(store, clock, tmp_path):
    """A study that is not UNKNOWN any more is no reminder."""
    _wish(store, tmp_path / "ada", repeat_days=7)
    look(store, a_payload(**UNKNOWN))
    _send(store, clock)
    look(store, a_payload(overall_status="RECRUITING", status_verified_date="2026-03"))
    _send(store, clock)
    clock.pass_time(days=8)
    assert _send(store, clock) == 0


def test_a_change_has_been_and_is_not_told_again(store, clock, tmp_path):
    """Only how a study stands can still be so."""
    _wish(store, tmp_path / "ada", repeat_days=7)
    look(store, a_payload(overall_status="RECRUITING"))
    look(store, a_payload(overall_status="TERMINATED"))
    assert _send(store, clock) == 1
    clock.pass_time(days=8)
    assert _send(store, clock) == 0


def test_reminders_come_to_an_end(store, clock, tmp_path):
    """After eight of them nobody is reminded any more."""
    _wish(store, tmp_path / "ada", repeat_days=1)
    look(store, a_payload(**UNKNOWN))
    _send(store, clock)
    sent = 0
    for _ in range(12):
        clock.pass_time(days=1)
        sent += _send(store, clock)
    assert sent == 8


@pytest.mark.parametrize(("act", "told"), [("seen", 0), ("comment", 1)])
def test_what_nobody_takes_on_is_told_to_another(store, clock, tmp_path, act, told):
    """After its hours, once; a comment alone takes nothing on."""
    lead = tmp_path / "lead"
    _wish(store, tmp_path / "ada", escalate_hours=72, escalate_to=f"file:{lead}")
    look(store, a_payload(**UNKNOWN))
    _send(store, clock)
    _mark(store, act)
    clock.pass_time(hours=73)
    assert _send(store, clock) == told
    clock.pass_time(hours=73)
    assert _send(store, clock) == 0
    assert len(list(lead.glob("*.eml"))) == told
