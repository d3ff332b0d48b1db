"""What a server does wrong, and that no half answer is ever taken for a whole one."""

import math
import random
import re
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace

import orjson
import pytest
from urllib3.connection import HTTPConnection

from ctmonitor.errors import SourceUnreadable
from ctmonitor.sources.deadline import Lines
from tests.delivery.certificates import self_signed
from tests.registry import On, faults, serving
from tests.registry.asking import a_registry
from tests.sources.asking import (
    Clock,
    a_door,
    a_look,
    farewell_drip,
    saying,
    swelling,
)

EVER = math.inf
WHOLE = '{"studies":[{"a":1}],"totalCount":1}'
INSIDES = re.compile(r"\w(Error|Exception)|urllib3|requests\.|HTTPConnection|Errno|\b0x")
BROKEN = "its answer was broken off"
NOT_JSON = "its answer was cut off or is not JSON"
NO_PAGE = "its answer was not what it should be"
WEB_PAGE = "it sent a web page, not JSON"

FAULTS = [
    (faults.too_many(), "it answered 429 (Too Many Requests)"),
    (faults.failing(500), "it answered 500 (Internal Server Error)"),
    (faults.failing(502), "it answered 502 (Bad Gateway)"),
    (faults.failing(503), "it answered 503 (Service Unavailable)"),
    (faults.failing(504), "it answered 504 (Gateway Timeout)"),
    (faults.hung_up(), BROKEN),
    (faults.reset(), BROKEN),
    (faults.reset(50), BROKEN),
    (faults.reset(300), BROKEN),
    (faults.cut(0), BROKEN),
    (faults.cut(100), BROKEN),
    (faults.wrong_length(5), BROKEN),
    (faults.wrong_length(-5), NOT_JSON),
    (faults.cut_chunks(100), BROKEN),
    (faults.cut_unsized(0), NOT_JSON),
    (faults.cut_unsized(100), NOT_JSON),
    (replace(faults.cut_unsized(100), is_plain=False), BROKEN),
    (faults.maintenance(), WEB_PAGE),
    (saying(b""), NOT_JSON),
    (saying(WHOLE, "text/html; charset=utf-8"), WEB_PAGE),
    (saying(WHOLE, "text/csv"), "it sent something else, not JSON"),
    (saying(WHOLE, content_encoding="gzip"), "its packed answer was damaged"),
    (saying("{}"), NO_PAGE),
    (saying("[]"), NO_PAGE),
    (saying('{"studies":null}'), NO_PAGE),
    (saying('{"totalCount":5}'), NO_PAGE),
    (saying('{"studies":[],"nextPageToken":""}'), NO_PAGE),
    (saying('{"studies":[],"nextPageToken":5}'), NO_PAGE),
    (saying('{"studies":[],"totalCount":"5"}'), NO_PAGE),
    (saying('{"studies":[],"totalCount":-1}'), NO_PAGE),
    (saying(WHOLE + WHOLE), NOT_JSON),
    (saying(WHOLE.encode() + b"\0"), NOT_JSON),
    (saying(WHOLE.encode("utf-16")), NOT_JSON),
    (saying('{"studies":[{"a":"é"}]}'.encode("latin-1")), "its answer is not UTF-8"),
    (saying(b'{"studies":[],"next\xffPageToken":"x"}'), "its answer is not UTF-8"),
    (saying(b'{"studies":[],"x":"' + b"x" * 2**17 + b'\xc3"}'), "its answer is not UTF-8"),
    (saying('{"studies":[{"a":"\\ud800"},{"b":"é"}]}'.encode("latin-1")), NOT_JSON),
    (saying('{"studies":[{"a":1},]}'), NOT_JSON),
    (saying('{"studies":[{"a":1} {"a":2}]}'), NOT_JSON),
    (saying('{"studies":[' + "[" * 100_000), NOT_JSON),
]


def name_of(value: object) -> str:
    return getattr(value, "name", "")


def is_one_sentence(text: str) -> bool:
    """Whether a layman is spared the insides: no name of a class, no second line."""
    return text.isprintable() and len(text) < 300 and not INSIDES.search(text)


