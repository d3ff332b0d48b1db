"""Watch lists, subscribers and their wishes, as they are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ctmonitor.alerts import Severity
from ctmonitor.errors import CommandWrong
from ctmonitor.store import subscribing, watching
from ctmonitor.store.schema import former_numbers
from ctmonitor.watches import Cadence, Mute, Question, WatchList

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANN = "ann@clinic.example"
ONE, TWO, THREE, FOUR = (f"NCT0000000{n}" for n in (1, 2, 3, 4))


@pytest.fixture
def tx(store):
    """A transaction to write in."""
    with store.writing() as tx:
        yield tx


def _add(tx, name: str, *nct_ids: str, is_all: bool = False) -> bool:
    return watching.add_watch_list(tx, WatchList(name, is_all, frozenset(nct_ids)), NOW)


def _subscribe(tx, name: str, *rules: str, least: Severity = Severity.LOW) -> None:
    subscribing.subscribe(tx, ANN, name, rules=rules, min_severity=least, cadence=Cadence(), at=NOW)


def test_a_watch_list_is_kept(tx):
    """Its numbers, or that it is about everything."""
    assert _add(tx, "mine", ONE, TWO) and _add(tx, "all", is_all=True)
    assert watching.all_watch_lists(tx) == [
        WatchList("all", is_all=True),
        WatchList("mine", is_all=False, nct_ids=frozenset({ONE, TWO})),
    ]
    assert watching.watch_list(tx, "mine").holds(ONE)


def test_numbers_are_added_to_a_list_that_is_there(tx):
    """Once each, and the list is not new."""
    _add(tx, "mine", ONE, TWO)
    assert not _add(tx, "mine", TWO, THREE)
    assert watching.watch_list(tx, "mine").nct_ids == {ONE, TWO, THREE}


@pytest.mark.parametrize("is_all", [True, False])
def test_a_list_of_numbers_is_not_made_one_of_everything(tx, is_all):
    """Nor the other way round; the sentence says what to do."""
    _add(tx, "mine", *(() if is_all else (ONE,)), is_all=is_all)
    with pytest.raises(CommandWrong, match="choose another name, or remove it first"):
        _add(tx, "mine", *((ONE,) if is_all else ()), is_all=not is_all)


def test_numbers_are_taken_off(tx):
    """Only those that were on it count."""
    _add(tx, "mine", ONE, TWO)
    assert watching.drop_members(tx, "mine", [ONE, THREE]) == 1
    assert watching.watch_list(tx, "mine").nct_ids == {TWO}


def test_a_removed_list_takes_its_subscriptions_along(tx):
    """Other lists and their subscriptions stay."""
    for name in ("one", "two"):
        _add(tx, name, ONE)
        _subscribe(tx, name)
    watching.remove_watch_list(tx, "one")
    assert [one.watch_list for one in subscribing.wishes(tx)] == ["two"]


@pytest.mark.parametrize(
    "act",
    [
        lambda tx: watching.watch_list(tx, "none"),
        lambda tx: watching.remove_watch_list(tx, "none"),
        lambda tx: watching.drop_members(tx, "none", [ONE]),
        lambda tx: _subscribe(tx, "none"),
    ],
    ids=["show", "remove", "drop", "subscribe"],
)
def test_a_list_that_is_not_there_is_named(tx, act):
    """One sentence with the name, and the command that shows the lists."""
    with pytest.raises(CommandWrong, match="there is no watch list 'none'"):
        act(tx)


def test_a_wish_is_kept(tx):
    """Rules, severity and list, ready to be asked what it wants."""
    _add(tx, "mine", ONE)
    _subscribe(tx, "mine", "stopped", "completed", least=Severity.HIGH)
    [found] = subscribing.all_subscriptions(tx)
    assert (found.address, found.watch_list.name) == (ANN, "mine")
    assert (found.rules, found.min_severity) == ({"stopped", "completed"}, Severity.HIGH)
    [wish] = subscribing.wishes(tx)
    assert (wish.rules, wish.cadence) == (("completed", "stopped"), "run")


def test_a_wish_said_again_replaces_the_first(tx):
    """One subscriber has one wish about one list, the newest."""
    _add(tx, "mine", ONE)
    _subscribe(tx, "mine", "stopped")
    _subscribe(tx, "mine")
    [found] = subscribing.all_subscriptions(tx)
    assert found.rules is None


@pytest.mark.parametrize(("name", "left"), [("one", 1), (None, 0)])
def test_a_subscriber_leaves_one_list_or_all(tx, name, left):
    """Leaving tells how many wishes there were."""
    for one in ("one", "two"):
        _add(tx, one, ONE)
        _subscribe(tx, one)
    assert subscribing.unsubscribe(tx, ANN, name) == 2 - left
    assert len(subscribing.wishes(tx)) == left


def test_leaving_what_one_never_joined_is_nothing(tx):
    """An address that nobody knows leaves no list."""
    _add(tx, "mine", ONE)
    assert subscribing.unsubscribe(tx, "bob@clinic.example", "mine") == 0


def test_a_mute_is_kept_with_every_wish_of_its_subscriber(tx):
    """It holds on all of the subscriber's lists."""
    for name in ("one", "two"):
        _add(tx, name, ONE)
        _subscribe(tx, name)
    until = date(2026, 4, 1)
    subscribing.mute(tx, ANN, nct_id=ONE, rule=None, until=until, reason="known", at=NOW)
    found = [one.mutes for one in subscribing.all_subscriptions(tx)]
    assert found == [(Mute(until, ONE),), (Mute(until, ONE),)]


