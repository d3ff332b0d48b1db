"""Records that come to light."""

from ctmonitor.alerts import Severity
from tests.rules.made import told

STUB = {"overall_status": "WITHHELD", "last_update_posted_date": "2025-01-10"}
SHOWN = {
    "overall_status": "COMPLETED",
    "last_update_posted_date": "2026-01-30",
    "lead_sponsor": "Acme Pharma",
    "enrollment": 40,
    "has_results": True,
}


def test_an_unveiling_says_what_is_shown_now():
    """The status in the headline, the study in the evidence."""
    (alert,) = told(STUB, SHOWN)
    assert alert.headline == "Now COMPLETED; was WITHHELD: record revealed"
    assert alert.severity is Severity.HIGH
    shown = alert.evidence[1]
    assert (shown["lead_sponsor"], shown["enrollment"]) == ("Acme Pharma", "40")
    assert shown["fields_changed"] == 4


def test_an_unveiling_by_the_registry_says_so():
    """Where no posting is newer, nobody sent anything."""
    (alert,) = told(STUB, {**SHOWN, "last_update_posted_date": "2025-01-10"})
    assert alert.headline == (
        "Now COMPLETED; was WITHHELD (by the registry itself): record revealed"
    )


def test_a_withheld_record_that_only_moves_its_dates_is_no_unveiling():
    """While the status stays WITHHELD, the other rules speak as ever."""
    before = {**STUB, "completion_date": "2026-01-30"}
    alerts = told(before, {**STUB, "completion_date": "2026-05-30"})
    assert [alert.rule for alert in alerts] == ["completion-slipped"]


def test_nothing_speaks_for_an_unveiling_that_is_switched_off():
    """Nor for the fields that fill up."""
    assert told(STUB, SHOWN, record_revealed={"enabled": False}) == ()


def test_a_record_that_comes_to_be_withheld_is_one_alert():
    """The fields that it loses are not told one by one."""
    assert [alert.rule for alert in told(SHOWN, STUB)] == ["status-changed"]
