"""What is owed is sent, or tried again, or given up; and never forgotten."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import sqlalchemy as sa

from ctmonitor.delivery import Outlets, SmtpServer
from ctmonitor.jobs.dispatch import dispatch
from ctmonitor.jobs.failures import WAITS
from ctmonitor.jobs.settle import Occasion, raise_found
from ctmonitor.rules import Membership, Tuning, judge_membership
from ctmonitor.store import outbox
from ctmonitor.store.schema import deliveries
from tests.builders import a_payload
from tests.delivery.fault_server import faulty
from tests.jobs.asking import subscribe, told, watch
from tests.looks import SetClock, look

SENDER = "ctmonitor@hospital.example"
NO_WAY_OUT = Outlets(smtp=None, sender=SENDER)


class HastyClock(SetClock):
    """A clock on which a day passes at every look at it."""

    def now(self) -> datetime:
        """The instant a day after the last."""
        self.moments.append(self.moments[-1].replace(year=2100) + timedelta(days=1))
        return self.moments[-1]


def _owe(store, address: str) -> None:
    """Let a look owe one digest to an address."""
    watch(store)
    subscribe(store, address=address)
    look(store, a_payload(overall_status="RECRUITING"))
    look(store, a_payload(overall_status="COMPLETED"))


def _send(store, clock, outlets=NO_WAY_OUT) -> tuple[int, int, int]:
    report = dispatch(store, outlets, flood_limit=1_000, clock=clock)
    return report.sent, report.waiting, report.dead


def _states(store) -> dict[str, int]:
    with store.reading() as tx:
        return Counter(tx.connection.execute(sa.select(deliveries.c.state)).scalars())


def _mail(port: int) -> Outlets:
    return Outlets(SmtpServer("127.0.0.1", port), SENDER)


def test_a_digest_is_sent_once(store, clock, tmp_path: Path):
    """A digest is sent, marked, and not sent again."""
    _owe(store, f"file:{tmp_path / 'mails'}")
    assert _send(store, clock) == (1, 0, 0)
    assert _send(store, clock) == (0, 0, 0)
    [path] = (tmp_path / "mails").glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert "NCT00000001" in message["Subject"] and "COMPLETED" in message["Subject"]
    assert _states(store) == {"sent": 1}


def test_a_dispatch_tries_each_digest_once(store, tmp_path: Path):
    """Behind a server that takes its time to fail, one dispatch comes to an end."""
    (tmp_path / "mails").write_text("no folder")
    _owe(store, f"file:{tmp_path / 'mails'}")
    clock = HastyClock()
    assert _send(store, clock) == (0, 1, 0)
    assert _send(store, clock) == (0, 1, 0)


def test_every_address_gets_its_own(store, clock, tmp_path: Path):
    """One address that fails keeps no other from its digest."""
    for name in ("a", "b"):
        watch(store)
        subscribe(store, address=f"file:{tmp_path / name}")
    _owe(store, "ann@clinic.example")
    assert _send(store, clock) == (2, 1, 0)
    assert _states(store) == {"retrying": 1, "sent": 2}


def test_a_failure_is_tried_again_by_the_schedule(store, clock):
    """Ten tries, each wait as long as the schedule's, or up to twice; then a dead letter."""
    _owe(store, "ann@clinic.example")
    for wait in WAITS:
        assert _send(store, clock) == (0, 1, 0)
        clock.pass_time(seconds=wait.total_seconds() - 1)
        assert _send(store, clock) == (0, 0, 0)
        clock.pass_time(seconds=wait.total_seconds() + 2)
    assert _send(store, clock) == (0, 0, 1)
    clock.pass_time(days=400)
    assert _send(store, clock) == (0, 0, 0) and _states(store) == {"dead": 1}


def test_the_schedule_lasts_three_days():
    """A mail server that is down over a weekend costs no digest."""
    assert sum(WAITS, timedelta()) > timedelta(hours=72)


def test_the_problem_is_reported_and_kept(store, clock):
    """The report names the address and the reason, and the outbox keeps the reason."""
    _owe(store, "ann@clinic.example")
    report = dispatch(store, NO_WAY_OUT, flood_limit=1_000, clock=clock)
    assert report.problems[0].startswith("ann@clinic.example: no mail server is set")
    assert report.plain()["waiting"] == 1
    with store.reading() as tx:
        assert (
            "no mail server" in tx.connection.execute(sa.select(deliveries.c.reason)).scalar_one()
        )


def test_a_mail_that_is_refused_for_good_is_given_up_at_once(store, clock):
    """A server's refusal for good makes a dead letter on the first try."""
    _owe(store, "ann@clinic.example")
    with faulty(DATA="554 no such mail") as server:
        assert _send(store, clock, _mail(server.port)) == (0, 0, 1)
    assert _states(store) == {"dead": 1}


