"""Each way in which the watch could fall silent is told, and nothing else is."""

from __future__ import annotations

import shutil
from collections import namedtuple
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from ctmonitor.errors import SourceUnreadable
from ctmonitor.jobs.health import Health, Seen, health, judge, said, working_time
from ctmonitor.jobs.proof import prove
from ctmonitor.jobs.scope import ALL_WATCHED, REGISTRY
from ctmonitor.store import journal
from ctmonitor.store.health import Made
from ctmonitor.store.schema import deliveries, destinations, subscribers
from ctmonitor.store.values import instant
from tests.builders import a_payload
from tests.jobs.asking import watch
from tests.looks import SetClock, look

DAY = timedelta(days=1)
WEDNESDAY = datetime(2026, 3, 4, 9, tzinfo=UTC)
OLD = Made("oncology", is_all=False, at=WEDNESDAY - 300 * DAY)
WELL = Seen(
    looks={ALL_WATCHED: WEDNESDAY - DAY},
    lists=(OLD,),
    proved_at=WEDNESDAY - DAY,
    begun_at=WEDNESDAY - 300 * DAY,
    free=0.5,
)


def failed(now: datetime = WEDNESDAY, **seen: object) -> list[str]:
    """The names of the checks that fail when this is seen and all else is well."""
    found = judge(replace(WELL, **seen), now, DAY, UTC)
    return [check.name for check in found.checks if not check.is_well]


def test_a_watch_that_goes_on_is_well():
    """Nothing is said to be wrong where nothing is."""
    assert failed() == []


@pytest.mark.parametrize(
    ("seen", "name"),
    [
        ({"looks": {}, "lists": ()}, "sweep"),
        ({"looks": {ALL_WATCHED: WEDNESDAY - 2 * DAY - timedelta(seconds=1)}}, "sweep"),
        ({"oldest_due": WEDNESDAY - timedelta(minutes=15, seconds=1)}, "owed"),
        ({"dead": 1}, "dead letters"),
        ({"not_working": ["ann@clinic.example"]}, "destinations"),
        ({"proved_at": WEDNESDAY - 7 * DAY - timedelta(seconds=1)}, "proof"),
        ({"proved_at": None}, "proof"),
        ({"free": 0.0499}, "disk"),
    ],
)
def test_each_state_fails_its_own_check(seen, name):
    """What is wrong is named at the first look, and nothing else is named."""
    assert failed(**seen) == [name]


@pytest.mark.parametrize(
    "seen",
    [
        {"looks": {ALL_WATCHED: WEDNESDAY - 2 * DAY}},
        {"looks": {REGISTRY: WEDNESDAY - DAY, ALL_WATCHED: WEDNESDAY - 90 * DAY}},
        {"looks": {"watch list oncology": WEDNESDAY - DAY}},
        {"looks": {"/srv/records": WEDNESDAY - DAY}},
        {"looks": {}, "lists": (replace(OLD, at=WEDNESDAY - DAY),)},
        {"oldest_due": WEDNESDAY - timedelta(minutes=15)},
        {"oldest_due": WEDNESDAY + 30 * DAY},
        {"proved_at": None, "begun_at": WEDNESDAY - 7 * DAY},
        {"free": 0.05},
        {"free": None},
    ],
)
def test_what_is_just_in_time_is_well(seen):
    """A look at more covers a list, a list just made waits for its first, files count as well."""
    assert failed(**seen) == []


def test_each_watch_list_needs_its_own_looks():
    """Of lists that are swept one by one, the one that nobody sweeps any more is named."""
    looks = {"watch list oncology": WEDNESDAY - DAY, "watch list heart": WEDNESDAY - 9 * DAY}
    lists = (OLD, replace(OLD, name="heart"))
    found = judge(replace(WELL, looks=looks, lists=lists), WEDNESDAY, DAY, UTC).checks[0]
    assert (found.is_well, found.names) == (False, ("heart",))
    assert "heart" not in str(found.plain())


def test_files_do_not_stand_in_for_the_registry():
    """Where the registry is swept, a look at a file is none at the watched studies."""
    looks = {ALL_WATCHED: WEDNESDAY - 9 * DAY, "/srv/records": WEDNESDAY}
    assert failed(looks=looks) == ["sweep"]


