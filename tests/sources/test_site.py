"""The registry's own pages of record history."""

from __future__ import annotations

import pytest

from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import Piece, Reject
from ctmonitor.sources.client import Client, Manners
from ctmonitor.sources.site import SiteHistory, pages_at
from tests.builders import NUMBER
from tests.histories import a_listing, a_version, an_entry
from tests.sites import a_site

LISTING = f"/api/int/studies/{NUMBER}?history=true"
VERSIONS = [f"/api/int/studies/{NUMBER}/history/{number}" for number in (0, 1, 2)]
PAGES = {
    LISTING: a_listing(*(an_entry(number, f"2024-0{number + 1}-01") for number in (0, 1, 2))),
    **{path: a_version(at, f"2024-0{at + 1}-01") for at, path in enumerate(VERSIONS)},
}


def _pieces(pages, *, nct_ids=(NUMBER,), held=(), tries=2):
    with a_site(pages) as site:
        manners = Manners(pages_at(site.url), rate=1_000, tries=tries, first_wait=0.01)
        with Client(manners) as client:
            source = SiteHistory(client, nct_ids, lambda _, number: number in held)
            return list(source.pieces()), site


@pytest.mark.parametrize(
    ("api", "pages"),
    [
        ("https://clinicaltrials.gov/api/v2", "https://clinicaltrials.gov/api/int"),
        ("http://127.0.0.1:8000/api/v2/", "http://127.0.0.1:8000/api/int"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/api/int"),
    ],
)
def test_the_pages_are_beside_the_api(api, pages):
    """Their address is derived from that of the API."""
    assert pages_at(api) == pages


def test_a_listing_is_asked_for_and_then_each_version():
    """In order, one request each, by our own name."""
    pieces, site = _pieces(PAGES)
    assert [type(one) for one in pieces] == [Piece] * 4
    assert site.asked == [LISTING, *VERSIONS]
    assert all(agent.startswith("ctmonitor/") for agent in site.agents)


def test_a_content_that_is_held_is_not_asked_for_again():
    """A later back-fill asks for the listing and what is new in it."""
    _, site = _pieces(PAGES, held={0, 1})
    assert site.asked == [LISTING, VERSIONS[2]]


def test_a_refusal_is_said_and_not_asked_again():
    """One request, and what to do instead; no other way in is tried."""
    with pytest.raises(SourceUnreadable, match=r"403.*in a browser.*backfill NCT00000001 --from"):
        _pieces({LISTING: 403}, nct_ids=(NUMBER, "NCT00000002"))


def test_a_refusal_on_the_way_ends_it():
    """What came before is handed over, and the rest is a gap."""
    pieces, site = _pieces({**PAGES, VERSIONS[1]: 403})
    assert site.asked == [LISTING, *VERSIONS[:2]]
    assert isinstance(pieces[-1], Reject) and pieces[-1].is_gap
    assert VERSIONS[1] in pieces[-1].reason


@pytest.mark.parametrize("code", [404, 400])
def test_a_study_without_history_is_passed_over(code):
    """The next study is asked for."""
    pieces, _ = _pieces({**PAGES, LISTING: code, "x": 1}, nct_ids=("NCT00000002", NUMBER))
    assert [type(one) for one in pieces] == [Reject, Reject]
    assert [one.nct_id for one in pieces] == ["NCT00000002", NUMBER]


@pytest.mark.parametrize("page", [b"<html>Please wait</html>", 503])
def test_a_page_that_is_no_history_is_asked_for_again(page):
    """A fault may pass; when it stays, it is said."""
    with pytest.raises(SourceUnreadable, match="asked 2 times"):
        _pieces({LISTING: page})