def test_who_subscribes_to_nothing_cannot_mute(tx):
    """There is nothing to mute, and the sentence says so."""
    with pytest.raises(CommandWrong, match="nothing to mute"):
        subscribing.mute(tx, ANN, nct_id=ONE, rule=None, until=date(2026, 4, 1), reason="", at=NOW)


def test_a_list_of_many_thousand_numbers_is_kept(tx):
    """A whole portfolio fits, and can be dropped again."""
    numbers = [f"NCT{n:08d}" for n in range(1, 40_001)]
    _add(tx, "portfolio", *numbers)
    assert len(watching.watch_list(tx, "portfolio").nct_ids) == 40_000
    assert watching.drop_members(tx, "portfolio", numbers) == 40_000


def _ask(tx, name: str = "asked", condition: str = "hay fever") -> bool:
    question = Question.of(condition=condition)
    return watching.add_watch_list(tx, WatchList(name, is_all=False, question=question), NOW)


def _answer(tx, *nct_ids: str, release: str = "2026-03-02T09:00:05"):
    return watching.answered(tx, "asked", frozenset(nct_ids), release, NOW)


def test_a_question_is_kept_with_its_list(tx):
    """It comes back as it was asked, and the list has no study before an answer."""
    assert _ask(tx)
    question = Question.of(condition="hay fever")
    assert watching.all_watch_lists(tx) == [WatchList("asked", is_all=False, question=question)]
    assert watching.asked_release(tx, "asked") is None


def test_the_same_question_again_changes_nothing(tx):
    """The list is not new, and keeps its studies."""
    _ask(tx)
    _answer(tx, ONE)
    assert not _ask(tx)
    assert watching.watch_list(tx, "asked").nct_ids == {ONE}


@pytest.mark.parametrize(
    "act",
    [
        lambda tx: _ask(tx, condition="asthma"),
        lambda tx: _add(tx, "asked", ONE),
        lambda tx: _add(tx, "asked", is_all=True),
        lambda tx: _ask(tx, "numbers"),
        lambda tx: _ask(tx, "all"),
    ],
    ids=["another question", "numbers", "everything", "numbers are there", "everything is there"],
)
def test_what_a_list_watches_is_not_changed(tx, act):
    """The sentence says what it watches and what to do, and nothing is written."""
    _ask(tx)
    _add(tx, "numbers", TWO)
    _add(tx, "all", is_all=True)
    before = watching.all_watch_lists(tx)
    with pytest.raises(CommandWrong, match=r"watches .*; choose another name, or remove it first"):
        act(tx)
    assert watching.all_watch_lists(tx) == before


def test_numbers_are_not_taken_off_a_question(tx):
    """Its next answer would bring them back; the sentence says what to do instead."""
    _ask(tx)
    _answer(tx, ONE)
    with pytest.raises(CommandWrong, match="subscribe mute"):
        watching.drop_members(tx, "asked", [ONE])
    assert watching.watch_list(tx, "asked").nct_ids == {ONE}