@pytest.mark.parametrize(("fault", "why"), FAULTS, ids=name_of)
def test_what_stays_wrong_is_said(fault, why):
    """After all tries one sentence says what was wrong; no more is asked than was allowed."""
    with serving(a_registry(), On(fault, times=EVER)) as served:
        look = a_look(served.url, tries=3)
        with look.client, pytest.raises(SourceUnreadable) as found:
            look.page({})
    assert f"asked 3 times, and the last time {why}" in str(found.value)
    assert is_one_sentence(str(found.value))
    assert len(served.asked) == look.requests == 3


@pytest.mark.parametrize(("fault", "why"), FAULTS, ids=name_of)
def test_what_goes_wrong_once_is_asked_again(fault, why):
    """The page comes with the second answer, whole."""
    with serving(a_registry(count=7), On(fault)) as served:
        look = a_look(served.url, tries=2)
        with look.client:
            page = look.page({})
    assert (len(page.studies), page.total) == (7, 7)
    assert (len(served.asked), look.client.retries) == (2, 1)


def test_a_refused_connection_is_tried_again():
    """Nobody is there at all."""
    clock = Clock()
    with serving(a_registry()) as served:
        served.hang_up()
        look = a_look(served.url, clock, tries=4)
        with look.client, pytest.raises(SourceUnreadable) as found:
            look.version()
    assert "asked 4 times, and the last time it refused the connection" in str(found.value)
    assert is_one_sentence(str(found.value))
    assert clock.waits == [1, 2, 4]


def test_an_unknown_name_is_said():
    """A server that has no address at all is not one that refuses."""
    look = a_look("http://nobody.invalid/api", tries=1)
    with look.client, pytest.raises(SourceUnreadable) as found:
        look.version()
    assert str(found.value).startswith("http://nobody.invalid: its name was not found;")


CUTS = {
    "sized": faults.cut,
    "chunked": faults.cut_chunks,
    "unsized": faults.cut_unsized,
    "packed": lambda at: replace(faults.cut(at), is_plain=False),
    "packed, unsized": lambda at: replace(faults.cut_unsized(at), is_plain=False),
}


@pytest.mark.parametrize("kind", CUTS)
def test_no_cut_page_is_accepted(kind):
    """Cut at 40 random places, a page is refused 40 times; whole, it is accepted."""
    registry = a_registry(count=30)
    with serving(registry) as served, a_look(served.url).client as client:
        whole = client.get("/studies", "pageSize=30", read=lambda answer: answer.body)
        length = client.bytes_received if kind.startswith("packed") else len(whole)
    places = random.Random(kind).sample(range(length), 40)
    faulty = [On(CUTS[kind](at), nth=nth) for nth, at in enumerate(places, 1)]
    with serving(registry, *faulty) as served:
        look = a_look(served.url, tries=1)
        with look.client:
            for _ in places:
                with pytest.raises(SourceUnreadable):
                    look.page({}, size=30)
            assert len(look.page({}, size=30).studies) == 30
    assert len(served.struck) == 40


def test_a_page_ends_where_its_json_ends():
    """The same page cut before every one of its letters is never taken for a page."""
    body = orjson.dumps({"studies": [], "totalCount": 3, "nextPageToken": "abc"})
    faulty = [On(saying(body[:at]), nth=at + 1) for at in range(len(body))]
    with serving(a_registry(), *faulty) as served:
        look = a_look(served.url, tries=1)
        with look.client:
            for _ in faulty:
                with pytest.raises(SourceUnreadable):
                    look.page({})
    assert len(served.struck) == len(body)


DRIPS = [
    faults.silent(),
    faults.drip_headers(40),
    faults.drip_body(40),
    farewell_drip(40),
]


@pytest.mark.parametrize("fault", DRIPS * 5, ids=name_of)
def test_what_drips_is_cut_off(fault):
    """A server that is never quite silent is left at the deadline, 20 times out of 20."""
    begun = time.monotonic()
    with serving(a_registry(), On(fault, times=EVER)) as served:
        look = a_look(served.url, tries=1, request_seconds=0.25)
        with look.client, pytest.raises(SourceUnreadable) as found:
            look.version()
    assert 0.25 <= time.monotonic() - begun < 0.25 + 2
    assert "it gave no whole answer within 0.25 seconds" in str(found.value)
    assert len(served.asked) == 1


