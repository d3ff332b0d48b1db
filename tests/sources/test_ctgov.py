"""What is asked of the registry, and what its answers are read as."""

import math
from dataclasses import replace

import orjson
import pytest

from ctmonitor.errors import QuestionRefused, SourceUnreadable, TokenExpired, TooMany
from tests.builders import a_study
from tests.registry import On, faults, pages, serving
from tests.registry.asking import DAYS, a_registry
from tests.sources.asking import a_look, saying

EVER = math.inf
NUMBERS = ("NCT00000001", "NCT00000003")
RELEASE = f"{DAYS[0]}T09:00:05"
HEIR = a_study(nct_id_aliases=["NCT00000007"])


def looked(*faulty, ask, studies=(), tries=2):
    """What asking a registry gives, and the paths and queries it was asked for."""
    with serving(a_registry(*studies), *faulty) as served:
        look = a_look(served.url, tries=tries)
        with look.client:
            given = ask(look)
        return given, [asked.target.removeprefix("/api/v2") for asked in served.asked]


def number_of(study: bytes) -> str:
    return orjson.loads(study)["protocolSection"]["identificationModule"]["nctId"]


@pytest.mark.parametrize(
    ("told", "instant"),
    [
        ("2026-09-04T09:00:06", "2026-09-04T09:00:06"),
        ("2026-09-04T09:00:06Z", "2026-09-04T09:00:06"),
        ("2026-09-04T09:00:06.123456789", "2026-09-04T09:00:06"),
    ],
)
def test_the_registry_tells_its_release(told, instant):
    """To the second, however exactly it is told."""
    body = orjson.dumps({"apiVersion": "2.0.5", "dataTimestamp": told})
    assert looked(On(saying(body)), ask=lambda look: look.version()) == (instant, ["/version"])


@pytest.mark.parametrize(
    "told",
    [
        *("2026-09-04", "2026-13-04T09:00:06", "2026-09-04 09:00:06", "2026-09-04T09:00"),
        *("2026-09-04T09:00:06+02:00", "２026-09-04T09:00:06", "", None, 5, "soon"),
    ],
)
def test_a_release_without_an_instant_is_asked_for_again(told):
    """What cannot be read as an instant is not guessed at."""
    body = orjson.dumps({"apiVersion": "2.0.5", "dataTimestamp": told})
    instant, asked = looked(On(saying(body)), ask=lambda look: look.version())
    assert instant == RELEASE
    assert len(asked) == 2


def test_the_first_page_counts_and_leads_on():
    """It says how many studies there are, of which release, and where the next page is."""
    page, asked = looked(ask=lambda look: look.page({}, size=2))
    assert asked == ["/studies?pageSize=2&countTotal=true"]
    assert (page.total, page.release) == (5, RELEASE)
    assert page.token
    assert [number_of(study)[-1] for study in page.studies] == ["1", "2"]


def test_a_question_reaches_the_registry_as_it_is():
    """Whatever letters are in it, they stay within their parameter; commas stay commas."""
    words = {"query.cond": "a b,c", "query.term": "x&countTotal=false#é%20+"}
    with serving(a_registry()) as served:
        look = a_look(served.url)
        with look.client:
            look.page(words)
    (asked,) = served.asked
    assert asked.query == {**words, "pageSize": "1000", "countTotal": "true"}
    assert "query.cond=a%20b,c&" in asked.target


def test_a_token_leads_to_the_next_page():
    """All that was asked is repeated, but for the count; the last page has no token."""

    def ask(look):
        first = look.page({}, fields=("NCTId", "VersionHolder"), size=3)
        return look.page({}, fields=("NCTId", "VersionHolder"), size=3, token=first.token)

    page, asked = looked(ask=ask)
    assert asked[1].startswith("/studies?fields=NCTId,VersionHolder&pageSize=3&pageToken=")
    assert "countTotal" not in asked[1]
    assert (len(page.studies), page.token, page.total) == (2, None, None)


def test_studies_come_as_they_were_written():
    """Every byte of each is kept, blanks and order too; what is around them is not."""
    written = ['{"b": 1,  "a":"\\u00e9é"}', '{\n"z":[ ]}', "{}"]
    body = f'{{"x":[1], "studies" : [ {" , ".join(written)} ] }}'
    page, _ = looked(On(saying(body)), ask=lambda look: look.page({}))
    assert page.studies == tuple(study.encode() for study in written)
    assert (page.token, page.total, page.release) == (None, None, None)


