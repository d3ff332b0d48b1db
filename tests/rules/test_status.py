"""Changes of the overall status."""

from itertools import permutations

import pytest

from ctmonitor.records import ENDED, LAPSING, STOPPED, OverallStatus
from ctmonitor.rules.status import teller
from tests.rules.made import headlines, told

STATUSES = (None, *OverallStatus)
LONG = "The sponsor decided to stop because too few took part, " * 4


@pytest.mark.parametrize("before", STATUSES)
def test_every_change_is_told_once(before):
    """Whatever the two statuses are, one alert tells the change, by the rule that is to tell it."""
    for after in STATUSES:
        alerts = told({"overall_status": before}, {"overall_status": after})
        expected = [] if before is after else [teller(before, after)]
        assert [alert.rule for alert in alerts] == expected


def test_every_rule_has_its_turn():
    """Each of the seven rules tells some change of status."""
    rules = {teller(before, after) for before, after in permutations(STATUSES, 2)}
    assert rules == {
        "stopped",
        "became-unknown",
        "left-unknown",
        "completed",
        "resumed",
        "record-revealed",
        "status-changed",
    }


def test_only_the_open_resume():
    """A study resumes from a stop or an end into an open status, and from nowhere else."""
    resumed = {pair for pair in permutations(STATUSES, 2) if teller(*pair) == "resumed"}
    closed = STOPPED | ENDED | {OverallStatus.TEMPORARILY_NOT_AVAILABLE}
    opened = LAPSING | {OverallStatus.AVAILABLE}
    assert resumed == {(before, after) for before in closed for after in opened}


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("UNKNOWN", "TERMINATED", "stopped"),
        ("SUSPENDED", "UNKNOWN", "became-unknown"),
        ("UNKNOWN", "COMPLETED", "left-unknown"),
        ("SUSPENDED", "COMPLETED", "completed"),
        ("AVAILABLE", "NO_LONGER_AVAILABLE", "status-changed"),
        ("TERMINATED", "NOT_YET_RECRUITING", "resumed"),
        ("WITHHELD", "TERMINATED", "record-revealed"),
        ("UNKNOWN", "WITHHELD", "status-changed"),
    ],
)
def test_the_weightier_word_tells(before, after, rule):
    """Where two rules could tell a change, the one whose word weighs more does."""
    assert [
        alert.rule for alert in told({"overall_status": before}, {"overall_status": after})
    ] == [rule]


def test_a_rule_switched_off_is_silent():
    """No other rule speaks for the one that is switched off."""
    before, after = {"overall_status": "RECRUITING"}, {"overall_status": "COMPLETED"}
    assert told(before, after, completed={"enabled": False}) == ()


def test_headline_says_both():
    """The headline gives the status now and before, in the registry's words."""
    found = headlines({"overall_status": "RECRUITING"}, {"overall_status": "COMPLETED"})
    assert found == ["Now COMPLETED; was RECRUITING"]


def test_headline_says_a_missing_status():
    """A status that appears or disappears is said in words."""
    assert headlines({}, {"overall_status": "RECRUITING"}) == [
        "Now RECRUITING; was without a status"
    ]
    assert headlines({"overall_status": "RECRUITING"}, {}) == [
        "Now without a status; was RECRUITING"
    ]


def test_headline_says_when_the_registry_did_it():
    """A change without a new posting is said to be the registry's own."""
    posted = {"last_update_posted_date": "2026-01-30"}
    before, after = {"overall_status": "RECRUITING"}, {"overall_status": "WITHHELD"}
    assert headlines({**before, **posted}, {**after, **posted}) == [
        "Now WITHHELD; was RECRUITING (by the registry itself)"
    ]


def test_stop_gives_the_reason():
    """A stop carries the sponsor's reason on one line."""
    after = {"overall_status": "SUSPENDED", "why_stopped": "No\n supply."}
    (alert,) = told({"overall_status": "UNKNOWN", "last_known_status": "RECRUITING"}, after)
    assert alert.headline == "Now SUSPENDED; was UNKNOWN: No supply."
    assert {"why_stopped": "No\n supply."} in alert.evidence


def test_long_reason_is_cut_only_in_the_headline():
    """A long reason is cut to a hundred characters; the evidence holds all of it."""
    after = {"overall_status": "TERMINATED", "why_stopped": LONG}
    (alert,) = told({"overall_status": "RECRUITING"}, after)
    assert len(alert.headline) <= 100
    assert alert.headline.endswith("…")
    assert {"why_stopped": LONG} in alert.evidence


def test_stop_without_a_reason_says_so():
    """Where the sponsor gives no reason, the headline says that."""
    found = headlines({"overall_status": "RECRUITING"}, {"overall_status": "WITHDRAWN"})
    assert found == ["Now WITHDRAWN; was RECRUITING; no reason given"]


def test_completed_gives_its_dates():
    """The completion dates are in the evidence of a study's end."""
    after = {"overall_status": "COMPLETED", "completion_date": "2026-01"}
    before = {"overall_status": "RECRUITING", "completion_date": "2026-01"}
    (alert,) = told(before, after)
    assert {"completion_date": "2026-01"} in alert.evidence


def test_resumed_keeps_the_earlier_reason():
    """The reason of the stop that is over is in the evidence."""
    before = {"overall_status": "SUSPENDED", "why_stopped": "No supply."}
    (alert,) = told(before, {"overall_status": "RECRUITING"})
    assert {"why_stopped_before": "No supply."} in alert.evidence


def test_reason_headlines():
    """A reason given, changed and taken away are said differently."""
    status = {"overall_status": "TERMINATED"}
    one, other = {**status, "why_stopped": "No supply."}, {**status, "why_stopped": "No money."}
    assert headlines(status, one) == ["Reason for stopping now given: No supply."]
    assert headlines(one, other) == ["Reason for stopping changed: No money."]
    assert headlines(one, status) == ["Reason for stopping taken away; was: No supply."]
