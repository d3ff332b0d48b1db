"""How alerts are put together."""

from dataclasses import replace
from datetime import date

from ctmonitor.changes import Difference
from ctmonitor.rules import Tuning, at_snapshot, judge_difference
from ctmonitor.rules.telling import one_line
from tests.rules.made import a_difference, told

RECRUITING, COMPLETED = {"overall_status": "RECRUITING"}, {"overall_status": "COMPLETED"}
MONDAY = date(2026, 2, 2)


def test_day_is_that_of_the_new_posting():
    """A change that came with a new posting bears the day of the posting."""
    after = {**COMPLETED, "last_update_posted_date": "2026-01-30", "data_date": MONDAY}
    (alert,) = told({**RECRUITING, "last_update_posted_date": "2025-06-02"}, after)
    assert alert.registry_date == date(2026, 1, 30)


def test_day_is_that_of_the_release_without_a_posting():
    """A change without a new posting bears the date of the release."""
    posted = {"last_update_posted_date": "2025-06-02"}
    (alert,) = told({**RECRUITING, **posted}, {**COMPLETED, **posted, "data_date": MONDAY})
    assert alert.registry_date == MONDAY


def test_day_can_be_missing():
    """A change in records that give neither day bears none."""
    (alert,) = told(RECRUITING, COMPLETED)
    assert alert.registry_date is None


def test_noise_is_not_told():
    """A change that is marked as noise is told by no rule."""
    found = a_difference(RECRUITING, COMPLETED)
    noise = tuple(replace(change, is_noise=True) for change in found.changes)
    assert judge_difference(Difference(found.before, found.after, noise), Tuning()) == ()


def test_a_text_without_end_is_not_repeated_in_an_alert():
    """A reason of millions of letters is cut in the evidence and in what makes the key."""
    reason = "no money " * 500_000
    (alert,) = told(RECRUITING, {"overall_status": "TERMINATED", "why_stopped": reason})
    (again,) = told(
        {"overall_status": "TERMINATED"}, {"overall_status": "TERMINATED", "why_stopped": reason}
    )
    assert len(str(alert.evidence)) + len(str(again.evidence)) + len(again.basis) < 50_000
    assert alert.evidence[-1]["why_stopped"].startswith("no money no money")


def test_a_list_member_is_not_the_study():
    """A change of one member of a list is not taken for a change of the study itself."""
    found = a_difference(RECRUITING, COMPLETED)
    members = tuple(replace(change, item="one of many") for change in found.changes)
    assert judge_difference(Difference(found.before, found.after, members), Tuning()) == ()


def test_snapshots_tell_facts_apart():
    """The same change in two snapshots is two facts; in one snapshot it is one."""
    (alert,) = told(RECRUITING, COMPLETED)
    keys = [at_snapshot(alert, number).key for number in (2, 3, 3)]
    assert keys[0] != keys[1] == keys[2]


def test_evidence_comes_first_with_the_change():
    """The change itself is the first piece of evidence, as plain JSON."""
    (alert,) = told(RECRUITING, COMPLETED)
    assert alert.evidence[0]["before"] == "RECRUITING"
    assert alert.evidence[0]["after"] == "COMPLETED"


def test_one_line_cuts_at_a_hundred():
    """A hundred characters stay; a hundred and one are cut to a hundred with an ellipsis."""
    assert one_line("a" * 100) == "a" * 100
    assert one_line("a" * 101) == "a" * 99 + "…"