@pytest.mark.parametrize("bad", ['{"a":"\\ud800"}', '{"a":"\x01"}', '{"a":NaN}'])
def test_one_bad_study_does_not_cost_its_page(bad):
    """A study that is not JSON by the letter comes as it is, among the others."""
    written = ['{"a": "é"}', bad, '{"b":[1, 2]}']
    for between in (",", " ,\n "):
        body = f'{{"totalCount":3,"studies":[{between.join(written)}],"nextPageToken":"x"}}'
        page, asked = looked(On(saying(body)), ask=lambda look: look.page({}))
        assert page.studies == tuple(study.encode() for study in written)
        assert (page.total, page.token, len(asked)) == (3, "x", 1)


@pytest.mark.parametrize(
    "end",
    [
        *("", "]", "],", "]]}", '],"nextPageToken":"x', '],"nextPageToken":""}'),
        *('],"studies":[{"c":2}]}', '],"studies":{}}'),
    ],
)
def test_a_bad_study_excuses_no_cut(end):
    """A page with such a study must be whole like any other."""
    faulty = On(saying('{"totalCount":2,"studies":[{"a":"\\ud800"},{"b":1}' + end), times=EVER)
    with pytest.raises(SourceUnreadable, match=r"cut off|not what it should be"):
        looked(faulty, ask=lambda look: look.page({}))


def test_an_empty_page_is_a_page():
    """It may come in the middle of a listing; only a missing token ends one."""
    page, _ = looked(On(faults.empty_page()), ask=lambda look: look.page({}, size=2))
    assert page.studies == ()
    assert page.token


def test_a_question_that_makes_no_sense_is_refused():
    """The registry's own words come through, and nothing is asked twice."""
    with pytest.raises(QuestionRefused, match="the question: `nonsense` is unknown parameter"):
        looked(ask=lambda look: look.page({"nonsense": "x"}))


def test_a_token_that_leads_nowhere_is_told_apart():
    """The listing can be begun again; the question itself is good."""

    def ask(look):
        first = look.page({}, size=2)
        return look.page({}, size=2, token=first.token)

    with pytest.raises(TokenExpired, match="Invalid value in parameter `pageToken`"):
        looked(On(faults.expired_token(), times=EVER), ask=ask)


def test_studies_come_by_their_numbers():
    """One request with all of them, commas as they are."""
    page, asked = looked(ask=lambda look: look.numbers(NUMBERS, fields=("NCTId",)))
    query = "filter.ids=NCT00000001,NCT00000003&fields=NCTId&pageSize=1000&countTotal=true"
    assert asked == [f"/studies?{query}"]
    assert page.total == 2
    assert [number_of(study) for study in page.studies] == list(NUMBERS)


def test_studies_by_number_may_come_on_several_pages(monkeypatch):
    """A registry may give fewer at once than were asked for: its token is followed to the end."""
    monkeypatch.setattr(pages, "LARGEST_SIZE", 1)
    page, asked = looked(ask=lambda look: look.numbers(NUMBERS))
    assert [number_of(study) for study in page.studies] == list(NUMBERS)
    assert (page.total, page.token, len(asked)) == (2, None, 2)


def test_an_empty_page_of_numbers_is_not_their_end(monkeypatch):
    """The first page may hold nothing and lead on."""
    monkeypatch.setattr(pages, "LARGEST_SIZE", 1)
    page, _ = looked(On(faults.empty_page()), ask=lambda look: look.numbers(NUMBERS))
    assert [number_of(study) for study in page.studies] == list(NUMBERS)


def test_pages_of_numbers_that_lead_nowhere_do_not_add_up(monkeypatch):
    """A token that died stays, so that nobody takes the answer for whole."""
    monkeypatch.setattr(pages, "LARGEST_SIZE", 1)
    dead = On(faults.expired_token(), times=EVER, holding="pageToken")
    page, _ = looked(dead, ask=lambda look: look.numbers(NUMBERS))
    assert (len(page.studies), page.total) == (1, 2)
    assert page.token


