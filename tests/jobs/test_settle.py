"""What a look found is raised once, folded when it is a flood, and owed to who wants it."""

from __future__ import annotations

import pytest

from ctmonitor.alerts import Severity
from ctmonitor.store import watching
from ctmonitor.store.questions import Filter, alerts_raised
from tests.builders import NUMBER, a_payload
from tests.jobs.asking import ANN, NOW, every_alert, owed, subscribe, told, watch
from tests.looks import look, studies

OTHER = "NCT00000002"


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
        watching.mute(tx, ANN, nct_id=nct_id, rule=rule, until=until, reason="known", at=NOW)
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
    assert owed(store) == [(ANN, [(None, "mass-change")], ["everything"])]
