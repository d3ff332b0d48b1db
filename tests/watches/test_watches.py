"""Who is told of what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ctmonitor.alerts import Alert, Severity, Told
from ctmonitor.watches import MOST_MEMBERS_TOLD, Cadence, Mute, Subscription, WatchList, route

TODAY = date(2026, 3, 2)
ALL = WatchList("all", is_all=True)


def _alert(number: int | None = 1, rule: str = "stopped", severity: str = "high") -> Alert:
    nct_id = None if number is None else _nct(number)
    return Alert(rule, nct_id, "Now TERMINATED", Severity(severity), f"{rule} {number}")


def _nct(number: int) -> str:
    return f"NCT{number:08d}"


def _mine(*numbers: int, name: str = "mine") -> WatchList:
    return WatchList(name, is_all=False, nct_ids=frozenset(map(_nct, numbers)))


def _wish(watch_list: WatchList = ALL, subscriber: int = 1, **more) -> Subscription:
    return Subscription(subscriber, f"p{subscriber}@x.example", watch_list, **more)


def _told(alerts, wishes) -> dict[str, tuple[list[Alert], tuple[str, ...]]]:
    facts = [one if isinstance(one, Told) else Told(one) for one in alerts]
    owed = route(facts, wishes, TODAY)
    return {one.address: (list(one.alerts), one.lists) for one in owed}


def test_a_list_of_everything_holds_every_study_and_none():
    """A whole sweep's alert belongs to the list of everything."""
    assert ALL.holds(_nct(1)) and ALL.holds(None)


def test_a_list_of_numbers_holds_those():
    """Not another study, and no alert about a whole sweep."""
    assert [_mine(1).holds(one) for one in (_nct(1), _nct(2), None)] == [True, False, False]


@pytest.mark.parametrize(
    ("mute", "is_silent"),
    [
        (Mute(TODAY), True),
        (Mute(date(2026, 3, 1)), False),
        (Mute(date(2027, 1, 1), nct_id=_nct(1)), True),
        (Mute(TODAY, nct_id=_nct(2)), False),
        (Mute(TODAY, rule="stopped"), True),
        (Mute(TODAY, rule="completed"), False),
        (Mute(TODAY, nct_id=_nct(1), rule="stopped"), True),
        (Mute(TODAY, nct_id=_nct(1), rule="completed"), False),
    ],
)
def test_a_mute_silences_what_it_names(mute, is_silent):
    """Up to and including its last day, the study and the rule that it names."""
    assert mute.silences(_alert(), TODAY) is is_silent
    assert _wish(mutes=(mute,)).wants(_alert(), TODAY) is not is_silent


@pytest.mark.parametrize("least", list(Severity))
@pytest.mark.parametrize("severity", list(Severity))
def test_a_subscriber_hears_from_their_least_severity_up(least, severity):
    """The order is critical, high, normal, low."""
    order = ["critical", "high", "normal", "low"]
    wish = _wish(min_severity=least)
    is_told = order.index(severity) <= order.index(least)
    assert wish.wants(_alert(severity=severity), TODAY) is is_told


def test_rules_limit_what_is_heard():
    """No rules mean all of them; some mean those."""
    assert _wish().wants(_alert(rule="completed"), TODAY)
    assert not _wish(rules=frozenset({"stopped"})).wants(_alert(rule="completed"), TODAY)


def test_each_subscriber_gets_one_entry():
    """All that a subscriber wants, once, in the order in which it was raised."""
    alerts = [_alert(1), _alert(2, "completed"), _alert(3)]
    wishes = [_wish(), _wish(_mine(2, 3), subscriber=2), _wish(_mine(9), subscriber=3)]
    assert _told(alerts, wishes) == {
        "p1@x.example": (alerts, ("all",)),
        "p2@x.example": (alerts[1:], ("mine",)),
    }


def test_a_rule_for_one_list_tells_its_subscribers_of_the_studies_on_it():
    """What is for one list is nobody else's, and no news of a study that is not on it."""
    on, off = (
        replace(_alert(number, "my-rule"), evidence=({"watch_list": "mine"},)) for number in (1, 2)
    )
    wishes = _wish(_mine(1)), _wish(ALL, 2), _wish(_mine(1, 2, name="other"), 3)
    assert _told([on, off], wishes) == {"p1@x.example": ([on], ("mine",))}