def test_nothing_joins_or_leaves_by_the_first_answer(tx):
    """It is where the list begins."""
    _ask(tx)
    assert _answer(tx, ONE, TWO) == (frozenset(), frozenset())
    assert watching.watch_list(tx, "asked").nct_ids == {ONE, TWO}
    assert watching.asked_release(tx, "asked") == "2026-03-02T09:00:05"


def test_an_answer_tells_who_joined_and_who_left(tx):
    """The list is then exactly what answered; an empty first answer was an answer too."""
    _ask(tx)
    _answer(tx)
    assert _answer(tx, ONE, TWO) == ({ONE, TWO}, frozenset())
    assert _answer(tx, TWO, THREE, release="2026-03-03T09:00:05") == ({THREE}, {ONE})
    assert watching.watch_list(tx, "asked").nct_ids == {TWO, THREE}
    assert watching.asked_release(tx, "asked") == "2026-03-03T09:00:05"


def test_an_answer_touches_no_other_list(tx):
    """A study stays on the lists whose question it still answers."""
    _ask(tx)
    _answer(tx, ONE)
    _add(tx, "mine", ONE, TWO)
    _answer(tx, THREE)
    assert watching.watch_list(tx, "mine").nct_ids == {ONE, TWO}


def test_an_answer_of_many_thousand_is_kept(tx):
    """In as many statements as it takes."""
    _ask(tx)
    numbers = [f"NCT{n:08d}" for n in range(1, 2_002)]
    _answer(tx, *numbers)
    joined, left = _answer(tx, *numbers[1_001:], "NCT09999999")
    assert (len(joined), len(left)) == (1, 1_001)


def test_only_a_question_is_answered(tx):
    """A list of numbers is never emptied by mistake; a list that is gone is named."""
    _add(tx, "asked", ONE)
    with pytest.raises(ValueError, match="follows no question"):
        _answer(tx, TWO)
    watching.remove_watch_list(tx, "asked")
    with pytest.raises(CommandWrong, match="there is no watch list 'asked'"):
        _answer(tx, TWO)


def _merge(tx, alias: str, nct_id: str) -> None:
    row = {"alias": alias, "nct_id": nct_id, "seen_at": "2026-03-02T09:00:00.000000Z"}
    tx.connection.execute(former_numbers.insert(), row)


def test_a_merged_number_is_watched_under_its_new_one(tx):
    """The old one stays too, and other lists stay as they are."""
    _add(tx, "mine", ONE)
    _add(tx, "other", THREE)
    _merge(tx, ONE, TWO)
    _merge(tx, TWO, FOUR)
    found = {one.name: one.nct_ids for one in watching.all_watch_lists(tx)}
    assert found == {"mine": {ONE, TWO, FOUR}, "other": {THREE}}


@pytest.mark.parametrize("number", [ONE, TWO])
def test_a_merged_study_is_taken_off_by_either_number(tx, number):
    """Nothing of it is left on the list."""
    _add(tx, "mine", ONE, THREE)
    _merge(tx, ONE, TWO)
    assert watching.drop_members(tx, "mine", [number]) == 1
    assert watching.watch_list(tx, "mine").nct_ids == {THREE}


def test_numbers_that_lead_in_a_circle_end(tx):
    """However the registry came to say so."""
    _add(tx, "mine", ONE)
    _merge(tx, ONE, TWO)
    _merge(tx, TWO, ONE)
    assert watching.watch_list(tx, "mine").nct_ids == {ONE, TWO}


def test_a_new_number_is_no_joining_and_no_leaving(tx):
    """A study that was merged into one that answers, or that got a new number, is still there."""
    _ask(tx)
    _answer(tx, ONE, TWO)
    _merge(tx, ONE, FOUR)
    assert _answer(tx, TWO, FOUR) == (frozenset(), frozenset())
    assert watching.watch_list(tx, "asked").nct_ids == {TWO, FOUR}


def test_a_study_merged_into_one_that_does_not_answer_has_left(tx):
    """Under the number that the list knew."""
    _ask(tx)
    _answer(tx, ONE, TWO)
    _merge(tx, ONE, FOUR)
    assert _answer(tx, TWO) == (frozenset(), {ONE})
