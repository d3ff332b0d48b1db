"""What machines that watch us are told."""

from __future__ import annotations

from ctmonitor.jobs.proof import prove
from tests.builders import a_payload
from tests.looks import SetClock, look
from tests.web.serving import served


def test_a_watch_that_goes_on_answers_200(store):
    """The checks of `ctmonitor status`, without the names that it prints."""
    with served(store) as site:
        look(store, a_payload(), clock=SetClock())
        prove(store, None, who="ann", clock=SetClock())
        answer = site.ask("GET", f"{site.url}/healthz")
    assert answer.status_code == 200
    told = answer.json()
    assert told["ok"] is True
    assert {tuple(check) for check in told["checks"]} == {("name", "ok", "why")}


def test_a_watch_that_fell_silent_answers_503(store):
    """A machine needs only the number; a HEAD gets the same."""
    with served(store) as site:
        with store.writing() as tx:
            tx.connection.exec_driver_sql("UPDATE watch_lists SET made_at = 1")
        answers = [site.ask(verb, f"{site.url}/healthz") for verb in ("GET", "HEAD")]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert answers[0].json()["ok"] is False


def test_a_store_that_cannot_be_used_is_said_without_its_address(store):
    """Hosts, files and table names are nobody's business."""
    with served(store) as site:
        with store.writing() as tx:
            tx.connection.exec_driver_sql("ALTER TABLE deliveries RENAME TO gone")
        answer = site.ask("GET", f"{site.url}/healthz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == [
        {"name": "store", "ok": False, "why": "the store cannot be used"}
    ]
