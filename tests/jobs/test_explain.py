"""An explanation of an alert gives every reason that led to it, and who heard of it and why."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from ctmonitor.alerts import Severity
from ctmonitor.errors import CommandWrong
from ctmonitor.jobs.due import raise_due
from ctmonitor.jobs.explain import explain_alert
from ctmonitor.jobs.settle import release
from ctmonitor.rules import Tuning
from ctmonitor.store import Store, debts, outbox, subscribing
from ctmonitor.store.questions import Filter, alerts_raised, recent_sweeps
from ctmonitor.watches import Cadence
from tests.builders import NUMBER, a_payload
from tests.jobs.asking import ANN, subscribe, watch
from tests.looks import TODAY, clock_on, look, studies

FIRST = "2026-02-20"
OPEN = {
    "overall_status": "RECRUITING",
    "primary_completion_date": "2026-06-30",
    "status_verified_date": "2024-12",
    "last_update_posted_date": FIRST,
    "enrollment": 100,
}
SLIPPED = {**OPEN, "primary_completion_date": "2026-09-30", "last_update_posted_date": TODAY}
SLIP = "primary-completion-slipped"
BOB, CAY = "bob@clinic.example", "cay@clinic.example"


def _look_twice(store: Store, **then: object) -> None:
    look(store, a_payload(**OPEN), today=FIRST)
    look(store, a_payload(**{**SLIPPED, **then}))


def _raised(store: Store, rule: str) -> list[int]:
    with store.reading() as tx:
        found = alerts_raised(tx, Filter(rules=[rule]))
    return sorted(one.id for one in found)


def _why(store: Store, alert_id: int, *about: str) -> list[str]:
    """The sentences of some steps, or of all, about one alert."""
    with store.reading() as tx:
        found = explain_alert(tx, alert_id, tuning=Tuning(), clock=clock_on(TODAY))
    return [step.says for step in found.steps if not about or step.about in about]


def _fail(store: Store, again: datetime | None) -> None:
    now = clock_on(TODAY).now()
    with store.writing() as tx:
        delivery = outbox.claim_next(tx, "a test", now)
        assert delivery is not None
        outbox.failed(tx, delivery, "no such box", again, now)


def test_the_chain_goes_from_the_rule_to_its_key(store):
    """The question, its numbers, its source, the look, what changed, by which key it is told."""
    _look_twice(store)
    [alert_id] = _raised(store, SLIP)
    says = "\n".join(_why(store, alert_id))
    assert f"{SLIP} asks: The primary completion date moved to a later day." in says
    assert "As it is tuned now: min_days 1 (days:" in says
    assert "Sweep 2 over a pile, on 2026-03-02, found it, in snapshot 2 of the study." in says
    assert "2026-06-30 -> 2026-09-30 (later, made by the sponsor)" in says
    assert "(primary_completion_date, 2026-09-30, 2)" in says
    assert "Nobody subscribes to any watch list" in says


def test_what_fell_due_was_found_by_a_due_run(store):
    """No look found it."""
    look(store, a_payload(**OPEN), today=FIRST)
    raise_due(store, tuning=Tuning(), flood_limit=9, clock=clock_on(TODAY))
    [alert_id] = _raised(store, "verification-stale")
    assert _why(store, alert_id, "found") == [
        f"The due run of {TODAY} found it, though nothing changed."
    ]


def test_each_subscriber_is_told_of_with_the_reason(store):
    """Who was owed it and by which wish; who was not, and what of the wish kept it out."""
    watch(store)
    watch(store, "other", "NCT00000009")
    subscribe(store, rules=(SLIP,))
    subscribe(store, address=BOB, rules=("stopped",), min_severity=Severity.HIGH)
    subscribe(store, "other", address=CAY)
    _look_twice(store)
    [alert_id] = _raised(store, SLIP)
    [owed] = _why(store, alert_id, "owed")
    bob, cay = _why(store, alert_id, "not owed")
    assert owed.startswith(f"Owed to {ANN} (watch list everything, rules {SLIP}, from low on): ")
    assert f"{SLIP} is none of its rules; its severity, normal, is below high" in bob
    assert f"{NUMBER} is not on watch list other" in cay


def test_a_mute_is_a_reason(store):
    """With the day up to which it holds, and of what."""
    watch(store)
    subscribe(store)
    until = date(2026, 3, 31)
    at = clock_on(FIRST).at()
    with store.writing() as tx:
        subscribing.mute(tx, ANN, nct_id=NUMBER, rule=None, until=until, reason="away", at=at)
    _look_twice(store)
    [why] = _why(store, _raised(store, SLIP)[0], "not owed")
    assert why.endswith(f"muted up to 2026-03-31 ({NUMBER}).")


def test_a_later_subscription_is_a_reason(store):
    """Who subscribed after an alert was raised did not miss it by any wish."""
    _look_twice(store)
    watch(store)
    with store.writing() as tx:
        now = clock_on("2026-03-09").at()
        subscribing.subscribe(
            tx, ANN, "everything", rules=(), min_severity=Severity.LOW, cadence=Cadence(), at=now
        )
    [why] = _why(store, _raised(store, SLIP)[0], "not owed")
    assert "subscribed at 2026-03-09" in why and "after it was raised" in why


@pytest.mark.parametrize(
    ("again", "says"),
    [
        (datetime.fromisoformat("2099-01-01T00:00:00Z"), "after 1 try; the last said: no such box"),
        (None, "given up after 1 try; the last said: no such box"),
    ],
    ids=["again", "never"],
)
def test_what_became_of_a_message_is_told(store, again, says):
    """Tried and to be tried again, or given up; with what the other side said."""
    watch(store)
    subscribe(store)
    _look_twice(store)
    _fail(store, again)
    [owed] = _why(store, _raised(store, SLIP)[0], "owed")
    assert says in owed


def test_what_is_inhibited_says_by_what(store):
    """The weightier rule, why it is so, and that nobody was sent it."""
    watch(store)
    subscribe(store)
    _look_twice(store, overall_status="COMPLETED")
    [alert_id] = _raised(store, SLIP)
    [inhibited] = _why(store, alert_id, "inhibited")
    assert inhibited.startswith("Inhibited by completed, which told of the same study")
    assert _why(store, alert_id, "owed") == []
    assert _why(store, alert_id, "not owed")[0].endswith(": it is inhibited.")


def test_a_member_of_a_summary_says_so(store):
    """It was told as part of one alert, to whoever was owed that one."""
    watch(store)
    subscribe(store)
    look(store, *studies(60, **OPEN), today=FIRST)
    look(store, *studies(60, **SLIPPED), flood_limit=59)
    with store.reading() as tx:
        [member] = alerts_raised(tx, Filter(nct_ids=[NUMBER], rules=[SLIP]))
    assert _why(store, member.id, "summary")[0].startswith(
        f"It is one of 60 that alert {member.summary_id} sums up"
    )
    assert len(_why(store, member.id, "owed")) == 1
    assert "It sums up 60 alerts" in _why(store, member.summary_id, "summary")[0]


def test_a_released_look_says_so(store):
    """Its alerts were held, and somebody gave a reason to raise them."""
    many = {**SLIPPED, "last_update_posted_date": FIRST}
    look(store, *studies(400, **OPEN), today=FIRST)
    look(store, *studies(400, **many))
    with store.reading() as tx:
        [sweep] = recent_sweeps(tx, 1)
    release(store, sweep.id, reason="it is so", who="ann", flood_limit=1000, clock=clock_on(TODAY))
    [held] = _why(store, _raised(store, SLIP)[0], "held")
    assert held == f"The alerts of sweep {sweep.id} were held, and released: it is so."


def test_every_message_that_bears_an_alert_is_found(store):
    """And none whose alerts only have its digits among theirs."""
    watch(store)
    subscribe(store)
    for number in range(1, 13):
        more = {"enrollment": 100 + number, "last_update_posted_date": f"2026-03-{number:02}"}
        look(store, a_payload(**{**OPEN, **more}), today=f"2026-03-{number:02}")
    ids = _raised(store, "enrollment-changed")
    assert {1, 11} <= set(ids)
    with store.reading() as tx:
        assert [len(debts.owed_for(tx, [alert_id])) for alert_id in ids] == [1] * len(ids)


def test_no_such_alert_is_said(store):
    """With where to find which there are."""
    with store.reading() as tx, pytest.raises(CommandWrong, match="there is no alert 7"):
        explain_alert(tx, 7, tuning=Tuning(), clock=clock_on(TODAY))