@pytest.mark.parametrize("code", [400, 413, 414, 431])
@pytest.mark.parametrize("body", [b"", b"<html>too much</html>"])
def test_too_many_numbers_are_told_apart(code, body):
    """Half as many may do; a server in front says so in its own ways."""
    refusal = On(faults.answering(code, body), times=EVER)
    with pytest.raises(TooMany, match=f"it answered {code} to 2 numbers"):
        looked(refusal, ask=lambda look: look.numbers(NUMBERS))


@pytest.mark.parametrize("code", [400, 413, 414, 431])
def test_one_number_is_never_too_many(code):
    """There is no asking for less than one, so that whoever halves comes to an end."""
    refusal = On(faults.answering(code), times=EVER)
    with pytest.raises(SourceUnreadable, match=f"it answered {code}") as found:
        looked(refusal, ask=lambda look: look.numbers(NUMBERS[:1]))
    assert type(found.value) is SourceUnreadable


@pytest.mark.parametrize(("count", "kind"), [(1, SourceUnreadable), (2, TooMany)])
def test_numbers_whose_studies_are_too_large(count, kind):
    """Too much to be read at once is too many, where they are several."""
    large = On(replace(saying(b" " * (65 << 20)), is_plain=True), times=EVER)
    with pytest.raises(kind, match="larger than 64 MB") as found:
        looked(large, ask=lambda look: look.numbers(NUMBERS[:count]))
    assert type(found.value) is kind


def test_a_number_that_is_none_is_refused():
    """The registry says which."""
    with pytest.raises(QuestionRefused, match="incorrect format"):
        looked(ask=lambda look: look.numbers(["NCT"]))


def test_a_study_comes_by_its_number():
    """Its bytes, its number and its release."""
    study, asked = looked(ask=lambda look: look.study("NCT00000002"))
    assert (study.nct_id, study.moved, study.release) == ("NCT00000002", (), RELEASE)
    assert number_of(study.payload) == "NCT00000002"
    assert asked == ["/studies/NCT00000002"]


def test_a_study_comes_by_a_former_number():
    """The number it has now is told, and the one that led there."""
    study, asked = looked(studies=[HEIR], ask=lambda look: look.study("NCT00000007"))
    assert (study.nct_id, study.moved) == ("NCT00000001", ("NCT00000007",))
    assert asked == ["/studies/NCT00000007", "/studies/NCT00000001"]


def test_a_study_that_is_not_there_is_none():
    """The registry itself says so, and is asked once."""
    assert looked(ask=lambda look: look.study("NCT00000099")) == (None, ["/studies/NCT00000099"])


def test_a_server_in_front_knows_nothing_of_studies():
    """Its page that says 404 is a fault: no study is taken for removed by it."""
    page = faults.answering(404, b"<html>404 Not Found</html>")
    study, asked = looked(On(page), ask=lambda look: look.study("NCT00000001"))
    assert study.nct_id == "NCT00000001"
    assert len(asked) == 2
    with pytest.raises(SourceUnreadable, match=r"404 \(Not Found\) with a web page"):
        looked(On(page, times=EVER), ask=lambda look: look.study("NCT00000001"))


@pytest.mark.parametrize(
    "body",
    ["{}", "[]", '{"protocolSection":{"identificationModule":{"nctId":null}}}', '{"studies":[]}'],
)
def test_a_study_without_a_number_is_asked_for_again(body):
    """Whatever it is, it is not that study."""
    study, asked = looked(On(saying(body)), ask=lambda look: look.study("NCT00000001"))
    assert study.nct_id == "NCT00000001"
    assert len(asked) == 2


def test_a_number_cannot_lead_elsewhere():
    """What is asked for is one step of a path, whatever is in it."""
    with serving(a_registry()) as served:
        look = a_look(served.url)
        with look.client, pytest.raises(QuestionRefused):
            look.study("../version?x=1")
    assert served.paths() == ["/studies/..%2Fversion%3Fx%3D1"]


def test_requests_are_counted():
    """Redirects and tries are requests too."""
    with serving(a_registry(HEIR), On(faults.failing())) as served:
        look = a_look(served.url)
        with look.client:
            look.study("NCT00000007")
    assert look.requests == len(served.asked) == 3
