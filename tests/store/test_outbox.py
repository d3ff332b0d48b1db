"""What is owed is claimed once, sent once, and never lost."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from ctmonitor.alerts import Alert, Severity
from ctmonitor.store import Store, outbox
from ctmonitor.store.outbox import LEASE, Delivery
from ctmonitor.store.schema import attempts, deliveries, subscribers
from ctmonitor.store.values import instant
from ctmonitor.watches import Cadence, Manner, Owed, spans

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALERT = Alert("stopped", "NCT00000001", "Now TERMINATED", Severity.HIGH, "a basis")


def _owe(store: Store, count: int = 1) -> None:
    """Owe one alert to so many subscribers."""
    with store.writing() as tx:
        people = [
            {"id": number, "address": f"p{number}@x.example", "made_at": instant(NOW)}
            for number in range(1, count + 1)
        ]
        tx.connection.execute(subscribers.insert(), people)
        owed = [Owed(one["id"], one["address"], (ALERT,), ("mine",)) for one in people]
        ids = {ALERT.key: 1}
        outbox.owe(
            tx, owed, ids, sweep_id=None, data_date=None, chain_head="c" * 64, at=NOW, now=NOW
        )


def _claim(store: Store, owner: str = "me", now: datetime = NOW) -> Delivery | None:
    with store.writing() as tx:
        return outbox.claim_next(tx, owner, now)


def _counts(store: Store) -> dict[str, int]:
    with store.reading() as tx:
        return Counter(tx.connection.execute(sa.select(deliveries.c.state)).scalars())


def test_a_claimed_delivery_is_not_given_to_another(store):
    """While one worker has it, nobody else gets it."""
    _owe(store)
    first = _claim(store)
    assert first and (first.address, first.alert_ids, first.lists) == (
        "p1@x.example",
        (1,),
        ("mine",),
    )
    assert _claim(store, "another") is None


def test_what_waits_longest_goes_first(store):
    """Deliveries leave in the order in which they were owed."""
    _owe(store, 3)
    assert [_claim(store).address for _ in range(3)] == [f"p{n}@x.example" for n in (1, 2, 3)]


def test_four_workers_claim_each_delivery_once(store):
    """Four workers at once empty the outbox, and no delivery goes to two of them."""
    _owe(store, 200)
    taken: list[int] = []
    problems: list[BaseException] = []

    def work(owner: str) -> None:
        try:
            while (delivery := _claim(store, owner)) is not None:
                taken.append(delivery.id)
        except BaseException as problem:
            problems.append(problem)

    workers = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not problems
    assert Counter(taken) == dict.fromkeys(range(1, 201), 1)


def test_a_lease_that_ran_out_is_taken_over(store):
    """A worker that fell silent loses its claim after the lease, not before."""
    _owe(store)
    first = _claim(store)
    assert _claim(store, "another", NOW + LEASE) is None
    second = _claim(store, "another", NOW + LEASE + timedelta(microseconds=1))
    assert (second.id, second.claim) == (first.id, first.claim + 1)


def test_a_stale_claim_can_mark_nothing(store):
    """Who lost the claim cannot say that it was sent, or that it failed."""
    _owe(store)
    stale = _claim(store)
    fresh = _claim(store, "another", NOW + 2 * LEASE)
    with store.writing() as tx:
        assert not outbox.sent(tx, stale, NOW)
        assert not outbox.failed(tx, stale, "too late", None, NOW)
        assert outbox.sent(tx, fresh, NOW)
        assert not outbox.sent(tx, fresh, NOW)
    assert _counts(store) == {"sent": 1}


def test_what_was_sent_is_not_owed_any_more(store):
    """A delivery marked as sent is never claimed again."""
    _owe(store)
    delivery = _claim(store)
    with store.writing() as tx:
        assert outbox.sent(tx, delivery, NOW)
    assert _claim(store, now=NOW + timedelta(days=400)) is None


def test_a_failure_waits_for_its_time(store):
    """A try that failed comes back at the instant named, with its number of tries."""
    _owe(store)
    delivery, again = _claim(store), NOW + timedelta(hours=1)
    with store.writing() as tx:
        assert outbox.failed(tx, delivery, "greylisted", again, NOW)
    assert _claim(store, now=again - timedelta(microseconds=1)) is None
    assert _claim(store, now=again).tries == 1


def test_a_dead_letter_stays_where_it_is(store):
    """A delivery given up is not tried again, and says why."""
    _owe(store)
    delivery = _claim(store)
    with store.writing() as tx:
        assert outbox.failed(tx, delivery, "no such user", None, NOW)
    assert _claim(store, now=NOW + timedelta(days=400)) is None
    with store.reading() as tx:
        row = tx.connection.execute(sa.select(deliveries.c.state, deliveries.c.reason)).one()
    assert tuple(row) == ("dead", "no such user")


def test_every_try_is_on_record(store):
    """Each try that ended is one row, with its outcome and reason."""
    _owe(store)
    for now, why in ((NOW, "busy"), (NOW + timedelta(hours=2), None)):
        delivery = _claim(store, now=now)
        with store.writing() as tx:
            if why:
                outbox.failed(tx, delivery, why, now + timedelta(hours=1), now)
            else:
                outbox.sent(tx, delivery, now)
    with store.reading() as tx:
        rows = tx.connection.execute(sa.select(attempts.c.outcome, attempts.c.why)).all()
    assert [tuple(row) for row in rows] == [("failed", "busy"), ("sent", None)]


def test_the_claims_of_a_dead_worker_are_freed_at_once(store):
    """Claims whose owner is gone need not wait for their lease; others keep theirs."""
    _owe(store, 2)
    _claim(store, "dead")
    _claim(store, "alive")
    with store.writing() as tx:
        assert outbox.free_claims_of(tx, lambda owner: owner == "dead", NOW) == 1
    assert _claim(store).address == "p1@x.example"
    assert _claim(store) is None


def test_the_same_alerts_are_owed_to_nobody_twice(store):
    """One subscriber, the same alerts, the same occasion: the second debt is refused."""
    _owe(store)
    owed = [Owed(1, "p1@x.example", (ALERT,), ("mine",))]
    with pytest.raises(Exception, match=r"(?i)unique"), store.writing() as tx:
        outbox.owe(
            tx,
            owed,
            {ALERT.key: 1},
            sweep_id=None,
            data_date=None,
            chain_head="c" * 64,
            at=NOW,
            now=NOW,
        )
    assert _counts(store) == {"owed": 1}


def _owe_at(store: Store, cadence: str, now: datetime, alert_id: int, **more: object) -> None:
    """Owe one alert to one subscriber, to be told so often."""
    with store.writing() as tx:
        person = {"id": 1, "address": "p1@x.example", "made_at": instant(NOW)}
        if not tx.connection.execute(sa.select(subscribers.c.id)).all():
            tx.connection.execute(subscribers.insert(), person)
        alert = replace(ALERT, basis=f"basis {alert_id}", **more)
        manner = Manner(quiet=spans("18:00-08:00"))
        cadences = Cadence.parse(cadence)
        owed = [Owed(1, "p1@x.example", (alert,), (f"list {alert_id}",), cadences, manner)]
        ids = {alert.key: alert_id}
        outbox.owe(
            tx, owed, ids, sweep_id=None, data_date=None, chain_head="c" * 64, at=now, now=now
        )


def test_what_leaves_at_one_hour_is_one_digest(store):
    """Runs of a day are gathered until its hour; the next day's go by themselves."""
    for alert_id, hours in ((1, 0), (2, 1), (3, 24)):
        _owe_at(store, "daily 12:00", NOW + timedelta(hours=hours), alert_id)
    assert _counts(store) == {"held": 2}
    assert _claim(store, now=NOW + timedelta(hours=2, minutes=59)) is None
    noon = _claim(store, now=NOW + timedelta(hours=3))
    assert noon and (noon.alert_ids, noon.lists) == ((1, 2), ("list 1", "list 2"))
    assert noon.made_at == NOW + timedelta(hours=1), "dated by the last run that it tells of"


def test_quiet_holds_and_never_drops(store):
    """In the evening it waits for the morning; what is critical does not."""
    evening = NOW.replace(hour=20)
    _owe_at(store, "run", evening, 1)
    _owe_at(store, "run", evening, 2, severity=Severity.CRITICAL)
    assert _counts(store) == {"held": 1, "owed": 1}
    urgent = _claim(store, now=evening)
    with store.writing() as tx:
        assert urgent.alert_ids == (2,) and outbox.sent(tx, urgent, evening)
    assert _claim(store, now=evening.replace(hour=23)) is None
    assert _claim(store, now=NOW + timedelta(days=1)).alert_ids == (1,)


def test_what_is_sent_is_gathered_into_no_more(store):
    """An alert that comes while the hour's digest leaves is owed for the next hour."""
    _owe_at(store, "daily 12:00", NOW, 1)
    noon = NOW.replace(hour=12)
    sent = _claim(store, now=noon)
    _owe_at(store, "daily 12:00", noon, 2)
    assert sent.alert_ids == (1,)
    assert _counts(store) == {"claimed": 1, "held": 1}
