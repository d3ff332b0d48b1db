"""Each fault does what its name says."""

import math
import socket
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import orjson
import pytest
import requests

from tests.registry import On, faults, serving
from tests.registry.asking import a_registry, ask, crawl, numbers, raw
from tests.registry.faults import NAMED, read_faults

WHOLE = b'{"apiVersion":"2.0.5","dataTimestamp":"2026-03-02T09:00:05"}'
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def heard(fault, path="/version", **how):
    """What a plain socket gets from a server with that fault: head and body."""
    with serving(a_registry(), On(fault)) as served:
        head, _, body = raw(served, path, **how).partition(b"\r\n\r\n")
    return head, body


def length(head):
    return int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_failing(code):
    """A failure has its code and a page of HTML, and the next request is answered."""
    with serving(a_registry(), On(faults.failing(code))) as served:
        first, second = ask(served, "/version"), ask(served, "/version")
    assert (first.status_code, first.headers["content-type"]) == (code, "text/html")
    assert second.status_code == 200
    assert served.struck == [(1, f"failing {code}")]


@pytest.mark.parametrize(("said", "written"), [(7, "7"), ("soon", "soon"), (None, None)])
def test_too_many_requests(said, written):
    """429 says when to come again, or does not."""
    with serving(a_registry(), On(faults.too_many(said))) as served:
        answer = ask(served, "/version")
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, written)


def test_too_many_requests_with_a_date():
    """The time to come again may be a date."""
    with serving(a_registry(), On(faults.too_many(NOON))) as served:
        answer = ask(served, "/version")
    assert parsedate_to_datetime(answer.headers["retry-after"]) == NOON


def test_long_addresses_are_refused():
    """An address of more characters than fit is answered 414, and a shorter one as usual."""
    with serving(a_registry(), On(faults.narrow(100), times=math.inf)) as served:
        short, long = (ask(served, "/studies", query_term="a" * size) for size in (9, 90))
    assert (short.status_code, long.status_code) == (200, 414)


@pytest.mark.parametrize(
    ("fault", "kind", "body"),
    [
        (faults.maintenance(), "text/html", "Back soon"),
        (faults.empty_listing(), "application/json", '{"studies":[]}'),
        (faults.answering(200, b"null", "application/json"), "application/json", "null"),
    ],
)
def test_another_answer(fault, kind, body):
    """200 may come with what is no page of the registry's."""
    with serving(a_registry(), On(fault)) as served:
        answer = ask(served, "/studies")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert body in answer.text


def test_moved_to_another_host():
    """A redirect leads where it is told to; the other host hears who follows it."""
    with serving(a_registry()) as other:
        fault = faults.moved(f"{other.url}/version")
        with serving(a_registry(), On(fault)) as served:
            answer = requests.get(f"{served.url}/version", timeout=5)
    assert [before.status_code for before in answer.history] == [302]
    assert other.paths() == ["/version"]


def test_gone():
    """The request is hung up on, connections are refused for a while, then all is well."""
    with serving(a_registry(), On(faults.gone(0.3))) as served:
        assert raw(served) == b""
        with pytest.raises(ConnectionRefusedError):
            raw(served)
        time.sleep(0.5)
        assert raw(served).endswith(WHOLE)


def test_hang_up_and_pick_up():
    """A test may take the server away and bring it back at the same address."""
    with serving(a_registry()) as served:
        served.hang_up()
        with pytest.raises(requests.ConnectionError):
            ask(served, "/version")
        served.pick_up()
        assert ask(served, "/version").status_code == 200


def test_going_away_from_many_sides():
    """Whoever sends the server away, and however often at once, it comes back one."""
    with serving(a_registry()) as served, ThreadPoolExecutor(4) as pool:
        gone = [pool.submit(served.go_away, step / 2000) for step in range(40)]
        assert [one.result() for one in gone] == [None] * 40
        time.sleep(0.1)
        assert ask(served, "/version").status_code == 200


def test_hung_up():
    """The connection ends without a word."""
    assert heard(faults.hung_up()) == (b"", b"")


