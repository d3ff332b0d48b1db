"""How a client asks: its name, its pace, its patience, and where it follows."""

import math
from contextlib import suppress
from datetime import timedelta

import pytest

from ctmonitor.errors import QuestionRefused, SourceUnreadable
from ctmonitor.sources.client import Answer, Client, Manners, Unfit, release_in
from tests.registry import On, faults, serving
from tests.registry.asking import a_registry
from tests.sources.asking import NOON, Clock, a_client, saying, swelling

EVER = math.inf


def code_of(answer: Answer) -> int:
    return answer.code


def ask(client: Client, path: str = "/version") -> Answer:
    with client:
        return client.get(path, read=lambda answer: answer)


def heard(*faulty: On, **manners) -> tuple[list[float], list[str]]:
    """The waits between requests, and the paths that a server was asked for, in vain or not."""
    clock = Clock()
    with serving(a_registry(), *faulty) as served:
        with suppress(SourceUnreadable):
            ask(a_client(served.url, clock, **manners))
        return clock.waits, served.paths()


def said(*faulty: On, path: str = "/version", **manners) -> str:
    """The sentence that asking ends with."""
    with serving(a_registry(), *faulty) as served, pytest.raises(SourceUnreadable) as found:
        ask(a_client(served.url, **manners), path)
    return str(found.value).replace(f":{served.port}", "")


@pytest.mark.parametrize(
    ("contact", "written"),
    [
        ("data@example.org", " (+data@example.org)"),
        (None, ""),
        ("Zoë\r\nX: y", r" (+Zo\r\nX: y)"),
    ],
)
def test_a_client_names_itself(contact, written):
    """The server learns the program, its version and who to write to; nothing can be slipped in."""
    with serving(a_registry()) as served:
        ask(a_client(served.url, contact=contact))
    (heard,) = served.asked
    name, _, rest = heard.headers["user-agent"].partition("/")
    assert name == "ctmonitor"
    assert rest.partition(" ")[1:] == (" " if written else "", written[1:])
    assert heard.headers["accept-encoding"] == "gzip"
    assert "x" not in heard.headers


def test_an_answer_is_all_that_reading_needs():
    """Code, body, type, release and path come with it."""
    with serving(a_registry()) as served:
        answer = ask(a_client(served.url))
    assert answer.body == b'{"apiVersion":"2.0.5","dataTimestamp":"2026-03-02T09:00:05"}'
    assert (answer.code, answer.content_type) == (200, "application/json")
    assert (answer.release, answer.path, answer.moved) == ("2026-03-02T09:00:05", "/version", ())


def test_what_was_asked_is_counted():
    """Requests, retries and the bytes on the wire."""
    with serving(a_registry(), On(faults.failing())) as served, a_client(served.url) as client:
        body = client.get("/version", read=lambda answer: answer.body)
        client.get("/version", read=code_of)
    assert (client.requests, client.retries) == (3, 1)
    assert client.bytes_received == 2 * len(body)


def test_requests_start_no_faster_than_the_rate():
    """The first request starts at once, each other one a turn after the one before."""
    clock = Clock()
    with serving(a_registry()) as served, a_client(served.url, clock, rate=4) as client:
        for _ in range(3):
            client.get("/version", read=code_of)
        clock.at += 0.2
        client.get("/version", read=code_of)
    assert clock.waits == pytest.approx([0.25, 0.25, 0.05])


def test_waits_grow_up_to_a_minute():
    """Each wait is twice the one before, and none is longer than a minute."""
    waits, paths = heard(On(faults.failing(), times=EVER), tries=9)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert len(paths) == 9


def test_waits_are_spread_by_chance():
    """Two clients that fail together do not come back together."""
    waits = []
    with serving(a_registry(), On(faults.failing(), times=EVER)) as served:
        manners = Manners(served.url, rate=1e6, tries=3)
        client = Client(manners, sleep=waits.append, monotonic=lambda: 0.0, jitter=lambda: 0.2)
        with pytest.raises(SourceUnreadable):
            ask(client)
    assert [wait for wait in waits if wait > 0.1] == pytest.approx([0.6, 1.2])


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        (7, 7),
        (0, 1),
        (100_000, 900),
        ("9" * 5000, 900),
        (NOON + timedelta(seconds=42), 42),
        (NOON - timedelta(days=1), 1),
        (NOON + timedelta(days=400), 900),
        ("Mon, 02 Mar 2026 12:00:30 -0000", 30),
        ("soon", 1),
        ("-5", 1),
        ("1.5", 1),
        ("²", 1),
        ("Mon, 99 Mar 2026 12:00:30 GMT", 1),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 900),
        ("Mon, 02 Mar 999999999999 12:00:30 GMT", 1),
        ("Mon, 02 Mar 2026 12:00:30 +99999999", 1),
        (None, 1),
    ],
)
def test_the_server_may_say_when_to_come_again(told, wait):
    """Retry-After is obeyed up to a quarter of an hour; nonsense is as if nothing was said."""
    waits, paths = heard(On(faults.too_many(told)))
    assert waits == [wait]
    assert paths == ["/version"] * 2


