"""The alert about a look whose alerts wait."""

from datetime import date

import pytest

from ctmonitor.alerts import Severity
from ctmonitor.rules import HeldBack, Tuning, judge_held

NOTHING = "no study was received; the last complete look had 1,000"
OLDER = "its release 2026-03-01 is older than 2026-03-02, which was looked at before"


def _told(*reasons, sweep=12, data_timestamp="2026-03-02T09:00:05"):
    (alert,) = judge_held(HeldBack(sweep, reasons, data_timestamp), Tuning())
    return alert


def test_the_headline_says_which_sweep_and_why():
    """The alert is about no study, and is as urgent as a flip."""
    alert = _told(NOTHING)
    assert alert.headline == f"Alerts of sweep 12 are held: {NOTHING}"
    assert (alert.nct_id, alert.severity) == (None, Severity.HIGH)
    assert alert.registry_date == date(2026, 3, 2)


def test_many_reasons_are_counted_and_all_given():
    """The headline has the first, the evidence each."""
    alert = _told(NOTHING, OLDER)
    assert alert.headline.startswith("Alerts of sweep 12 are held for 2 reasons: no study was")
    assert [one["reason"] for one in alert.evidence if "reason" in one] == [NOTHING, OLDER]


def test_the_evidence_says_what_to_do():
    """The release looked at, and the two commands that settle it."""
    first, *_, release, absorb = _told(NOTHING).evidence
    assert first == {"sweep": 12, "data_timestamp": "2026-03-02T09:00:05"}
    assert release == {"to_raise_its_alerts": "ctmonitor sweeps release 12 --reason TEXT"}
    assert absorb == {"to_forget_its_alerts": "ctmonitor sweeps absorb 12 --reason TEXT"}


def test_each_sweep_is_held_once():
    """The same sweep held again is the same fact, whatever is said of it."""
    assert _told(NOTHING).key == _told(OLDER, data_timestamp=None).key
    assert _told(NOTHING).key != _told(NOTHING, sweep=13).key


def test_nothing_is_held_for_no_reason():
    """A look without a reason is not made into an alert."""
    with pytest.raises(ValueError, match="no reason"):
        HeldBack(12, (), None)
