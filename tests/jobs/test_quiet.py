"""Silence is told from silence: once a week, and only while the watch goes on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from ctmonitor.delivery import Outlets
from ctmonitor.jobs.dispatch import dispatch
from ctmonitor.jobs.quiet import Quiet, next_sweep, owe_quiet
from ctmonitor.store import Store, outbox, silence, subscribing
from tests.builders import a_payload
from tests.jobs.asking import NOW, subscribe, watch
from tests.looks import SetClock, look

DAY = timedelta(days=1)
OUTLETS = Outlets(smtp=None, sender="ctmonitor@hospital.example")


@pytest.fixture
def clock() -> SetClock:
    """A clock on the Monday on which somebody subscribed."""
    return SetClock()


@pytest.fixture
def address(store: Store, clock: SetClock, tmp_path: Path) -> str:
    """The folder of somebody who subscribed to a study that was swept."""
    watch(store, "mine", "NCT00000001")
    subscribe(store, "mine", address=f"file:{tmp_path}")
    look(store, a_payload(), clock=clock)
    return f"file:{tmp_path}"


def weeks(store: Store, clock: SetClock, count: int) -> list[int]:
    """Day by day for some weeks, sweep, owe and send; the days from 0 on that owed something."""
    owed = []
    for day in range(7 * count):
        look(store, a_payload(), clock=clock)
        if owe_quiet(store, clock, DAY):
            owed.append(day)
        dispatch(store, OUTLETS, flood_limit=1_000, clock=clock)
        clock.pass_time(days=1)
    return owed


def test_a_week_without_news_is_told_once_a_week(store, clock, address, tmp_path):
    """Whoever hears nothing hears on the seventh day that all goes on, and so on."""
    clock.pass_time(hours=1)
    assert weeks(store, clock, 3) == [7, 14]
    mails = [
        message_from_bytes(p.read_bytes(), policy=policy.default) for p in tmp_path.glob("*.eml")
    ]
    assert len(mails) == 2
    assert all("All quiet since" in mail["Subject"] for mail in mails)
    text = " ".join(mails[0].get_body(("plain",)).get_content().split())
    assert "1 study on 1 watch list watched, and nothing to tell" in text


def test_who_heard_something_is_told_nothing_more(store, clock, address):
    """An alert within the week is sign enough that the watch goes on."""
    clock.pass_time(days=6)
    look(store, a_payload(overall_status="COMPLETED"), clock=clock)
    assert dispatch(store, OUTLETS, flood_limit=1_000, clock=clock).sent == 1
    clock.pass_time(days=2)
    look(store, a_payload(overall_status="COMPLETED"), clock=clock)
    assert owe_quiet(store, clock, DAY) == 0


def test_nobody_is_told_that_all_goes_on_when_it_does_not(store, clock, address):
    """While the last good sweep is too old, silence is what there is."""
    clock.pass_time(days=8)
    assert owe_quiet(store, clock, DAY) == 0


def test_who_refuses_is_not_told(store, clock, address):
    """These messages are muted like a rule, until the day that was named."""
    with store.writing() as tx:
        subscribing.mute(
            tx,
            address,
            nct_id=None,
            rule=silence.ALL_QUIET,
            until=date(2026, 3, 9),
            reason="no need",
            at=NOW,
        )
    clock.pass_time(days=7, hours=1)
    look(store, a_payload(), clock=clock)
    assert owe_quiet(store, clock, DAY) == 0
    clock.pass_time(days=1)
    assert owe_quiet(store, clock, DAY) == 1


def test_it_is_owed_once_however_often_it_is_asked(store, clock, address):
    """What waits to leave is not owed again, and it is no message that could be replayed."""
    clock.pass_time(days=8)
    look(store, a_payload(), clock=clock)
    assert [owe_quiet(store, clock, DAY) for _ in range(2)] == [1, 0]
    dispatch(store, OUTLETS, flood_limit=1_000, clock=clock)
    with store.reading() as tx:
        assert outbox.to_replay(tx, since=NOW) == []


@pytest.mark.parametrize(
    ("last", "due"),
    [("2026-03-05T14", "2026-03-06T14"), ("2026-03-06T14", "2026-03-09T14")],
)
def test_the_next_sweep_is_not_on_a_weekend(last, due):
    """After Friday's comes Monday's."""
    when = datetime.fromisoformat(f"{last}:00+00:00")
    assert next_sweep(when, DAY, UTC) == datetime.fromisoformat(f"{due}:00+00:00")


def test_what_is_said_tells_numbers_and_dates():
    """How many studies and lists, since when, by which sweep of which data, and what is next."""
    at = datetime(2026, 3, 6, 14, 5, tzinfo=UTC)
    told = Quiet(date(2026, 2, 27), 1_204, 2, at, at + 3 * DAY, date(2026, 3, 6)).said
    assert told.startswith("All quiet since 2026-02-27: 1,204 studies on 2 watch lists watched")
    assert "at 2026-03-06 14:05 UTC, of data of 2026-03-06; the next is due by 2026-03-09" in told
