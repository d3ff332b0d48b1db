"""What came back is owed again, and who is gone is left alone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ctmonitor.delivery import Outlets, ReturnAddress, SmtpServer
from ctmonitor.delivery.bounce import read_return
from ctmonitor.jobs.bounces import take_in
from ctmonitor.jobs.dispatch import dispatch, resume
from ctmonitor.rules import Tuning
from ctmonitor.store import destinations, outbox
from ctmonitor.store.schema import journal
from tests.builders import a_payload
from tests.delivery.inbox import mail_server
from tests.delivery.returned import a_return
from tests.jobs.asking import subscribe, watch
from tests.looks import look

SECRET = "s" * 32
ANN = "ann@clinic.example"


def _sent(store, clock) -> str:
    """Let a mail leave over a real server; gives the address it comes back to."""
    watch(store)
    subscribe(store, address=ANN)
    for status in ("RECRUITING", "TERMINATED"):
        look(store, a_payload(overall_status=status))
    with mail_server() as (server, inbox):
        returns = ReturnAddress("bounces@hospital.example", SECRET)
        way = SmtpServer("127.0.0.1", server.port)
        outlets = Outlets(way, "monitor@hospital.example", returns=returns)
        assert dispatch(store, outlets, flood_limit=1_000, clock=clock).sent == 1
    return inbox.envelopes[0].mail_from


def _take_in(store, clock, to: str, **wanted):
    returned = read_return(a_return(to, **wanted), SECRET)
    return take_in(store, returned, operator="file:/ops", tuning=Tuning(), clock=clock)


def _owed(store) -> list[tuple[str, str]]:
    with store.reading() as tx:
        return [(row["address"], row["state"]) for row in outbox.unsent(tx)]


def test_a_mail_comes_back_to_an_address_of_its_own(store, clock):
    """The envelope names it; the mail itself is from the monitor."""
    assert _sent(store, clock).startswith("bounces+")


def test_what_came_back_because_nobody_is_there_waits(store, clock):
    """The address is suspended, the operator told, and nothing is lost when it is resumed."""
    to = _sent(store, clock)
    taken = _take_in(store, clock, to)
    assert (taken.address, taken.state) == (ANN, "suspended")
    assert sorted(_owed(store)) == [(ANN, "retrying"), ("file:/ops", "owed")]
    with store.reading() as tx:
        assert [one.state for one in destinations.all_failing(tx)] == ["suspended"]
    clock.pass_time(days=30)
    nowhere = Outlets(SmtpServer("127.0.0.1", 9), "monitor@hospital.example")
    dispatch(store, nowhere, flood_limit=1_000, clock=clock)
    with store.reading() as tx:
        [row] = [row for row in outbox.unsent(tx) if row["address"] == ANN]
    assert row["tries"] == 1, "a suspended address is not tried"
    assert resume(store, ANN, who="ops", clock=clock)


def test_what_came_back_for_now_is_tried_again(store, clock):
    """A full mailbox suspends nobody."""
    taken = _take_in(store, clock, _sent(store, clock), status="5.2.2", code="smtp; 552 full")
    assert taken.state == "retrying"
    assert "552 full" in taken.why
    assert _owed(store) == [(ANN, "retrying")]


@pytest.mark.parametrize("action", ["delayed", "delivered"])
def test_what_did_not_fail_changes_nothing(store, clock, action):
    """A late mail is on its way."""
    assert _take_in(store, clock, _sent(store, clock), action=action) is None
    assert _owed(store) == []


def test_the_same_mail_twice_is_taken_in_once(store, clock):
    """Whoever hands it over again does no harm; the journal has it once."""
    to = _sent(store, clock)
    assert _take_in(store, clock, to, status="5.2.2") is not None
    assert _take_in(store, clock, to, status="5.2.2") is None
    with store.reading() as tx:
        acts = tx.connection.execute(sa.select(journal.c.act)).scalars().all()
    assert acts.count("a mail came back") == 1