@pytest.mark.parametrize("fault", DRIPS, ids=name_of)
def test_a_later_drip_is_cut_off_too(fault):
    """A connection that served well before is no exception."""
    begun = time.monotonic()
    with serving(a_registry(), On(fault, nth=3, times=EVER)) as served:
        look = a_look(served.url, tries=1, request_seconds=0.25)
        with look.client, pytest.raises(SourceUnreadable, match=r"within 0\.25 seconds"):
            for _ in range(3):
                look.version()
    assert time.monotonic() - begun < 0.25 + 2


def test_a_connection_that_comes_too_late_is_cut():
    """When looking for the server takes all the time, nothing is asked any more."""
    lines = Lines()
    ours, theirs = socket.socketpair()
    with ours, theirs, closing(lines):
        with lines.bounded(0.01) as past:
            past.wait(5)
            lines.hold(HTTPConnection("late.invalid"), ours)
        theirs.settimeout(5)
        assert theirs.recv(1) == b""


def test_after_a_drip_another_try_may_do():
    """The connection that was cut is not used again."""
    with serving(a_registry(), On(faults.drip_body(40))) as served:
        look = a_look(served.url, request_seconds=0.25)
        with look.client:
            assert look.version() == look.version() == "2026-03-02T09:00:05"
    assert len(served.asked) == 3


def test_a_greeting_that_drips_is_cut_off():
    """The deadline holds before there is a safe connection, too."""

    def greet(connection, over):
        connection.sendall(b"\x16\x03\x03\x10\x00")
        while not over.wait(0.02):
            connection.sendall(b"\x02")

    begun = time.monotonic()
    with a_door(greet) as port:
        look = a_look(f"https://127.0.0.1:{port}", tries=1, request_seconds=0.25)
        with look.client, pytest.raises(SourceUnreadable, match="said nothing for too long"):
            look.version()
    assert time.monotonic() - begun < 0.25 + 2


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """A server's TLS that clients trust."""
    context, certificate = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    return context


TOLD = b'{"dataTimestamp":"2026-03-02T09:00:05"}'


@pytest.mark.parametrize("head", [b"Content-Length: 39", b"Connection: close"])
@pytest.mark.parametrize("tries", [1, 2])
def test_what_drips_through_a_safe_connection_is_cut_off(trusted, head, tries):
    """The deadline reaches through TLS; another try gets the answer."""
    visits = []

    def talk(connection, over):
        visits.append(connection)
        with trusted.wrap_socket(connection, server_side=True) as safe:
            safe.recv(4096)
            safe.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + head)
            safe.sendall(b"\r\n\r\n")
            for at in range(len(TOLD)):
                safe.sendall(TOLD[at : at + 1])
                if len(visits) == 1 and over.wait(0.05):
                    return

    begun = time.monotonic()
    with a_door(talk) as port:
        look = a_look(f"https://127.0.0.1:{port}", tries=tries, request_seconds=0.5)
        with look.client:
            if tries == 1:
                with pytest.raises(SourceUnreadable, match=r"within 0\.5 seconds"):
                    look.version()
            else:
                assert look.version() == "2026-03-02T09:00:05"
    assert 0.5 <= time.monotonic() - begun < 0.5 + 2
    assert len(visits) == tries


def test_a_certificate_that_nobody_vouches_for_is_said(tmp_path):
    """No question is asked on a connection that is not safe."""
    context, _ = self_signed(tmp_path)

    def talk(connection, over):
        context.wrap_socket(connection, server_side=True).close()

    with a_door(talk) as port:
        look = a_look(f"https://127.0.0.1:{port}", tries=2)
        with look.client, pytest.raises(SourceUnreadable) as found:
            look.version()
    assert "no safe connection could be made (CERTIFICATE_VERIFY_FAILED)" in str(found.value)