def test_a_study_that_left_a_list_is_told_of_though_it_is_not_on_it():
    """Who left is the list's news."""
    left = replace(_alert(2, "left-watch"), evidence=({"watch_list": "mine"},))
    assert _told([left], [_wish(_mine(1))]) == {"p1@x.example": ([left], ("mine",))}


def test_an_alert_wanted_through_two_lists_is_told_once():
    """Both lists are named, and a list that brought nothing is not."""
    wishes = [_wish(_mine(1, name=name)) for name in ("a", "b")] + [_wish(_mine(2, name="c"))]
    assert _told([_alert(1)], wishes) == {"p1@x.example": ([_alert(1)], ("a", "b"))}


def test_what_one_wish_refuses_another_may_want():
    """The strictest wish of a subscriber does not silence the others."""
    wishes = [_wish(min_severity=Severity.CRITICAL), _wish(_mine(1))]
    assert _told([_alert(1)], wishes) == {"p1@x.example": ([_alert(1)], ("mine",))}


@pytest.mark.parametrize("extra", [0, 1])
def test_a_summary_is_told_beyond_so_many_members(extra):
    """Up to fifty members are told one by one; one more, and it is the summary."""
    members = tuple(_alert(n) for n in range(1, 200))
    watched = _mine(*range(1, MOST_MEMBERS_TOLD + 1 + extra))
    summary = Told(_alert(None), members)
    alerts, lists = _told([summary], [_wish(watched)])["p1@x.example"]
    assert alerts == ([_alert(None)] if extra else list(members[:MOST_MEMBERS_TOLD]))
    assert lists == ("mine",)


def test_a_summary_without_one_wanted_member_is_not_told():
    """A flood of studies that nobody watches reaches nobody."""
    summary = Told(_alert(None), tuple(_alert(n) for n in range(1, 200)))
    assert (
        _told([summary], [_wish(_mine(900)), _wish(min_severity=Severity.CRITICAL, subscriber=2)])
        == {}
    )


def test_a_muted_study_does_not_count_in_a_summary():
    """What is muted is not among the members a subscriber is told of."""
    summary = Told(_alert(None), (_alert(1), _alert(2)))
    wish = _wish(mutes=(Mute(TODAY, nct_id=_nct(1)),))
    assert _told([summary], [wish])["p1@x.example"][0] == [_alert(2)]


def test_nobody_is_told_of_nothing():
    """Without alerts or without subscribers nothing is owed."""
    assert route([], [_wish()], TODAY) == () and route([Told(_alert())], [], TODAY) == ()


def test_each_alert_comes_with_the_soonest_wish_that_wants_it():
    """What a list at once and a list once a day both want is told at once; the rest is gathered."""
    soon = _wish(_mine(1, name="soon"), cadence=Cadence.parse("run"))
    daily = _wish(_mine(1, 2, name="slow"), cadence=Cadence.parse("daily 08:00"))
    owed = route([Told(_alert(1)), Told(_alert(2))], [daily, soon], TODAY)
    assert [(str(one.cadence), [alert.nct_id for alert in one.alerts]) for one in owed] == [
        ("run", [_nct(1)]),
        ("daily 08:00", [_nct(2)]),
    ]
    assert [one.lists for one in owed] == [("slow", "soon"), ("slow",)]


def test_at_once_is_a_message_a_study():
    """Two alerts of one study go together, two studies do not."""
    wish = _wish(cadence=Cadence.parse("now"))
    told = [Told(_alert(1)), Told(_alert(2)), Told(_alert(1, rule="completed"))]
    owed = route(told, [wish], TODAY)
    assert [[alert.nct_id for alert in one.alerts] for one in owed] == [
        [_nct(1), _nct(1)],
        [_nct(2)],
    ]


def test_what_is_inhibited_is_owed_to_nobody():
    """It is kept, and told by the weightier rule."""
    assert route([Told(_alert(1).inhibited("stopped", "why"))], [_wish()], TODAY) == ()
