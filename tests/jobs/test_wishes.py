"""Subscribers as a file says them."""

from __future__ import annotations

from typing import Any

import pytest

from ctmonitor.errors import SettingWrong
from ctmonitor.jobs.wishes import apply_wishes, read_wishes
from ctmonitor.rules import Tuning
from ctmonitor.store import subscribing
from tests.jobs.asking import watch
from tests.looks import SetClock

ADA = {"address": "ada@b.example", "watch": ["mine", "yours"], "cadence": "daily 08:00"}


def _apply(store, *tables: dict[str, Any]) -> list[tuple[str, str]]:
    wishes = read_wishes(tables, Tuning())
    changed = apply_wishes(store, wishes, who="ada", usual_zone="UTC", clock=SetClock())
    return [(one["act"], one["watch"]) for one in changed]


def _lists(store) -> dict[tuple[str, str], str]:
    with store.reading() as tx:
        return {(one.address, one.watch_list): one.cadence for one in subscribing.wishes(tx)}


@pytest.fixture(autouse=True)
def lists(store) -> None:
    """Two watch lists to hear about."""
    watch(store, "mine", "NCT00000001")
    watch(store, "yours", "NCT00000002")


def test_a_file_is_made_so_once(store):
    """What it says is subscribed; said again, nothing changes."""
    assert _apply(store, ADA) == [("subscribed", "mine"), ("subscribed", "yours")]
    assert _apply(store, ADA) == []
    assert _lists(store) == dict.fromkeys(
        [("ada@b.example", "mine"), ("ada@b.example", "yours")], "daily 08:00"
    )


def test_what_the_file_says_no_more_ends(store):
    """A list that is taken out is unsubscribed, a key that is taken out is as usual again."""
    _apply(store, {**ADA, "quiet_hours": "22:00-06:00"})
    assert _apply(store, {"address": "ada@b.example", "watch": "mine"}) == [
        ("subscribed", "mine"),
        ("unsubscribed", "yours"),
    ]
    with store.reading() as tx:
        [wish] = subscribing.wishes(tx)
    assert (wish.cadence, wish.quiet) == ("run", None)


def test_whom_the_file_does_not_name_stays(store):
    """Somebody who subscribed from the command line is left alone."""
    _apply(store, ADA)
    _apply(store, {"address": "ben@b.example", "watch": "mine"})
    assert ("ada@b.example", "yours") in _lists(store)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"watch": "mine"}, "address is not given"),
        ({**ADA, "watch": []}, "a list of names"),
        ({**ADA, "cadence": "hourly"}, "daily HH:MM"),
        ({**ADA, "cadence": 5}, "not a text"),
        ({**ADA, "zone": "Mars"}, "not a time zone"),
        ({**ADA, "quiet_hours": "00:00-24:00"}, "no hour"),
        ({**ADA, "rules": ["stoped"]}, "no rule 'stoped'"),
        ({**ADA, "min_severity": "huge"}, "critical, high"),
        ({**ADA, "repeat_days": True}, "whole number"),
        ({**ADA, "escalate_to": "nobody"}, "no address"),
        ({**ADA, "wacth": "mine"}, "no key 'wacth'"),
        ("ada", "not a table"),
    ],
)
def test_every_fault_is_named(table, said):
    """With the place of the subscriber in the file, and all of them at once."""
    with pytest.raises(SettingWrong, match=r"subscribers 1.*subscribers 2") as wrong:
        read_wishes([table, {}], Tuning())
    assert said in str(wrong.value)


def test_one_address_stands_there_once():
    """Two tables of one subscriber would undo each other."""
    with pytest.raises(SettingWrong, match="stands there twice"):
        read_wishes([ADA, ADA], Tuning())
