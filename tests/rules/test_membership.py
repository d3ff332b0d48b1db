"""Studies that join watch lists and leave them."""

from datetime import date

import pytest

from ctmonitor.rules import Membership, Tuning, judge_membership
from tests.builders import NUMBER
from tests.rules.made import facts

MONDAY = date(2026, 3, 2)


def _told(watch_list="oncology", *, is_joined=True, reason="now RECRUITING", **more):
    given = {"facts": None, "data_date": MONDAY, **more}
    return judge_membership(
        Membership(watch_list, NUMBER, is_joined=is_joined, reason=reason, **given), Tuning()
    )


@pytest.mark.parametrize(
    ("is_joined", "rule", "headline"),
    [
        (True, "new-in-watch", "New on oncology: now RECRUITING"),
        (False, "left-watch", "Left oncology: now RECRUITING"),
    ],
)
def test_the_headline_names_list_and_reason(is_joined, rule, headline):
    """One rule for each turn, with the list and why."""
    (alert,) = _told(is_joined=is_joined)
    assert (alert.rule, alert.headline, alert.nct_id) == (rule, headline, NUMBER)
    assert alert.watch_list == "oncology"


def test_the_evidence_says_how_the_study_stands():
    """The list, the reason and the data date, and what is known of the study."""
    study = facts(overall_status="RECRUITING", lead_sponsor="Acme Pharma")
    (alert,) = _told(facts=study)
    assert alert.evidence == (
        {
            "watch_list": "oncology",
            "reason": "now RECRUITING",
            "data_date": "2026-03-02",
            "brief_title": "A made study",
            "lead_sponsor": "Acme Pharma",
            "overall_status": "RECRUITING",
        },
    )


def test_a_long_name_leaves_room_for_the_reason():
    """A list's name is cut in the headline, and whole in the evidence."""
    name = "every study that the group has ever thought of " * 3
    (alert,) = _told(name)
    assert alert.headline.endswith("…: now RECRUITING") and len(alert.headline) <= 100
    assert alert.watch_list == name


def test_list_turn_and_day_make_the_fact():
    """The reason does not; another list, turn or data date does."""
    others = [
        _told("rare"),
        _told(is_joined=False),
        _told(data_date=date(2026, 3, 3)),
        _told(data_date=None),
    ]
    same = {alert.key for found in (_told(), _told(reason="other")) for alert in found}
    assert len(same) == 1
    assert len(same | {alert.key for found in others for alert in found}) == 5
