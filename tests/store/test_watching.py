"""Watch lists, subscribers and their wishes, as they are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ctmonitor.alerts import Severity
from ctmonitor.errors import CommandWrong
from ctmonitor.store import watching
from ctmonitor.watches import Mute, WatchList

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANN = "ann@clinic.example"
ONE, TWO, THREE = (f"NCT0000000{n}" for n in (1, 2, 3))


@pytest.fixture
def tx(store):
    """A transaction to write in."""
    with store.writing() as tx:
        yield tx


def _add(tx, name: str, *nct_ids: str, is_all: bool = False) -> bool:
    return watching.add_watch_list(tx, WatchList(name, is_all, frozenset(nct_ids)), NOW)


def _subscribe(tx, name: str, *rules: str, least: Severity = Severity.LOW) -> None:
    watching.subscribe(tx, ANN, name, rules=rules, min_severity=least, cadence="run", at=NOW)


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
    assert [one.watch_list for one in watching.wishes(tx)] == ["two"]


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
    [found] = watching.all_subscriptions(tx)
    assert (found.address, found.watch_list.name) == (ANN, "mine")
    assert (found.rules, found.min_severity) == ({"stopped", "completed"}, Severity.HIGH)
    [wish] = watching.wishes(tx)
    assert (wish.rules, wish.cadence) == (("completed", "stopped"), "run")


def test_a_wish_said_again_replaces_the_first(tx):
    """One subscriber has one wish about one list, the newest."""
    _add(tx, "mine", ONE)
    _subscribe(tx, "mine", "stopped")
    _subscribe(tx, "mine")
    [found] = watching.all_subscriptions(tx)
    assert found.rules is None


@pytest.mark.parametrize(("name", "left"), [("one", 1), (None, 0)])
def test_a_subscriber_leaves_one_list_or_all(tx, name, left):
    """Leaving tells how many wishes there were."""
    for one in ("one", "two"):
        _add(tx, one, ONE)
        _subscribe(tx, one)
    assert watching.unsubscribe(tx, ANN, name) == 2 - left
    assert len(watching.wishes(tx)) == left


def test_leaving_what_one_never_joined_is_nothing(tx):
    """An address that nobody knows leaves no list."""
    _add(tx, "mine", ONE)
    assert watching.unsubscribe(tx, "bob@clinic.example", "mine") == 0


def test_a_mute_is_kept_with_every_wish_of_its_subscriber(tx):
    """It holds on all of the subscriber's lists."""
    for name in ("one", "two"):
        _add(tx, name, ONE)
        _subscribe(tx, name)
    until = date(2026, 4, 1)
    watching.mute(tx, ANN, nct_id=ONE, rule=None, until=until, reason="known", at=NOW)
    found = [one.mutes for one in watching.all_subscriptions(tx)]
    assert found == [(Mute(until, ONE),), (Mute(until, ONE),)]


def test_who_subscribes_to_nothing_cannot_mute(tx):
    """There is nothing to mute, and the sentence says so."""
    with pytest.raises(CommandWrong, match="nothing to mute"):
        watching.mute(tx, ANN, nct_id=ONE, rule=None, until=date(2026, 4, 1), reason="", at=NOW)


def test_a_list_of_many_thousand_numbers_is_kept(tx):
    """A whole portfolio fits, and can be dropped again."""
    numbers = [f"NCT{n:08d}" for n in range(1, 40_001)]
    _add(tx, "portfolio", *numbers)
    assert len(watching.watch_list(tx, "portfolio").nct_ids) == 40_000
    assert watching.drop_members(tx, "portfolio", numbers) == 40_000
