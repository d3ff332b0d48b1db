"""What a browser is shown, and what it is told not to do."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from ctmonitor.store import Store
from tests.jobs.asking import subscribe, watch
from tests.web.serving import LISTS, ONE_CLICK, Site, served

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    """The pages, served."""
    with served(store) as opened:
        yield opened


class Outline(HTMLParser):
    """The tags of a page in order, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


def test_every_answer_bears_the_headers(site):
    """Found or not, refused or done: no page may run, load or frame anything."""
    urls = [f"{site.url}/healthz", f"{site.url}/nothing", site.stop_url(), site.in_hand_url()]
    answers = [site.ask(verb, url) for verb in ("GET", "POST", "PUT", "HEAD") for url in urls]
    answers.append(site.ask("POST", site.stop_url(), data=b"x" * 9_000))
    assert {200, 400, 404, 405, 413} == {answer.status_code for answer in answers}
    for answer in answers:
        assert HEADERS.items() <= {k.lower(): v for k, v in answer.headers.items()}.items()
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


def test_the_style_is_the_only_thing_that_the_policy_lets_in(site):
    """The hash in the policy is of the style on the page; there is no script and no address."""
    answer = site.ask("GET", site.stop_url())
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script|src=|href=|https?:|url\(| on\w+=|style=", answer.text)


def test_a_page_can_be_read_by_everybody(site):
    """A language, a title, one heading in one main part, and one button with a name."""
    for url in (site.stop_url(), site.in_hand_url(), f"{site.url}/nothing"):
        outline = Outline(site.ask("GET", url).text)
        assert outline.named("html") == [{"lang": "en"}]
        counts = [len(outline.named(tag)) for tag in ("title", "main", "h1", "input")]
        assert counts[:3] == [1, 1, 1]
        assert len(outline.named("button")) == counts[3] == ("nothing" not in url)
        assert all(one["type"] == "hidden" for one in outline.named("input"))


def test_what_a_name_holds_is_shown_and_not_obeyed(site):
    """A watch list and a headline with markup in them are shown letter by letter."""
    page = site.ask("GET", site.stop_url(LISTS[1])).text
    assert "&lt;script&gt;" in page and "<script" not in page
    assert "TERMINATED&#34; &lt;b&gt;" in site.ask("GET", site.in_hand_url()).text


def test_no_name_turns_the_writing_of_a_page(site):
    """What would show a sentence backwards is taken out, as in a mail."""
    watch(site.store, "be\u202egnin")
    subscribe(site.store, "be\u202egnin")
    page = site.ask("GET", site.stop_url("be\u202egnin")).text
    assert "the watch list begnin." in page and "\u202e" not in page


def test_the_button_posts_what_the_standard_wants(site):
    """A reader's click is the same request as a mail program's."""
    outline = Outline(site.ask("GET", site.stop_url()).text)
    [field] = outline.named("input")
    assert {field["name"]: field["value"]} == ONE_CLICK
    assert outline.named("form") == [{"method": "post"}]


def test_behind_tls_a_browser_is_to_come_back_by_tls(store):
    """Where the public address is https, no later visit is made without it."""
    with served(store, is_tls=True) as site:
        answer = site.ask("GET", f"{site.url}/nothing")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_a_fault_of_ours_says_nothing_of_itself(store):
    """Neither the error nor where it was is shown, and the headers stand all the same."""
    with served(store) as site:
        with store.writing() as tx:
            tx.connection.exec_driver_sql("ALTER TABLE subscribers RENAME TO gone")
        answer = site.ask("GET", site.stop_url())
        assert answer.status_code == 500
        assert "subscribers" not in answer.text and "Traceback" not in answer.text
        assert answer.headers["x-frame-options"] == "DENY"
