"""What a look found is raised once, folded when it is a flood, and owed to who wants it."""

from __future__ import annotations

import pytest

from ctmonitor.alerts import Alert, Severity
from ctmonitor.errors import CommandWrong
from ctmonitor.jobs.owner import me
from ctmonitor.jobs.settle import absorb, release, take_over_abandoned
from ctmonitor.store import alerts, holding, subscribing, sweeps
from ctmonitor.store.questions import Filter, alerts_raised, recent_sweeps
from ctmonitor.store.schema import journal
from ctmonitor.store.values import json_value
from tests.builders import NUMBER, a_payload
from tests.jobs.asking import (
    ANN,
    NOW,
    alerts_waiting,
    every_alert,
    owed,
    subscribe,
    told,
    watch,
)
from tests.looks import clock_on, look, studies

OTHER = "NCT00000002"
LATER = clock_on("2026-03-05")
STOPPED = Alert("stopped", NUMBER, "Now TERMINATED", Severity.CRITICAL, "one")
COMPLETED = Alert("completed", OTHER, "Now COMPLETED", Severity.NORMAL, "two")


def _turn(store, before: str, after: str, *, count: int = 1, **plan):
    """Let so many studies turn from one status to another."""
    look(store, *studies(count, overall_status=before))
    return look(store, *studies(count, overall_status=after), **plan)


def test_a_subscriber_gets_one_digest_a_run(store):
    """Two alerts of one look come to one digest, with the list that brought them."""
    watch(store)
    subscribe(store)
    _turn(store, "RECRUITING", "COMPLETED", count=2)
    assert owed(store) == [(ANN, [(NUMBER, "completed"), (OTHER, "completed")], ["everything"])]


def test_a_study_on_two_lists_is_told_once(store):
    """Who watches a study twice hears of it once, with both lists named."""
    for name in ("one", "two"):
        watch(store, name, NUMBER)
        subscribe(store, name)
    _turn(store, "RECRUITING", "COMPLETED")
    assert owed(store) == [(ANN, [(NUMBER, "completed")], ["one", "two"])]


def test_who_watches_other_studies_hears_nothing(store):
    """A watch list without the study brings no digest, and neither does no list at all."""
    watch(store, "other", OTHER)
    subscribe(store, "other")
    _turn(store, "RECRUITING", "COMPLETED")
    assert told(store) == [(NUMBER, "completed")] and owed(store) == []


def test_the_past_is_not_told_to_a_new_subscriber(store):
    """What was raised before someone subscribed is not sent to them."""
    _turn(store, "RECRUITING", "COMPLETED")
    watch(store)
    subscribe(store)
    look(store, a_payload(overall_status="COMPLETED"))
    assert owed(store) == []


@pytest.mark.parametrize(("least", "is_told"), [("critical", False), ("high", True), ("low", True)])
def test_a_subscriber_sets_the_least_severity(store, least, is_told):
    """An alert below what a subscriber asked for is not owed; became-unknown is high."""
    watch(store)
    subscribe(store, min_severity=Severity(least))
    _turn(store, "RECRUITING", "UNKNOWN")
    assert bool(owed(store)) is is_told


@pytest.mark.parametrize(("rules", "is_told"), [(("completed",), True), (("stopped",), False)])
def test_a_subscriber_chooses_rules(store, rules, is_told):
    """Only the rules named are owed."""
    watch(store)
    subscribe(store, rules=rules)
    _turn(store, "RECRUITING", "COMPLETED")
    assert bool(owed(store)) is is_told


@pytest.mark.parametrize(
    ("nct_id", "rule", "until", "is_told"),
    [
        (NUMBER, None, "2026-03-02", False),
        (OTHER, None, "2026-03-02", True),
        (None, "completed", "2026-03-02", False),
        (NUMBER, "stopped", "2026-03-02", True),
        (None, None, "2026-03-01", True),
    ],
)
def test_a_mute_silences_until_its_day(store, nct_id, rule, until, is_told):
    """A mute holds for its study and rule up to and including its last day, as replayed."""
    watch(store)
    subscribe(store)
    until = NOW.date().fromisoformat(until)
    with store.writing() as tx:
        subscribing.mute(tx, ANN, nct_id=nct_id, rule=rule, until=until, reason="known", at=NOW)
    _turn(store, "RECRUITING", "COMPLETED", today="2026-03-02")
    assert bool(owed(store)) is is_told and told(store) == [(NUMBER, "completed")]


