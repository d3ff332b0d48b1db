"""What a link in a message does, and what it never does by being looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ctmonitor.store import Store, outbox
from tests.builders import a_payload
from tests.jobs.asking import ANN, owed
from tests.looks import look
from tests.web.serving import LISTS, ONE_CLICK, Site, served


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    """The pages, served."""
    with served(store) as opened:
        yield opened


@pytest.mark.parametrize("verb", ["GET", "HEAD"])
def test_looking_at_a_link_does_nothing(site, verb):
    """What scans links in mails, and who only looks, changes nothing."""
    for url in (site.stop_url(), site.stop_url("everything"), site.in_hand_url()):
        assert site.ask(verb, url).status_code == 200
    assert (site.lists(), site.acts(), site.marks()) == (sorted(LISTS), [], [])


def test_one_click_stops_one_list(site):
    """A mail program's post stops the list of its mail; once more changes nothing."""
    for _ in range(2):
        answer = site.ask("POST", site.stop_url("everything"), data=ONE_CLICK)
        assert (answer.status_code, "Stopped" in answer.text) == (200, True)
    assert site.lists() == [LISTS[1]]
    assert site.acts() == [(ANN, "unsubscribed")]


def test_one_click_in_parts_stops_as_well(site):
    """The standard lets a mail program code its form in either of two ways."""
    parts = {name: (None, value) for name, value in ONE_CLICK.items()}
    assert site.ask("POST", site.stop_url(), files=parts).status_code == 200
    assert site.lists() == []
    assert site.acts() == [(ANN, "unsubscribed")] * 2


def test_who_stops_everything_is_sent_nothing_more(site):
    """What was owed before the click does not leave after it."""
    look(site.store, a_payload(overall_status="RECRUITING"))
    look(site.store, a_payload(overall_status="TERMINATED"))
    assert len(owed(site.store)) == 1
    site.ask("POST", site.stop_url(), data=ONE_CLICK)
    with site.store.reading() as tx:
        assert (outbox.is_owed(tx), outbox.unsent(tx)) == (False, [])


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"data": {"List-Unsubscribe": "Two-Click"}},
        {"data": b"\xff\xfe=1"},
        {"json": ONE_CLICK},
        {"data": b"--x--", "headers": {"Content-Type": "multipart/form-data"}},
        {"data": b"--x--", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"data": "&".join(f"a{n}=1" for n in range(99))},
    ],
    ids=str,
)
def test_a_post_that_does_not_say_so_stops_nothing(site, sent):
    """Only the words of the standard are taken for a reader's will."""
    assert site.ask("POST", site.stop_url(), **sent).status_code == 400
    assert site.lists() == sorted(LISTS)


@pytest.mark.parametrize(
    "sent", [{"data": b"List-Unsubscribe=One-Click&x=" + b"x" * 5_000}, {"data": [b"x" * 9_000]}]
)
def test_more_than_a_form_is_refused(site, sent):
    """Neither a long body nor one of unsaid length is read to its end."""
    sent = {**sent, "data": iter(sent["data"])} if isinstance(sent["data"], list) else sent
    assert site.ask("POST", site.stop_url(), **sent).status_code == 413
    assert site.lists() == sorted(LISTS)


def test_an_alert_is_taken_in_hand_once(site):
    """The mark bears the reader's address, and so does the journal."""
    for _ in range(2):
        assert site.ask("POST", site.in_hand_url(), data=ONE_CLICK).status_code == 200
    assert site.marks() == [(1, "acknowledged", ANN)]
    assert site.acts() == [(ANN, "marked an alert")]


def test_every_wrong_link_gets_the_same_answer(site):
    """A forged link, one for another act, of nobody and of no alert cannot be told apart."""
    good = site.stop_url()
    wrong = [
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        site.stop_url(secret="x" * 32),
        good.replace("unsubscribe", "acknowledge"),
        site.stop_url(subscriber_id=99),
        site.in_hand_url(99),
        f"{site.url}/unsubscribe/x",
        f"{site.url}/unsubscribe/{'x' * 5_000}",
        f"{site.url}/acknowledge/%00%ff",
        f"{site.url}/nothing",
    ]
    for verb in ("GET", "POST"):
        answers = [site.ask(verb, url, data=ONE_CLICK) for url in wrong]
        assert {(one.status_code, one.text) for one in answers} == {(404, answers[0].text)}
    assert (site.lists(), site.acts()) == (sorted(LISTS), [])


def test_a_list_that_is_gone_is_stopped_already(site):
    """Whoever comes late is told that nothing is left to stop, and offered no button."""
    answer = site.ask("GET", site.stop_url("a list of last year"))
    assert (answer.status_code, "<button" in answer.text) == (200, False)


def test_without_a_secret_no_link_is_ours(store):
    """Nothing that anybody could sign is obeyed."""
    with served(store, secret=None) as site:
        assert site.ask("POST", site.stop_url(), data=ONE_CLICK).status_code == 404
        assert site.lists() == sorted(LISTS)