def test_all_requests_together_have_an_end():
    """No wait is begun that would pass it, and the sentence says so."""
    ending = said(On(faults.failing(), times=EVER), look_seconds=14)
    waits, paths = heard(On(faults.failing(), times=EVER), look_seconds=14)
    assert waits == [1, 2, 4]
    assert len(paths) == 4
    assert ending.startswith("http://127.0.0.1: asking it may take 14 seconds, and that is not")
    assert "asked 4 times, and the last time it answered 503 (Service Unavailable)" in ending


def test_no_request_is_begun_when_all_are_over():
    """Time that passes elsewhere counts too."""
    clock = Clock()
    with serving(a_registry()) as served, a_client(served.url, clock, look_seconds=60) as client:
        client.get("/version", read=code_of)
        clock.at += 61
        with pytest.raises(SourceUnreadable, match="may take 1 minute, and that is not enough;"):
            client.get("/version", read=code_of)
    assert len(served.asked) == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_server_is_followed(code):
    """The answer says where it came from, and by way of what."""
    moves = On(faults.moved("/api/v2/stats/size", code), path="/version")
    with serving(a_registry(), moves) as served:
        answer = ask(a_client(served.url))
    assert (answer.path, answer.moved) == ("/stats/size", ("/version",))
    assert served.paths() == ["/version", "/stats/size"]


def test_a_redirect_may_name_its_server():
    """A whole address is as good as a path."""
    with serving(a_registry()) as served:
        served.script.lines = (On(faults.moved(f"{served.url}/stats/size")),)
        assert ask(a_client(served.url)).path == "/stats/size"


def test_a_redirect_may_lead_out_of_the_api():
    """What is there is asked, and named by its whole path."""
    ending = said(On(faults.moved("/elsewhere")))
    assert "it answered 404 (Not Found) about /elsewhere" in ending


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("http://example.org/api/v2/version", "another server, http://example.org;"),
        ("//user:secret@example.org/", "another server, http://example.org;"),
        ("https://127.0.0.1/api/v2/version", "another server, https://127.0.0.1;"),
        ("http://127.0.0.1:1/api/v2/version", "another server, http://127.0.0.1:1;"),
        ("http://[::1", "an address that is none;"),
        ("http://x:port/", "an address that is none;"),
        ("ftp://127.0.0.1/x", "another server, ftp://127.0.0.1;"),
    ],
)
def test_a_redirect_to_another_server_is_refused(place, shown):
    """It is named, and nothing is asked there, nor here again."""
    faulty = On(faults.moved(place), times=EVER)
    ending = said(faulty)
    assert shown in ending
    assert "secret" not in ending
    assert heard(faulty) == ([], ["/version"])


def test_a_circle_of_redirects_ends():
    """Five redirects are followed and no more."""
    circle = On(faults.moved("/api/v2/version"), times=EVER)
    assert "it sent us on more than 5 times" in said(circle)
    assert heard(circle) == ([], ["/version"] * 6)


def test_a_fault_after_a_redirect_is_tried_again_there():
    """What was learned on the way is kept, and the tries are those of one question."""
    faulty = (
        On(faults.moved("/api/v2/stats/size"), path="/version"),
        On(faults.failing(), path="/stats/size", times=2),
    )
    waits, paths = heard(*faulty)
    assert paths == ["/version", "/stats/size", "/stats/size", "/stats/size"]
    assert waits == [1, 2]


def test_the_body_of_a_redirect_is_not_read():
    """A bomb there does no harm."""
    moves = swelling(faults.moved("/api/v2/stats/size"), 200)
    with serving(a_registry(), On(moves)) as served, a_client(served.url) as client:
        answer = client.get("/version", read=lambda answer: answer)
    assert answer.moved == ("/version",)
    assert client.bytes_received < 10_000