def test_a_flood_is_one_summary(store):
    """More alerts of a rule than the limit are one, and each member is kept all the same."""
    watch(store)
    subscribe(store)
    report = _turn(store, "RECRUITING", "COMPLETED", count=60, flood_limit=59)
    assert report.counts.alerts == 1
    assert told(store) == [(None, "completed")]
    assert owed(store) == [(ANN, [(None, "completed")], ["everything"])]
    [member] = every_alert(store, NUMBER)
    assert (member.alert.rule, member.summary_id) == ("completed", 1)


def test_at_the_limit_it_is_no_flood(store):
    """As many alerts as the limit are told one by one."""
    _turn(store, "RECRUITING", "COMPLETED", count=3, flood_limit=3)
    assert len(told(store)) == 3


def test_a_small_watch_list_gets_its_own_of_a_flood(store):
    """Who watches few of the studies in a flood is told of those, not of the flood."""
    watch(store, "mine", OTHER)
    subscribe(store, "mine")
    _turn(store, "RECRUITING", "COMPLETED", count=6, flood_limit=5)
    assert owed(store) == [(ANN, [(OTHER, "completed")], ["mine"])]


def test_a_large_watch_list_gets_the_flood_with_its_name(store):
    """Who watches many, but not all, is told of the flood, and which list brought it."""
    watch(store, "mine", *(f"NCT{n:08d}" for n in range(1, 55)))
    subscribe(store, "mine")
    _turn(store, "RECRUITING", "COMPLETED", count=60, flood_limit=59)
    assert owed(store) == [(ANN, [(None, "completed")], ["mine"])]


def test_a_flood_of_one_rule_hides_no_other(store):
    """Beside a summary, the alerts of other rules are told one by one."""
    befores = studies(4, overall_status="RECRUITING")
    look(store, *befores)
    afters = studies(3, overall_status="COMPLETED")
    look(store, *afters, a_payload(nct_id="NCT00000004", overall_status="UNKNOWN"), flood_limit=2)
    assert sorted(told(store), key=str) == [("NCT00000004", "became-unknown"), (None, "completed")]


def test_two_floods_in_one_place_are_two_summaries(store):
    """The same rule may flood twice, with as many studies, and is told twice."""
    for before, after in (("RECRUITING", "COMPLETED"), ("RECRUITING", "COMPLETED")):
        _turn(store, before, after, count=3, flood_limit=2)
    with store.reading() as tx:
        raised = alerts_raised(tx, Filter(rules=["completed"]))
    assert [one.alert.nct_id for one in raised] == [None, None]


def test_a_first_look_at_many_unknown_studies_is_one_summary(store):
    """A baseline never sends one mail a study."""
    watch(store)
    subscribe(store)
    look(store, *studies(60, overall_status="UNKNOWN"), flood_limit=50)
    assert owed(store) == [(ANN, [(None, "unknown-stale")], ["everything"])]


def test_a_change_by_the_registry_in_most_records_is_told_to_the_operator(store):
    """One alert about the whole sweep, to those who watch everything, and to nobody else."""
    watch(store)
    subscribe(store)
    watch(store, "mine", NUMBER)
    subscribe(store, "mine", address="bob@clinic.example")
    posted = {"last_update_posted_date": "2026-01-01"}
    look(store, *studies(100, study_type="OLD", **posted))
    look(store, *studies(100, study_type="NEW", **posted))
    assert owed(store) == [(ANN, [(None, "mass-change"), (None, "sweep-held")], ["everything"])]


def _hold(store, *found: Alert, owner: str = "") -> int:
    """A look of 2026-03-02 whose alerts wait for a person's word."""
    with store.writing() as tx:
        number = sweeps.begin(
            tx, "a pile", "a pile", today=NOW.date(), owner=owner or me(), now=NOW
        )
        alerts.await_settling(tx, number, found, NOW)
        holding.set_state(tx, number, "held")
    return number


def _release(store, number: int, *, reason: str = "it is so", flood_limit: int = 1000):
    return release(store, number, reason=reason, who="ann", flood_limit=flood_limit, clock=LATER)


def _absorb(store, number: int, *, reason: str = "it was nothing"):
    return absorb(store, number, reason=reason, who="ann", clock=LATER)


def _state(store) -> tuple[str, int]:
    """State and count of alerts of the latest look."""
    with store.reading() as tx:
        [latest] = recent_sweeps(tx, 1)
    return latest.state, latest.counts.alerts


def _last_act(store) -> dict:
    """Who did what last, with its detail, as the journal has it."""
    with store.reading() as tx:
        rows = tx.connection.execute(journal.select().order_by(journal.c.id.desc())).mappings()
        row = rows.first()
    detail = json_value(row["detail"])
    return {"who": row["who"], "act": row["act"], **detail}


