"""A study page says less than the API: what it cannot say is neither lost nor told."""

from __future__ import annotations

import orjson

from ctmonitor.store import questions
from tests.builders import NUMBER, a_page, a_payload
from tests.jobs.asking import changed, number_held, told
from tests.looks import look

RICH = {
    "overall_status": "RECRUITING",
    "status_verified_date": "2026-01",
    "last_update_posted_date": "2026-01-10",
    "lead_sponsor": "A sponsor",
    "conditions": ["One", "Two"],
    "enrollment": 30,
    "locations": [{"facility": "A", "city": "Ulm", "country": "Germany"}],
}
PAGE = {
    "overall_status": "RECRUITING",
    "status_verified_date": "2026-01",
    "last_update_posted_date": "2026-01-10",
    "lead_sponsor": "A sponsor",
}


def _content(store) -> dict:
    with store.reading() as tx:
        record = questions.record_at(tx, NUMBER, number_held(store))
    return orjson.loads(record.canonical)


SILENT = {
    "overall_status": "UNKNOWN",
    "last_known_status": "RECRUITING",
    "status_verified_date": "2021-06",
}


def test_a_page_of_the_same_state_is_silent(store):
    """What a page does not say was not taken away."""
    look(store, a_payload(**RICH))
    report = look(store, a_page(**PAGE))
    assert (report.counts.unchanged, number_held(store)) == (1, 1)
    assert changed(store) == [] and told(store) == []


def test_a_new_status_on_a_page_is_told(store):
    """A change that the page does say is told, and all else stays as it is held."""
    look(store, a_payload(**RICH))
    look(store, a_page(**{**PAGE, "overall_status": "TERMINATED", "why_stopped": "No money"}))
    assert told(store) == [(NUMBER, "stopped")]
    assert {field for field, _, _ in changed(store)} == {"overall_status", "why_stopped"}
    protocol = _content(store)["protocolSection"]
    assert protocol["conditionsModule"]["conditions"] == ["One", "Two"]
    assert protocol["statusModule"]["whyStopped"] == "No money"


def test_the_api_after_a_page_only_completes_it(store):
    """What the API adds to a page is not news; what it contradicts is."""
    look(store, a_page(**PAGE))
    report = look(store, a_payload(**RICH))
    assert told(store) == [] and report.counts.alerts == 0
    assert _content(store)["protocolSection"]["designModule"]["enrollmentInfo"]["count"] == 30
    look(store, a_payload(**{**RICH, "overall_status": "COMPLETED"}))
    assert told(store) == [(NUMBER, "completed")]


def test_a_page_after_a_page_is_compared_whole(store):
    """Two pages are compared in all that pages say."""
    look(store, a_page(**PAGE))
    look(store, a_page(**{**PAGE, "overall_status": "SUSPENDED", "brief_title": "Another title"}))
    assert {field for field, _, _ in changed(store)} == {"overall_status", "brief_title"}


def test_page_and_api_in_turn_stay_silent(store):
    """Whichever format comes next, the same state is no news."""
    for _ in range(2):
        look(store, a_payload(**RICH))
        look(store, a_page(**PAGE))
    assert told(store) == [] and changed(store) == [] and number_held(store) == 1


def test_a_page_that_was_cut_is_no_first_sight_of_a_status(store):
    """What a cut page did not say is told when a whole one says it, once."""
    page = a_page(**{**PAGE, **SILENT})
    look(store, page[: page.index("Status: ")])
    assert told(store) == []
    look(store, page)
    look(store, page)
    assert told(store) == [(NUMBER, "unknown-stale")]
