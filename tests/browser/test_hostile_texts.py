"""Nothing that the registry or a name says is anything but text, in a mail or on a page."""

from __future__ import annotations

import pytest

from ctmonitor.alerts import Alert, Severity, Told
from ctmonitor.delivery.tokens import unsubscribe_url
from ctmonitor.delivery.words import one_line
from ctmonitor.store import alerts
from tests.browser.mails import html_of_mail, of_a_text
from tests.browser.payloads import PAYLOADS
from tests.browser.window import ELSEWHERE, MAIL
from tests.jobs.asking import NOW, subscribe, watch
from tests.web.serving import SECRET

AT_ONCE = 11
BATCHES = [PAYLOADS[start : start + AT_ONCE] for start in range(0, len(PAYLOADS), AT_ONCE)]
TOGETHER = [" | ".join(PAYLOADS[start : start + 8]) for start in range(0, len(PAYLOADS), 8)]
"""Eight in one name: a page shows but one, and each page costs time."""
POST = {"method": "POST", "post_data": "List-Unsubscribe=One-Click"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def a_mail_of(texts):
    """One mail that has each of the texts wherever it can."""
    rows = [of_a_text(text, f"NCT{number:08}") for number, text in enumerate(texts, start=1)]
    return html_of_mail(*rows, lists=tuple(texts[:3]), asks_for_marks=True)


def test_there_are_sixty_and_no_two_alike():
    """Sixty or more, none of which is nothing after what steers is taken out."""
    assert len({one_line(text) for text in PAYLOADS} - {""}) == len(PAYLOADS) >= 60


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<script>console.error(1)</script>",
        "<script>throw 1</script>",
        "<button onmouseover=alert(1)>",
        f"<img src={ELSEWHERE}>",
        "<script>open('about:blank')</script>",
    ],
)
def test_the_window_sees_what_a_page_does(window, evil):
    """What is not escaped is noticed, whatever it tries: else the tests below prove nothing."""
    window.show(f"<!DOCTYPE html><title>x</title>{evil}")
    window.stir()
    assert window.did != []


@pytest.mark.parametrize("texts", BATCHES, ids=range(len(BATCHES)))
def test_a_mail_shows_every_text_and_obeys_none(window, texts):
    """As title, headline, sponsor, reason and list: read as written, and nothing happens."""
    window.show(a_mail_of(texts))
    window.stir()
    shown = [one_line(text) for text in texts]
    assert window.texts("th .small") == shown
    assert window.texts("td > p:not(.small)") == shown
    assert window.texts("ul > li:nth-child(1) ins") == shown
    assert window.texts("ul > li:nth-child(2) del") == shown
    assert window.texts("ul > li:nth-child(5)") == shown
    assert window.texts("footer a")[:3] == [f"Stop {text[:60]}" for text in shown[:3]]
    assert (window.did, window.asked_for) == ([], [MAIL])


@pytest.mark.parametrize("texts", BATCHES, ids=range(len(BATCHES)))
def test_no_text_makes_an_element(window, texts):
    """A mail has the elements that it has with harmless texts, and no attribute more."""
    window.show(a_mail_of(["harmless"] * len(texts)))
    outline = window.outline()
    window.show(a_mail_of(texts))
    assert window.outline() == outline


def test_a_page_shows_every_name_of_a_list(window, site):
    """Before and after the button is pressed; the policy of the page has nothing to stop."""
    for name in TOGETHER:
        watch(site.store, name)
        subscribe(site.store, name)
    for name in TOGETHER:
        url = unsubscribe_url(site.url, SECRET, 1, name)
        said = f"messages about the watch list {one_line(name)}."
        window.open(url)
        assert window.texts("main > p") == [f"You will get no more {said}"]
        window.open(url, headers=FORM, **POST)
        assert window.texts("main > p")[0] == f"You get no more {said}"
    assert {url.startswith(site.url) for url in window.asked_for} == {True}
    assert window.did == []


def test_a_page_shows_every_headline(window, site):
    """What an alert says stands on the page that takes it in hand."""
    told = [Told(Alert("stopped", "NCT00000001", text, Severity.LOW, text)) for text in TOGETHER]
    with site.store.writing() as tx:
        alerts.raise_alerts(tx, told, None, NOW)
    for alert_id, text in enumerate(TOGETHER, start=2):
        window.open(site.in_hand_url(alert_id))
        assert window.texts("main > p")[0] == f"NCT00000001: {one_line(text)}"
    assert (len(window.asked_for), window.did) == (len(TOGETHER), [])