@pytest.mark.parametrize("count", [0, 40])
def test_reset(count):
    """The connection is reset, not closed, after so many bytes."""
    heard_ = b""
    with (
        serving(a_registry(), On(faults.reset(count))) as served,
        socket.create_connection(("127.0.0.1", served.port), 2) as connection,
    ):
        connection.sendall(b"GET /api/v2/version HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            while part := connection.recv(10):
                heard_ += part
    assert len(heard_) in (0, count)  # what was sent may be lost with the connection


def test_silent():
    """Nothing comes for as long as the client waits."""
    began = time.monotonic()
    assert heard(faults.silent(), seconds=0.3) == (b"", b"")
    assert time.monotonic() - began >= 0.3


def test_cut():
    """The body is short of the length that was told."""
    head, body = heard(faults.cut(20))
    assert (body, length(head)) == (WHOLE[:20], len(WHOLE))


@pytest.mark.parametrize("more", [-5, 5])
def test_wrong_length(more):
    """The body is whole under a length that is not its own."""
    head, body = heard(faults.wrong_length(more))
    assert (body, length(head)) == (WHOLE, len(WHOLE) + more)


def test_cut_chunks():
    """The chunks end before the body does, and the last one is missing."""
    head, body = heard(faults.cut_chunks(20))
    assert b"Transfer-Encoding: chunked" in head
    assert body == b"a\r\n" + WHOLE[:10] + b"\r\na\r\n" + WHOLE[10:20] + b"\r\n"


def test_cut_without_a_length():
    """A client cannot tell the cut from the end: to `requests` the body is whole."""
    with serving(a_registry(count=40), On(faults.cut_unsized(300), times=2)) as served:
        answer = ask(served, "/studies")
        head, _, body = raw(served, "/studies").partition(b"\r\n\r\n")
    assert (answer.content, len(body)) == (body, 300)
    assert b"ength" not in head
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_headers_dripped():
    """The headers come a byte at a time."""
    head, body = heard(faults.drip_headers(50), seconds=0.3)
    assert body == b""
    assert b"HTTP".startswith(head[:4])


def test_body_dripped_outlasts_the_usual_timeout():
    """Each byte comes in time, so a timeout between bytes is never reached."""
    with serving(a_registry(), On(faults.drip_body(100))) as served:
        began = time.monotonic()
        answer = requests.get(f"{served.url}/version", timeout=0.2)
        took = time.monotonic() - began
    assert answer.content == WHOLE
    assert took > 0.5


def test_a_slow_answer_does_not_outlive_the_server():
    """Leaving the block ends what is still being dripped."""
    began = time.monotonic()
    heard(faults.drip_body(1), seconds=0.2)
    assert time.monotonic() - began < 2


def test_bomb():
    """A small body unpacks to megabytes, and ends in the right answer."""
    head, body = heard(faults.bomb(8))
    unpacked = zlib.decompress(body, wbits=31)
    assert b"Content-Encoding: gzip" in head
    assert len(body) * 100 < len(unpacked)
    assert (len(unpacked), unpacked[-len(WHOLE) :]) == (8 * 1024 * 1024 + len(WHOLE), WHOLE)


def crawled(*faults_, registry=None, **query):
    with serving(registry or a_registry(), *faults_) as served:
        return crawl(served, pageSize=2, **query)


def test_a_page_lost():
    """A crawl ends as usual and lacks what the page had: only the total tells."""
    pages = crawled(On(faults.lost_page(2), "/studies"))
    assert [number[-1] for number in numbers(*pages)] == ["1", "2", "5"]
    assert pages[0]["totalCount"] == 5


def test_studies_repeated():
    """The last study of one page comes again on the next."""
    pages = crawled(On(faults.repeated(1), "/studies"))
    assert [number[-1] for number in numbers(*pages)] == ["1", "2", "2", "3", "4", "5"]


def test_ended_early():
    """A page that should lead on does not."""
    pages = crawled(On(faults.ended_early(), "/studies", nth=2))
    assert [number[-1] for number in numbers(*pages)] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_an_empty_page_leads_on(nth):
    """A page may be empty and have a token; with it nothing is missed."""
    pages = crawled(On(faults.empty_page(), "/studies", nth=nth))
    assert pages[nth - 1]["studies"] == []
    assert [number[-1] for number in numbers(*pages)] == ["1", "2", "3", "4", "5"]


def test_reshuffled():
    """In another order, later pages repeat some studies and lack others."""
    pages = crawled(On(faults.reshuffled(3), "/studies", nth=2), registry=a_registry(count=20))
    assert len(numbers(*pages)) == 20
    assert len(set(numbers(*pages))) < 20


@pytest.mark.parametrize("fault", [faults.refreshed(), faults.expired_token()])
def test_a_token_that_died(fault):
    """A refresh in the middle of a crawl, or less, and its token is refused."""
    with serving(a_registry(), On(fault, "/studies", nth=2)) as served:
        token = ask(served, "/studies", pageSize=2).json()["nextPageToken"]
        answer = ask(served, "/studies", pageSize=2, pageToken=token)
    assert answer.status_code == 400
    assert answer.text == f"Invalid value in parameter `pageToken`: `{token}`"


def test_a_torn_crawl():
    """Where tokens outlive releases, a refresh leaves two dates in one crawl and no other trace."""
    registry = a_registry(tokens_outlive_releases=True)
    pages = crawled(On(faults.refreshed(), "/studies", nth=2), registry=registry)
    held_by = [
        study["derivedSection"]["miscInfoModule"]["versionHolder"]
        for page in pages
        for study in page["studies"]
    ]
    assert held_by == ["2026-03-02"] * 2 + ["2026-03-03"] * 3


def test_stepped_back():
    """The data timestamp goes backwards."""
    registry = a_registry()
    registry.advance()
    with serving(registry, On(faults.stepped_back(), "/version", nth=2)) as served:
        told = [ask(served, "/version").json()["dataTimestamp"][8:10] for _ in range(2)]
    assert told == ["03", "02"]


def test_vanished():
    """A study is gone from lists and by its number, and the release says nothing of it."""
    with serving(a_registry(), On(faults.vanished("NCT00000002"), nth=2)) as served:
        codes = [ask(served, "/studies/NCT00000002").status_code for _ in range(2)]
        assert codes == [200, 404]
        assert [number[-1] for number in numbers(*crawl(served))] == ["1", "3", "4", "5"]
        assert ask(served, "/version").json()["dataTimestamp"].startswith("2026-03-02")


@pytest.mark.parametrize(
    ("on", "codes"),
    [
        ({}, "f...."),
        ({"nth": 2, "times": 2}, ".ff.."),
        ({"nth": 2, "times": math.inf}, ".ffff"),
        ({"path": "/studies*"}, "..f.."),
        ({"path": "/studies/*"}, "...f."),
        ({"holding": "pageSize=3"}, "..f.."),
        ({"path": "/version", "nth": 3}, "....f"),
    ],
)
def test_when_a_fault_happens(on, codes):
    """A fault happens to the nth request that fits, so many times."""
    asked = ["/version", "/version", "/studies?pageSize=3", "/studies/NCT00000001", "/version"]
    with serving(a_registry(), On(faults.failing(), **on)) as served:
        told = [ask(served, path).status_code for path in asked]
    assert "".join("f" if code == 503 else "." for code in told) == codes


def test_the_first_fault_that_fits_happens():
    """Where two would happen the first does, and the request counts for both."""
    lines = On(faults.failing(500)), On(faults.failing(503), times=2)
    with serving(a_registry(), *lines) as served:
        assert [ask(served, "/version").status_code for _ in range(3)] == [500, 503, 200]


def test_faults_at_random():
    """A share of the first requests is struck, the same ones for the same seed."""
    kinds = [faults.failing(), faults.too_many(1)]
    drawn = faults.at_random(kinds, seed=7, share=0.2, among=50)
    with serving(a_registry(), *drawn) as served:
        codes = [ask(served, "/version").status_code for _ in range(50)]
    assert len(drawn) == 10
    assert 50 - codes.count(200) == 10
    assert {503, 429} < set(codes)
    assert drawn[0].nth == faults.at_random(kinds, seed=7, share=0.2, among=50)[0].nth


def test_a_connection_is_kept_and_told_apart():
    """One connection serves many requests; a failure on it spoils none of the others."""
    with serving(a_registry(), On(faults.failing(), nth=2)) as served, requests.Session() as one:
        codes = [one.get(f"{served.url}/version", timeout=5).status_code for _ in range(3)]
    assert codes == [200, 503, 200]


def test_faults_are_named_on_the_command_line():
    """A line says which fault, and when."""
    (on,) = read_faults(["failing:502,path=/studies,nth=3,times=inf,holding=x=1"])
    assert (on.fault.name, on.path, on.nth) == ("failing 502", "/studies", 3)
    assert (on.times, on.holding) == (math.inf, "x=1")
    assert {"too-many", "cut-unsized", "bomb", "vanished"} < NAMED.keys()


def test_a_mistake_of_the_stand_in_ends_the_test():
    """A test never goes green over a broken stand-in."""

    def broken(*_):
        raise KeyError("broken")

    with (
        pytest.raises(KeyError, match="broken"),
        serving(a_registry(), On(faults.Fault("broken", remake=broken))) as served,
    ):
        assert raw(served) == b""


def test_pages_remade_are_still_json():
    """What a fault writes anew is a page like any other."""
    with serving(a_registry(), On(faults.repeated(1), "/studies")) as served:
        body = ask(served, "/studies", pageSize=2).content
    assert orjson.loads(body).keys() == {"studies", "nextPageToken"}