def test_a_weekend_is_no_time_without_a_sweep():
    """A sweep of Friday is good until late on Tuesday: the registry rests on weekends."""
    friday = datetime(2026, 3, 6, 14, tzinfo=UTC)
    assert failed(friday + 4 * DAY, looks={ALL_WATCHED: friday}, proved_at=friday) == []
    late = friday + 4 * DAY + timedelta(minutes=1)
    assert failed(late, looks={ALL_WATCHED: friday}, proved_at=friday) == ["sweep"]


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-03-06T12:00", "2026-03-09T12:00", 24),
        ("2026-03-07T12:00", "2026-03-08T12:00", 0),
        ("2026-03-07T12:00", "2026-03-09T01:00", 1),
        ("2026-03-04T09:00", "2026-03-04T09:00", 0),
        ("2026-03-05T09:00", "2026-03-04T09:00", 0),
        ("2024-01-01T00:00", "2026-01-05T00:00", 24 * 5 * 105),
    ],
)
def test_the_time_between_two_instants_leaves_weekends_out(since, until, hours):
    """Saturdays and Sundays of the zone do not count, however many lie between."""
    zone = ZoneInfo("America/New_York")
    start, end = (datetime.fromisoformat(one).replace(tzinfo=zone) for one in (since, until))
    assert working_time(start, end, zone) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (61, "1 minute"),
        (7_199, "119 minutes"),
        (7_200, "2 hours"),
        (259_199, "71 hours"),
        (259_200, "3 days"),
        (10**9, "11,574 days"),
    ],
)
def test_a_span_is_said_in_words(seconds, words):
    """In the largest unit that does not lose too much."""
    assert said(timedelta(seconds=seconds)) == words


def by_name(found: Health) -> dict[str, bool]:
    """Each check and whether it is well."""
    return {check.name: check.is_well for check in found.checks}


def test_the_store_says_what_was_swept_and_proved(store):
    """A look and a proof are found again, and age as the clock goes on."""
    clock = SetClock()
    watch(store)
    look(store, a_payload(), clock=clock)
    prove(store, None, who="ann", clock=clock)
    assert health(store, clock, DAY).is_well
    clock.pass_time(days=8)
    found = by_name(health(store, clock, DAY))
    assert [name for name, is_well in found.items() if not is_well] == ["sweep", "proof"]


def test_a_look_that_failed_is_no_good_one(store):
    """What could be read only to a point does not count as swept."""
    with pytest.raises(SourceUnreadable):
        look(store, a_payload(), SourceUnreadable("a pile", "it ended"), clock=SetClock())
    assert not by_name(health(store, SetClock(), DAY))["sweep"]


def test_the_store_says_what_did_not_leave(store):
    """A message past its time, one given up, and an address that is paused are all found."""
    clock = SetClock()
    at = instant(clock.now())
    base = {"subscriber_id": 1, "address": "ok@b.example", "alert_ids": "[]", "lists": "[]"}
    base |= {"chain_head": "c", "next_try_at": at, "made_at": at}
    with store.writing() as tx:
        tx.connection.execute(
            subscribers.insert(), {"id": 1, "address": "a@b.example", "made_at": at}
        )
        rows = [{**base, "key": state, "state": state} for state in ("retrying", "dead", "sent")]
        tx.connection.execute(deliveries.insert(), rows)
        paused = {"address": "a@b.example", "state": "paused", "why": "it is full", "since": at}
        failing = {**paused, "address": "ok@b.example", "state": "failing"}
        tx.connection.execute(destinations.insert(), [paused, failing])
    clock.pass_time(minutes=16)
    found = health(store, clock, DAY)
    wrong = [check.name for check in found.checks if not check.is_well]
    assert wrong == ["sweep", "owed", "dead letters", "destinations"]
    assert [check.names for check in found.checks if check.names] == [("a@b.example",)]
    assert "a@b.example" not in str(found.plain())


def test_what_waits_for_a_paused_address_is_not_late(store):
    """The address is named already; that its messages wait is as it should be."""
    clock = SetClock()
    at = instant(clock.now())
    row = {"subscriber_id": 1, "address": "a@b.example", "alert_ids": "[]", "lists": "[]"}
    row |= {"chain_head": "c", "next_try_at": at, "made_at": at, "key": "k", "state": "owed"}
    paused = {"address": "a@b.example", "state": "suspended", "why": "gone", "since": at}
    with store.writing() as tx:
        one = {"id": 1, "address": "a@b.example", "made_at": at}
        tx.connection.execute(subscribers.insert(), one)
        tx.connection.execute(deliveries.insert(), row)
        tx.connection.execute(destinations.insert(), paused)
    clock.pass_time(days=1)
    assert by_name(health(store, clock, DAY))["owed"]


def test_a_disk_that_is_nearly_full_is_seen(store, monkeypatch):
    """The disk of the file counts; that of a database server is not seen."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 96, 4))
    is_file = store.engine.dialect.name == "sqlite"
    assert by_name(health(store, SetClock(), DAY))["disk"] is not is_file


def test_a_proof_is_an_act_in_the_journal(store):
    """Who proved it, and what, is written down; the head that is given stood before."""
    clock = SetClock()
    with store.writing() as tx:
        head = journal.note(tx, "began", {}, who="ann", at=clock.now())
    assert prove(store, head[:12], who="ann", clock=clock).head == head
    with store.reading() as tx:
        acts = tx.connection.execute(sa.text("SELECT act FROM journal ORDER BY id")).scalars()
        assert list(acts) == ["began", "verified"]