@pytest.mark.parametrize(
    ("tag", "release"),
    [
        ('"883b003/0.34.1/mtmq3wmo"', "2026-09-04T09:00:06"),
        ('"bfbfda5/0.22.3/lkmygwxt-gzip"', "2023-07-28T19:07:24"),
        ('W/"883b003/0.34.1/mtmq3wmo"', "2026-09-04T09:00:06"),
        ('W/"883b003/0.34.1/mtmq3wmo--gzip"', "2026-09-04T09:00:06"),
        ('"883b003/0.34.1/mtmq3wmo;gzip"', "2026-09-04T09:00:06"),
        ("883b003/0.34.1/mtmq3wmo", "2026-09-04T09:00:06"),
        (' "883b003/0.34.1/mtmq3wmo" ', "2026-09-04T09:00:06"),
        ('"883b003/0.34.1/"', None),
        ('"883b003/0.34.1/mtmq_wmo"', None),
        ('"883b003/0.34.1/zzzzzzzzzzzzzz"', None),
        ('"883b003/0.34.1/zzzzzzzzzz"', None),
        ('"883b003/0.34.1/1"', None),
        ('"883b003/mtmq3wmo"', None),
        ('"mtmq3wmo"', None),
        ('"a/b/c/mtmq3wmo"', None),
        ('"883b003/0.34.1/mtmq3wmo" x', None),
        ("", None),
        (None, None),
    ],
)
def test_a_tag_tells_the_release(tag, release):
    """Its third part is the instant of the release, however the tag is wrapped."""
    assert release_in(tag) == release


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.answering(403), "it refuses to answer us (403, Forbidden), perhaps this address"),
        (faults.answering(404), "it answered 404 (Not Found) about /version"),
        (faults.answering(400, b"<p>"), "it answered 400 (Bad Request) about /version"),
        (faults.answering(501), "it answered 501 (Not Implemented) about /version"),
        (faults.answering(414), "about /version"),
        (faults.answering(304), "it answered 304 (Not Modified) about /version"),
    ],
)
def test_what_no_other_try_would_mend_is_asked_once(fault, words):
    """The answer is said with its meaning."""
    waits, paths = heard(On(fault, times=EVER))
    assert (waits, paths) == ([], ["/version"])
    assert words in said(On(fault, times=EVER))


def test_a_question_is_refused_in_the_registrys_words():
    """They come on one line, of bounded length, and steer no terminal."""
    words = "Error \x1b[31mparsing\u202e\r\nquery: " + "long " * 200
    fault = faults.answering(400, words.encode(), "text/plain; charset=UTF-8")
    with serving(a_registry(), On(fault)) as served, pytest.raises(QuestionRefused) as found:
        ask(a_client(served.url))
    assert found.value.words.startswith("Error [31mparsing query: long long")
    assert len(found.value.words) == 300
    assert found.value.exit_code == 2
    assert found.value.words.isprintable()


def test_what_is_unfit_is_asked_for_again():
    """Whoever reads an answer decides whether it is what it should be."""
    bodies = []

    def read(answer: Answer) -> str:
        bodies.append(answer.body)
        if len(bodies) < 3:
            raise Unfit("it was in a bad mood")
        return "good"

    with serving(a_registry()) as served, a_client(served.url) as client:
        assert client.get("/version", read=read) == "good"
    assert len(served.asked) == len(bodies) == 3


def test_credentials_are_sent_and_never_shown():
    """An address may hold a name and a password; sentences name only the server."""
    with serving(a_registry(), On(faults.answering(403))) as served:
        url = served.url.replace("//", "//me:secret@")
        with pytest.raises(SourceUnreadable) as found:
            ask(a_client(url))
    assert served.asked[0].headers["authorization"].startswith("Basic ")
    assert str(found.value).startswith(f"http://127.0.0.1:{served.port}: it refuses")


@pytest.mark.parametrize(
    "wrong",
    [{"url": "clinicaltrials.gov"}, {"url": "ftp://x/"}, {"rate": 0}, {"tries": 0}],
)
def test_manners_that_cannot_be_are_refused(wrong):
    """An address has a scheme and a server; there is at least one try."""
    with pytest.raises(ValueError, match=r"is no address|above zero"):
        Manners(**{"url": "https://example.org", **wrong})


def test_an_answer_in_another_packing_is_not_guessed_at():
    """Only gzip was asked for."""
    ending = said(On(saying("{}", content_encoding="br"), times=EVER), tries=2)
    assert "its answer was packed in a way that was not asked for" in ending
