"""Webhooks through the outbox: what each answer of a receiver makes of what is owed."""

from __future__ import annotations

import base64
import json
from typing import Any

from ctmonitor.delivery import Outlets, Webhook
from ctmonitor.jobs.dispatch import dispatch, replay, resume
from ctmonitor.store import alerts, destinations, outbox
from tests.builders import a_payload
from tests.delivery.receiver import a_receiver
from tests.jobs.asking import subscribe, watch
from tests.looks import SetClock, look

SECRET = f"whsec_{base64.b64encode(bytes(32)).decode()}"
ADDRESS = "webhook:safety"
NUMBERS = [f"NCT{number:08}" for number in range(1, 61)]


def _found(store: Any, numbers: list[str] = NUMBERS[:1]) -> None:
    """Let one look owe the webhook what it found."""
    watch(store)
    subscribe(store, address=ADDRESS)
    for status in ("RECRUITING", "TERMINATED"):
        look(store, *(a_payload(nct_id=number, overall_status=status) for number in numbers))


def _send(store: Any, clock: SetClock, url: str) -> Any:
    hook = Webhook.checked("safety", url, SECRET, allow_private=True)
    outlets = Outlets(None, "monitor@hospital.example", webhooks={"safety": hook})
    return dispatch(store, outlets, flood_limit=1_000, clock=clock)


def _states(store: Any) -> list[str]:
    with store.reading() as tx:
        return [row["state"] for row in outbox.unsent(tx)]


def test_a_program_is_told_of_every_alert_and_who_it_is_in_the_store(store, clock):
    """Sixty alerts and more are several messages of no more than a message may hold."""
    _found(store, NUMBERS)
    with a_receiver() as receiver:
        report = _send(store, clock, receiver.url)
    told = [json.loads(body)["data"] for _, _, body in receiver.came]
    with store.reading() as tx:
        kept = {one.id for one in alerts.alerts_by_id(tx, range(1, 1_000))}
    assert report.sent == len(told) > 2
    assert sorted(alert["id"] for one in told for alert in one["alerts"]) == sorted(kept)
    assert all(one["alert_ids_left_out"] == [] for one in told)


def test_an_answer_of_410_suspends_it_until_it_is_resumed(store, clock):
    """Nothing more is tried, and what is owed waits."""
    _found(store)
    with a_receiver(410, 204) as receiver:
        _send(store, clock, receiver.url)
        assert _states(store) == ["retrying"]
        with store.reading() as tx:
            assert [one.state for one in destinations.all_failing(tx)] == ["suspended"]
        clock.moments.append(clock.now().replace(year=2101))
        assert _send(store, clock, receiver.url).sent == 0
        clock.moments.pop()
        assert resume(store, ADDRESS, who="ann", clock=clock)
        assert _send(store, clock, receiver.url).sent == 1, "at once, whatever the schedule says"
    assert len(receiver.came) == 2


def test_a_receiver_that_asks_to_be_left_alone_is(store, clock):
    """For as long as it says; then it gets the same message."""
    _found(store)
    with a_receiver(503, 204, retry_after="7200") as receiver:
        begun = clock.now()
        _send(store, clock, receiver.url)
        with store.reading() as tx:
            [row] = outbox.unsent(tx)
        assert row["next_try_at"] >= begun.replace(hour=begun.hour + 2).strftime("%Y-%m-%dT%H:%M")
        clock.moments.append(clock.now().replace(year=2101))
        assert _send(store, clock, receiver.url).sent == 1
    (_, first, one), (_, second, two) = receiver.came
    assert (first["webhook-id"], one) == (second["webhook-id"], two)


def test_a_replay_is_another_message_and_says_so(store, clock):
    """With a key of its own, so that a receiver does not take it for a repeat."""
    _found(store)
    with a_receiver() as receiver:
        _send(store, clock, receiver.url)
        with store.reading() as tx:
            found = outbox.to_replay(tx, ids=[1])
        replay(store, found, who="ann", clock=clock)
        _send(store, clock, receiver.url)
    first, second = (json.loads(body) for _, _, body in receiver.came)
    assert (first["type"], second["type"]) == ("alerts.raised", "alerts.replayed")
    assert second["data"]["about"].startswith("replay of message 1")
    assert first["data"]["key"] != second["data"]["key"]
