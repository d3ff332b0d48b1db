"""Who joins or leaves a watch list is told to that list's subscribers, and to nobody else."""

from __future__ import annotations

from datetime import date

import pytest

from ctmonitor.alerts import Alert, Severity, Told, fold
from ctmonitor.watches import MOST_MEMBERS_TOLD, Mute, Subscription, WatchList, route

TODAY = date(2026, 3, 2)
NUMBER = "NCT00000001"
ALL = WatchList("everything", is_all=True)
ONCOLOGY = WatchList("oncology", is_all=False)
RARE = WatchList("rare", is_all=False, nct_ids=frozenset({NUMBER}))


def _left(watch_list: WatchList = ONCOLOGY, nct_id: str = NUMBER) -> Alert:
    name = watch_list.name
    return Alert("left-watch", nct_id, "Left", Severity.NORMAL, name, ({"watch_list": name},))


def _wish(watch_list: WatchList, subscriber: int = 1, **more) -> Subscription:
    return Subscription(subscriber, f"p{subscriber}@x.example", watch_list, **more)


def _many(count: int, watch_list: WatchList) -> list[Alert]:
    return [_left(watch_list, f"NCT{n:08d}") for n in range(1, count + 1)]


def test_a_study_that_left_is_told_to_the_list_it_left():
    """Though the list holds it no more; a list of everything, or one that holds it, is silent."""
    wishes = [_wish(ONCOLOGY, 1), _wish(RARE, 2), _wish(ALL, 3)]
    [owed] = route([Told(_left())], wishes, TODAY)
    assert (owed.subscriber_id, owed.alerts, owed.lists) == (1, (_left(),), ("oncology",))


def test_a_subscriber_of_two_lists_hears_of_each_by_its_name():
    """Two lists left are two alerts in one digest."""
    alerts = (_left(ONCOLOGY), _left(RARE))
    [owed] = route([Told(one) for one in alerts], [_wish(ONCOLOGY), _wish(RARE)], TODAY)
    assert (owed.alerts, owed.lists) == (alerts, ("oncology", "rare"))


@pytest.mark.parametrize(
    "refusal",
    [
        {"rules": frozenset({"stopped"})},
        {"min_severity": Severity.HIGH},
        {"mutes": (Mute(TODAY, nct_id=NUMBER),)},
        {"mutes": (Mute(TODAY, rule="left-watch"),)},
    ],
)
def test_what_a_subscriber_refused_is_not_told(refusal):
    """Rules, severity and mutes count as for every other alert."""
    assert _wish(ONCOLOGY).wants(_left(), TODAY)
    assert not _wish(ONCOLOGY, **refusal).wants(_left(), TODAY)


def test_a_flood_of_one_list_is_told_to_nobody_else():
    """Each list has a summary of its own, and its subscribers get only that."""
    count = MOST_MEMBERS_TOLD + 1
    told = fold(
        [*_many(count, ONCOLOGY), *_many(count + 1, RARE)], flood_limit=50, occasion="sweep 1"
    )
    owed = route(told, [_wish(ONCOLOGY, 1), _wish(RARE, 2), _wish(ALL, 3)], TODAY)
    assert [[alert.headline for alert in one.alerts] for one in owed] == [
        ["51 studies at once: left-watch (oncology)"],
        ["52 studies at once: left-watch (rare)"],
    ]


def _renamed(count: int) -> tuple[Told, ...]:
    alerts = [
        Alert("sponsor-changed", f"NCT{n:08d}", "Now B; was A", Severity.NORMAL, "x").of_one_fact(
            "lead sponsor A -> B"
        )
        for n in range(1, count + 1)
    ]
    return fold(alerts, flood_limit=1_000, occasion="sweep 1")


@pytest.mark.parametrize("watched", [1, 2, 4])
def test_one_fact_is_heard_as_one_line(watched):
    """However few of its studies a subscriber watches, the summary says it all."""
    numbers = frozenset(f"NCT{n:08d}" for n in range(1, watched + 1))
    [told] = _renamed(4)
    [owed] = route([told], [_wish(WatchList("mine", is_all=False, nct_ids=numbers))], TODAY)
    assert (owed.alerts, owed.lists) == ((told.alert,), ("mine",))


def test_one_fact_of_others_is_not_heard():
    """Who watches none of its studies, or refused the rule, hears nothing."""
    elsewhere = WatchList("mine", is_all=False, nct_ids=frozenset({"NCT00000009"}))
    refused = (Mute(TODAY, rule="sponsor-changed"),)
    assert route(_renamed(4), [_wish(elsewhere), _wish(ALL, 2, mutes=refused)], TODAY) == ()
