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