def test_a_released_sweep_raises_its_alerts(store):
    """They are raised and owed like those of any look, on the day of the release."""
    watch(store)
    subscribe(store)
    settled = _release(store, _hold(store, STOPPED, COMPLETED, STOPPED))
    assert settled.by_rule == {"completed": 1, "stopped": 1} and settled.alerts == 2
    assert owed(store) == [(ANN, [(NUMBER, "stopped"), (OTHER, "completed")], ["everything"])]
    assert every_alert(store, NUMBER)[0].raised_at.startswith("2026-03-05")
    assert _state(store) == ("released", 2) and alerts_waiting(store) == 0


def test_a_release_folds_floods_and_tells_nothing_twice(store):
    """What was raised before is not raised again; more than the limit is one summary."""
    _release(store, _hold(store, STOPPED))
    many = [Alert("resumed", f"NCT{n:08d}", "Now", Severity.LOW, "x") for n in range(1, 4)]
    settled = _release(store, _hold(store, STOPPED, *many), flood_limit=2)
    assert settled.by_rule == {"resumed": 1}
    assert told(store) == [(NUMBER, "stopped"), (None, "resumed")]


def test_an_absorbed_sweep_is_told_to_nobody(store):
    """Its alerts are forgotten, and nothing is owed."""
    watch(store)
    subscribe(store)
    number = _hold(store, STOPPED, COMPLETED, STOPPED)
    assert _absorb(store, number).by_rule == {"completed": 1, "stopped": 1}
    assert told(store) == [] and owed(store) == [] and alerts_waiting(store) == 0
    assert _state(store) == ("absorbed", 0)


def test_the_journal_says_what_was_forgotten(store):
    """Who, why, how many of which rule, and the studies."""
    number = _hold(store, STOPPED, COMPLETED, Alert("mass-change", None, "", Severity.HIGH, ""))
    _absorb(store, number, reason=" a padded field ")
    act = _last_act(store)
    assert (act["who"], act["act"]) == ("ann", "absorbed a sweep")
    assert (act["sweep"], act["reason"]) == (number, "a padded field")
    assert act["by_rule"] == {"completed": 1, "mass-change": 1, "stopped": 1}
    assert (act["studies"], act["nct_ids"]) == (2, [NUMBER, OTHER])


def test_the_journal_says_what_was_released(store):
    """Who, why and how many."""
    number = _hold(store, STOPPED)
    _release(store, number)
    act = _last_act(store)
    assert (act["who"], act["act"], act["reason"]) == ("ann", "released a sweep", "it is so")
    assert (act["sweep"], act["alerts"]) == (number, 1)


@pytest.mark.parametrize("settle", [_release, _absorb])
def test_only_a_held_sweep_is_settled(store, settle):
    """Neither one that is not there, nor one that finished, nor one settled before."""
    with pytest.raises(CommandWrong, match="there is no sweep 1"):
        settle(store, 1)
    finished = look(store, a_payload()).sweep
    with pytest.raises(CommandWrong, match="is finished, not held"):
        settle(store, finished)
    number = _hold(store, STOPPED)
    settle(store, number)
    with pytest.raises(CommandWrong, match=r"(released|absorbed), not held"):
        settle(store, number)


@pytest.mark.parametrize("settle", [_release, _absorb])
def test_settling_needs_a_reason(store, settle):
    """Spaces are none; the alerts wait on."""
    number = _hold(store, STOPPED)
    with pytest.raises(CommandWrong, match="reason is empty"):
        settle(store, number, reason=" \n")
    assert _state(store) == ("held", 0) and alerts_waiting(store) == 1


@pytest.mark.parametrize("settle", [_release, _absorb])
def test_a_settling_that_fails_did_nothing(store, monkeypatch, settle):
    """State, alerts and journal are written together; after a crash it is done anew, once."""
    number = _hold(store, STOPPED)
    with monkeypatch.context() as patch, pytest.raises(OSError, match="cut off"):
        patch.setattr("ctmonitor.jobs.settle.holding.set_state", _cut_off)
        settle(store, number)
    assert _state(store) == ("held", 0) and told(store) == [] and alerts_waiting(store) == 1
    assert settle(store, number).alerts == 1


def _cut_off(*_, **__):
    raise OSError("cut off")


def test_a_held_sweep_is_not_taken_over(store):
    """Its process ended long ago, and its alerts wait all the same."""
    _hold(store, STOPPED, owner="elsewhere:1:1")
    assert take_over_abandoned(store, flood_limit=1000, clock=LATER) == 0
    look(store, a_payload())
    assert told(store) == [] and alerts_waiting(store) == 1