def test_a_server_that_is_none_is_said():
    """Whatever is said there is not what a server of the web says."""
    with a_door(lambda connection, over: connection.sendall(b"220 mail ready\r\n")) as port:
        look = a_look(f"http://127.0.0.1:{port}", tries=2)
        with look.client, pytest.raises(SourceUnreadable) as found:
            look.version()
    assert is_one_sentence(str(found.value))


def test_the_last_request_ends_with_the_time_for_all():
    """What is left of the time for all requests bounds each of them."""
    begun = time.monotonic()
    clock = Clock()
    with serving(a_registry(), On(faults.silent(), times=EVER)) as served:
        look = a_look(served.url, clock, look_seconds=0.3, request_seconds=60)
        with look.client, pytest.raises(SourceUnreadable, match=r"may take 0\.3 seconds"):
            look.version()
    assert time.monotonic() - begun < 0.3 + 2
    assert len(served.asked) == 1


def test_a_bomb_is_refused_at_once():
    """What swells out of all proportion is not asked for again."""
    with serving(a_registry(), On(faults.bomb(50), times=EVER)) as served:
        look = a_look(served.url)
        with look.client, pytest.raises(SourceUnreadable) as found:
            look.page({})
    assert "its answer swells to more than 200 times its size" in str(found.value)
    assert len(served.asked) == 1


def test_a_small_bomb_is_only_blanks():
    """Below a megabyte nothing is said about proportions."""
    with serving(a_registry(), On(swelling(faults.drip_body(), 0))) as served:
        look = a_look(served.url)
        with look.client:
            assert len(look.page({}).studies) == 5


GROWTH = """
import resource, sys
from ctmonitor.errors import SourceUnreadable
from ctmonitor.sources.client import Client, Manners
from ctmonitor.sources.ctgov import Registry

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

with Client(Manners(sys.argv[1], rate=1000)) as client:
    Registry(client).version()
    before = peak()
    try:
        Registry(client).page({})
    except SourceUnreadable as problem:
        print(peak() - before, problem)
"""


def test_a_bomb_does_not_fill_the_memory():
    """200 MB of blanks cost a client less than 20 MB."""
    with serving(a_registry(), On(faults.bomb(200), path="/studies", times=EVER)) as served:
        asked = (sys.executable, "-c", GROWTH, served.url)
        told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=30)
    grown, _, sentence = told.stdout.partition(" ")
    assert "swells" in sentence
    assert int(grown) < 20


def test_a_page_that_is_too_large_comes_smaller():
    """The same page is asked for with fewer studies until it can be read."""
    large = saying(b" " * (65 << 20) + WHOLE.encode())
    faulty = On(replace(large, is_plain=True), holding="pageSize=1000")
    with serving(a_registry(count=300), faulty) as served:
        look = a_look(served.url)
        with look.client:
            page = look.page({})
    assert [asked.query["pageSize"] for asked in served.asked] == ["1000", "250"]
    assert (len(page.studies), page.total) == (250, 300)


def test_a_page_that_stays_too_large_is_said():
    """There is an end to asking for less."""
    large = replace(saying(b" " * (65 << 20)), is_plain=True)
    with serving(a_registry(), On(large, times=EVER)) as served:
        look = a_look(served.url)
        with look.client, pytest.raises(SourceUnreadable, match="larger than 64 MB") as found:
            look.page({}, size=20)
    assert type(found.value) is SourceUnreadable
    assert [asked.query["pageSize"] for asked in served.asked] == ["20", "10"]


def test_faults_at_random_lose_nothing():
    """With a third of all requests going wrong, a whole listing comes, within the tries."""
    kinds = [fault for fault, _ in FAULTS]
    struck = faults.at_random(kinds, seed=3, share=0.33, among=300)
    with serving(a_registry(count=60), *struck) as served:
        look = a_look(served.url, tries=8)
        with look.client:
            page = look.page({}, size=1)
            found = {page.studies}
            while page.token:
                page = look.page({}, size=1, token=page.token)
                found.add(page.studies)
    assert len(found) == 60
    assert len(served.asked) == 60 + len(served.struck) == look.requests
