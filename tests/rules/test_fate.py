"""Records that are removed, or merged into another."""

from datetime import date

import pytest

from ctmonitor.alerts import Severity
from ctmonitor.rules import Merger, Removal, Return, Tuning, judge_fate
from tests.rules.made import facts

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
STOOD = {
    "overall_status": "UNKNOWN",
    "last_known_status": "RECRUITING",
    "lead_sponsor": "Acme Pharma",
    "last_update_posted_date": "2024-01-30",
    "data_date": date(2026, 2, 27),
}
OTHER = "NCT00000002"


def _told(fate, **tables):
    return judge_fate(fate, Tuning.read(tables))


def test_a_removal_says_both_dates():
    """Since when it is gone, and when its own number was asked for."""
    (alert,) = _told(Removal(facts(**STOOD), MONDAY, TUESDAY))
    assert alert.headline == (
        "Gone from the registry since 2026-03-02; asked for by number on 2026-03-03: not there"
    )
    assert (alert.rule, alert.severity) == ("record-removed", Severity.HIGH)


def test_a_removal_bears_how_the_study_stood():
    """Its last statuses, the sponsor's last update, and every date that proves it gone."""
    (alert,) = _told(Removal(facts(**STOOD), MONDAY, TUESDAY))
    dates, stood = alert.evidence
    assert dates == {"missing_on": "2026-03-02", "removed_on": "2026-03-03"}
    assert stood == {
        "brief_title": "A made study",
        "lead_sponsor": "Acme Pharma",
        "overall_status": "UNKNOWN",
        "last_known_status": "RECRUITING",
        "last_update_posted_date": "2024-01-30",
        "last_shown": "2026-02-27",
    }


def test_a_removal_is_one_fact_whenever_it_is_confirmed():
    """Only another first day without it makes another fact."""
    gone = [Removal(facts(**STOOD), MONDAY, TUESDAY), Removal(facts(), MONDAY, date(2026, 3, 4))]
    keys = {alert.key for one in gone for alert in _told(one)}
    (again,) = _told(Removal(facts(), TUESDAY, date(2026, 3, 4)))
    assert len(keys) == 1 and again.key not in keys


def test_a_return_says_when_it_was_gone():
    """The day of the removal that was told, and how the study stood; its release is the date."""
    (alert,) = _told(Return(facts(**STOOD), TUESDAY, date(2026, 5, 4)))
    assert alert.headline == "Back in the registry; was gone on 2026-03-03"
    assert (alert.rule, alert.severity) == ("record-returned", Severity.HIGH)
    assert alert.evidence[0] == {"removed_on": "2026-03-03", "data_date": "2026-05-04"}
    assert alert.evidence[1]["overall_status"] == "UNKNOWN"
    assert alert.registry_date == date(2026, 5, 4)


def test_a_return_is_one_fact_for_each_removal():
    """Whichever release shows it first; what goes and comes again is another."""
    days = [(TUESDAY, date(2026, 5, 4)), (TUESDAY, None), (date(2026, 6, 1), date(2026, 6, 2))]
    keys = [alert.key for gone, back in days for alert in _told(Return(facts(), gone, back))]
    assert keys[0] == keys[1] != keys[2]


def test_a_merger_says_where_the_number_leads():
    """The alert is about the number that was left, and names the one that stays."""
    study = facts(**STOOD)
    (alert,) = _told(Merger(study, OTHER, TUESDAY))
    assert alert.headline == "Now registered as NCT00000002; this number leads there"
    assert (alert.nct_id, alert.severity) == (study.nct_id, Severity.NORMAL)
    assert alert.evidence[0] == {"now": OTHER, "data_date": "2026-03-03"}


@pytest.mark.parametrize("day", [TUESDAY, None])
def test_a_merger_is_one_fact_on_any_day(day):
    """The same number led to again is the same fact, whatever the release."""
    (first,) = _told(Merger(facts(), OTHER, MONDAY))
    (second,) = _told(Merger(facts(), OTHER, day))
    assert first.key == second.key and second.registry_date == day


@pytest.mark.parametrize("into", ["NCT00000001", "NCT1", ""])
def test_a_record_merges_into_another_number(into):
    """Neither into itself, nor into what is no number."""
    with pytest.raises(ValueError, match="cannot be merged"):
        Merger(facts(), into, TUESDAY)


def test_each_fate_is_switched_off_by_itself():
    """Without the one rule, the other still speaks."""
    off = {"record-removed": {"enabled": False}}
    assert _told(Removal(facts(), MONDAY, TUESDAY), **off) == ()
    assert len(_told(Merger(facts(), OTHER, TUESDAY), **off)) == 1