def test_a_passing_refusal_is_tried_again(store, clock):
    """A server that says later gets the mail later."""
    _owe(store, "ann@clinic.example")
    with faulty(RCPT="450 later") as server:
        assert _send(store, clock, _mail(server.port)) == (0, 1, 0)
    clock.pass_time(minutes=1)
    with faulty() as server:
        assert _send(store, clock, _mail(server.port)) == (1, 0, 0)
    assert len(server.bodies) == 1 and _states(store) == {"sent": 1}


def test_a_repeat_has_the_same_message_id(store, clock):
    """A mail whose reply was lost comes again as the same mail."""
    _owe(store, "ann@clinic.example")
    with faulty(DOT=None) as first:
        assert _send(store, clock, _mail(first.port)) == (0, 1, 0)
    clock.pass_time(minutes=1)
    with faulty() as second:
        assert _send(store, clock, _mail(second.port)) == (1, 0, 0)
    ids = [message_from_bytes(one.bodies[0])["Message-ID"] for one in (first, second)]
    assert ids[0] == ids[1] and ids[0]


def test_a_digest_names_the_lists_that_brought_each_row(store, clock, tmp_path: Path):
    """The mail says which watch lists a study is on."""
    watch(store, "oncology", "NCT00000001")
    subscribe(store, "oncology", address=f"file:{tmp_path / 'mails'}")
    look(store, a_payload(overall_status="RECRUITING"))
    look(store, a_payload(overall_status="COMPLETED"))
    assert _send(store, clock) == (1, 0, 0)
    [path] = (tmp_path / "mails").glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert "oncology" in message.get_body(("plain",)).get_content()


def test_a_digest_that_cannot_be_made_holds_up_no_other(store, clock, tmp_path: Path):
    """What goes wrong with one digest is noted with it, and the next one is sent."""
    for name in ("a", "b"):
        watch(store)
        subscribe(store, address=f"file:{tmp_path / name}")
    _owe(store, f"file:{tmp_path / 'c'}")
    with store.writing() as tx:
        first = sa.select(sa.func.min(deliveries.c.id)).scalar_subquery()
        gone = deliveries.update().where(deliveries.c.id == first).values(alert_ids="[999]")
        tx.connection.execute(gone)
    assert _send(store, clock) == (2, 1, 0)


def test_a_server_that_is_down_is_asked_once(store, clock, tmp_path: Path):
    """Behind a server that refuses everyone, nobody waits for it again and again."""
    for name in ("ann", "bob"):
        watch(store)
        subscribe(store, address=f"{name}@clinic.example")
    _owe(store, f"file:{tmp_path / 'mails'}")
    with faulty(CONNECT="421 come back later") as server:
        assert _send(store, clock, _mail(server.port)) == (1, 2, 0)
    with store.reading() as tx:
        [reason] = {one["reason"] for one in outbox.unsent(tx)}
    assert "421" in reason


def test_a_study_that_left_is_told_under_the_list_it_left(store, clock, tmp_path: Path):
    """Though that list holds it no more, and another list of the subscriber's does."""
    for name, number in (("oncology", "NCT00000002"), ("rare", "NCT00000001")):
        watch(store, name, number)
        subscribe(store, name, address=f"file:{tmp_path}")
    left = Membership("oncology", "NCT00000001", None, False, "no longer RECRUITING", None)
    found = judge_membership(left, Tuning())
    with store.writing() as tx:
        raise_found(tx, found, Occasion("a test"), flood_limit=1_000, clock=clock)
    assert _send(store, clock) == (1, 0, 0)
    [path] = tmp_path.glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    text = message.get_body(("plain",)).get_content()
    assert "oncology" in text and "rare" not in text


def test_what_changed_and_changed_back_is_one_line(store, clock, tmp_path: Path):
    """A look that found a status go and come back tells so in one line; the store keeps both."""
    watch(store)
    subscribe(store, address=f"file:{tmp_path / 'mails'}")
    look(store, a_payload(overall_status="RECRUITING"))
    away, back = ({"overall_status": status} for status in ("SUSPENDED", "RECRUITING"))
    look(store, a_payload(**away), a_payload(**back), today="2026-03-03")
    assert [rule for _, rule in told(store)] == ["stopped", "resumed"]
    _send(store, clock)
    [path] = (tmp_path / "mails").glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    said = " ".join(message.get_body(("plain",)).get_content().split())
    assert "Changed and changed back: RECRUITING -> SUSPENDED -> RECRUITING" in said
    assert "Now SUSPENDED" not in said
