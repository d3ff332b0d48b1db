"""A way out that does not work is left alone, told of, and loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ctmonitor.delivery import Outlets, SmtpServer
from ctmonitor.errors import DeliveryFailed
from ctmonitor.jobs import dispatch as dispatching
from ctmonitor.jobs.dispatch import dispatch, replay, resume
from ctmonitor.jobs.failures import MAIL_SERVER
from ctmonitor.store import destinations, outbox, subscribing
from ctmonitor.store.destinations import PAUSE
from tests.builders import a_payload
from tests.delivery.build import body, read_back
from tests.delivery.inbox import mail_server
from tests.jobs.asking import subscribe, told, watch
from tests.looks import SetClock, look

NOWHERE = Outlets(SmtpServer("127.0.0.1", 9), "monitor@hospital.example")


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """The folder that keeps what is sent to it."""
    return tmp_path / "mails"


def _found(store, mails: Path, statuses: tuple[str, ...] = ("COMPLETED",)) -> None:
    """Let looks owe a digest each to the folder."""
    watch(store)
    subscribe(store, address=f"file:{mails}")
    look(store, a_payload(overall_status="RECRUITING"))
    for status in statuses:
        look(store, a_payload(overall_status=status))


def _send(store, clock, **more: Any):
    return dispatch(store, NOWHERE, flood_limit=1_000, clock=clock, **more)


def _refusing(monkeypatch: pytest.MonkeyPatch, mails: Path, **how: Any) -> None:
    """Let the folder refuse what is sent to it as a server would; other folders take it."""
    real = dispatching.deliver

    def refuse(digest, outlets):
        if digest.address == f"file:{mails}":
            raise DeliveryFailed(digest.address, "550 nobody here", **how)
        real(digest, outlets)

    monkeypatch.setattr(dispatching, "deliver", refuse)


def _state(store) -> list[tuple[str, int]]:
    with store.reading() as tx:
        return [(one.state, one.failures) for one in destinations.all_failing(tx)]


def test_three_failures_pause_a_way_out(store, clock, mails, monkeypatch):
    """It is left alone for an hour; then it is tried again, and forgotten when it works."""
    _found(store, mails, ("COMPLETED", "RECRUITING", "COMPLETED", "RECRUITING"))
    _refusing(monkeypatch, mails, permanent=False)
    assert _send(store, clock).waiting == 3
    assert _state(store) == [("paused", 3)]
    clock.pass_time(minutes=59)
    assert _send(store, clock).waiting == 0
    monkeypatch.undo()
    clock.pass_time(minutes=2)
    assert _send(store, clock).sent == 4
    assert _state(store) == []


def test_each_further_failure_doubles_the_pause(store):
    """From an hour up to a day."""
    now, pauses = SetClock().now(), []
    with store.writing() as tx:
        for _ in range(10):
            destinations.failed(tx, "a@b.example", "why", is_for_good=False, now=now)
            [one] = destinations.all_failing(tx)
            until = one.until and datetime.fromisoformat(one.until) - now
            pauses.append(until)
    assert pauses[:5] == [None, None, PAUSE, PAUSE * 2, PAUSE * 4]
    assert pauses[-1] == timedelta(days=1)


def test_nobody_there_suspends_and_loses_nothing(store, clock, mails, monkeypatch):
    """What is owed waits until somebody resumes it, and then leaves."""
    _found(store, mails)
    _refusing(monkeypatch, mails, permanent=True, is_gone=True)
    report = _send(store, clock)
    assert (report.waiting, report.dead, _state(store)) == (1, 0, [("suspended", 1)])
    monkeypatch.undo()
    clock.pass_time(days=30)
    assert _send(store, clock).sent == 0
    assert resume(store, f"file:{mails}", who="ada", clock=clock)
    assert _send(store, clock).sent == 1


def test_the_operator_is_told_by_another_way(store, clock, mails, tmp_path, monkeypatch):
    """Once, with the reason, and of no other matter."""
    _found(store, mails)
    _refusing(monkeypatch, mails, permanent=True, is_gone=True)
    operator = f"file:{tmp_path / 'operator'}"
    _send(store, clock, operator=operator)
    _send(store, clock, operator=operator)
    [path] = (tmp_path / "operator").glob("*.eml")
    assert b"suspended" in path.read_bytes() and b"550 nobody here" in path.read_bytes()
    assert told(store)[-1] == (None, "delivery-failing")


def test_a_server_that_asks_for_time_gets_it(store, clock, mails, monkeypatch):
    """`Retry-After` puts the next try off, a day at most."""
    _found(store, mails)
    _refusing(monkeypatch, mails, permanent=False, retry_after=7 * 86_400.0)
    _send(store, clock)
    monkeypatch.undo()
    clock.pass_time(hours=23, minutes=59)
    assert _send(store, clock).sent == 0
    clock.pass_time(minutes=2)
    assert _send(store, clock).sent == 1


def test_a_message_that_was_given_up_is_sent_again_when_somebody_says_so(
    store, clock, mails, monkeypatch
):
    """A replay is a message of its own, and says what it is."""
    _found(store, mails)
    _refusing(monkeypatch, mails, permanent=True)
    assert _send(store, clock).dead == 1
    monkeypatch.undo()
    with store.reading() as tx:
        dead = outbox.to_replay(tx, only_dead=True)
    assert replay(store, dead, who="ada", clock=clock) == 1
    assert _send(store, clock).sent == 1
    assert len(list(mails.glob("*.eml"))) == 1


def test_who_goes_is_sent_nothing_that_waits(store, clock, mails):
    """With the last subscription what is owed is cancelled, and kept as such."""
    _found(store, mails)
    with store.writing() as tx:
        subscribing.unsubscribe(tx, f"file:{mails}", None)
    assert _send(store, clock).sent == 0
    with store.reading() as tx:
        assert [one["state"] for one in outbox.to_replay(tx)] == ["cancelled"]


def test_what_is_not_broken_cannot_be_resumed(store, clock):
    """Nothing is said to be tried again that is tried anyway."""
    assert not resume(store, "a@b.example", who="ada", clock=clock)


def test_a_mail_server_that_is_out_of_order_is_told_of_once(store, clock, tmp_path):
    """By another way; the addresses behind it are not blamed, and it is forgotten when it works."""
    _found(store, tmp_path / "mails")
    watch(store)
    subscribe(store, address="ann@clinic.example")
    look(store, a_payload(overall_status="TERMINATED"))
    operator = f"file:{tmp_path / 'operator'}"
    for _ in range(5):
        _send(store, clock, operator=operator)
        clock.pass_time(hours=12)
    [path] = (tmp_path / "operator").glob("*.eml")
    assert b"the mail server is out of order" in path.read_bytes()
    with store.reading() as tx:
        assert [one.address for one in destinations.all_failing(tx)] == [MAIL_SERVER]
    with mail_server() as (server, inbox):
        works = Outlets(SmtpServer("127.0.0.1", server.port), "monitor@hospital.example")
        assert dispatch(store, works, flood_limit=1_000, clock=clock).sent == 1
    assert len(inbox.envelopes) == 1 and _state(store) == []


def test_what_was_given_up_is_told_in_one_message(store, clock, mails, tmp_path, monkeypatch):
    """However much it is; each says how to send it again."""
    _found(store, mails, ("COMPLETED", "RECRUITING", "TERMINATED"))
    _refusing(monkeypatch, mails, permanent=True)
    operator = f"file:{tmp_path / 'operator'}"
    assert _send(store, clock, operator=operator).dead == 3
    _send(store, clock, operator=operator)
    [path] = (tmp_path / "operator").glob("*.eml")
    said = " ".join(body(read_back(path.read_bytes()), "plain").split())
    assert all(f"--replay {number}" in said for number in (1, 2, 3))
    assert said.count("was given up") == 3
