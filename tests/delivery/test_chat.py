"""A message to a chat is one request with harmless text, and nothing of its address is told."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from ctmonitor.alerts import Severity
from ctmonitor.delivery import chat as chats
from ctmonitor.delivery.chat import ROOM, Chat, quiet, send, text_of
from ctmonitor.errors import DeliveryFailed, SettingWrong
from tests.delivery.build import a_digest, a_row, many
from tests.delivery.certificates import self_signed

SECRETS = ("T1JJ3T3L2", "A1BRTD4JD", "TIiajkdnlazkcOXrIdevi7FQ")
SLACK = "slack://" + "/".join(SECRETS)
SIGNATURE = "KODuebWbDGYFr0z0eu"
TEAMS = (
    "https://prod-1.westeurope.logic.azure.com:443/workflows/643e69f83c8944438d68119179a10a64"
    "/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0"
    f"&sig={SIGNATURE}"
)
TOKEN = "123456789:abcdefg_hijklmnop"
TELEGRAM = f"tgram://{TOKEN}/-1001234"
USER, APP = "u" * 30, "a" * 30
INSIDE = {
    "bark": "bark://127.0.0.1:{port}/adeviceofmine",
    "gotify": "gotify://127.0.0.1:{port}/Axyz12345678901",
    "json": "json://127.0.0.1:{port}/here",
    "mmost": "mmost://127.0.0.1:{port}/3ccdd113474722377935511fc85d3dd4",
    "nctalk": "nctalk://ann:secret@127.0.0.1:{port}/room1",
    "ntfy": "ntfy://127.0.0.1:{port}/trials",
    "rocket": "rocket://hooka/hookb@127.0.0.1:{port}",
}
OUTSIDE = {
    "discord": ("discord.com", "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"),
    "gchat": ("chat.googleapis.com", "gchat://space/key/token"),
    "pbul": ("api.pushbullet.com", "pbul://thetoken"),
    "pover": ("api.pushover.net", f"pover://{USER}@{APP}"),
    "slack": ("hooks.slack.com", SLACK),
    "tgram": ("api.telegram.org", TELEGRAM),
    "webex": ("api.ciscospark.com", "webex://" + "w" * 80),
    "workflow": ("prod-1.westeurope.logic.azure.com", TEAMS),
    "zulip": ("clinic.zulipchat.com", "zulip://bot@clinic/" + "z" * 32 + "/trials"),
}
HOSTILE = (
    "<!channel> <!here|x> <@U1> <@&2> <at>ann@clinic.example</at> @here @everyone <users/all> "
    "[ask](https://evil.example/a) <https://evil.example|x> www.evil.example /kick ann "
    "<b>x</b> &lt;@U1&gt; 例え.テスト"
)
ACTING = ("<!", "<@", "<at", "<b", "<u", "@h", "@e", "@U", "](", "://e", "w.e", "l.e", "/kick")


class Sink:
    """A server on loopback that keeps what arrives, and answers what it is told to."""

    def __init__(self, context=None):
        self.came = []
        self.answers = [(200, {}, b"ok")]
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def _handler(self):
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                sink.came.append((self.path, dict(self.headers), body))
                code, headers, said = sink.answers[min(len(sink.came), len(sink.answers)) - 1]
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        return Handler

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def sink_at(monkeypatch, tmp_path):
    """Makes a sink that stands for a host of the world; without one, it is a plain one here."""
    made, lookup = [], socket.getaddrinfo

    def make(host=None):
        context = None
        if host is not None:
            context, trusted = self_signed(tmp_path, host)
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
        made.append(Sink(context))
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda asked, port, *more, **named: lookup(
                *(("127.0.0.1", made[-1].port) if asked == host else (asked, port)), *more, **named
            ),
        )
        return made[-1]

    yield make
    for one in made:
        one.stop()


def told(url, *rows, **wanted):
    """Send a digest to a chat that may be here."""
    send(a_digest(*rows, **wanted), Chat.checked("team", url, allow_private=True))


def failure(url, *, allow_private=True):
    """What is said when a message does not leave."""
    with pytest.raises(DeliveryFailed) as caught:
        send(a_digest(), Chat.checked("team", url, allow_private=allow_private))
    return caught.value


TEXT = (
    "NCT04946669 HIGH: Now UNKNOWN; was RECRUITING\n"
    "- Overall Status: RECRUITING -> UNKNOWN (by the registry)\n"
    "https://clinicaltrials.gov/study/NCT04946669\n"
    "Registry data of 2024-11-20. Message abababababab."
)
TITLE = "NCT04946669 now UNKNOWN (was RECRUITING)"


def test_slack_gets_text_in_which_it_sees_no_mark_of_its_own(sink_at):
    """One request, to the address of the hook."""
    sink = sink_at("hooks.slack.com")
    told(SLACK)
    [(path, headers, body)] = sink.came
    said = json.loads(body)
    [attachment] = said["attachments"]
    assert path == "/services/" + "/".join(SECRETS)
    assert headers["User-Agent"] == "ctmonitor"
    assert said.keys() == {"mrkdwn", "attachments"} and said["mrkdwn"] is False
    assert attachment["title"] == TITLE
    assert attachment["text"] == TEXT.replace(">", "&gt;")


def test_teams_gets_a_card_whose_only_links_are_studies(sink_at):
    """One request to the workflow, as its owner copied it from Teams."""
    sink = sink_at("prod-1.westeurope.logic.azure.com")
    sink.answers = [(202, {}, b"")]
    told(TEAMS, a_row(), a_row(nct_id=None, headline="See [x](https://evil.example)"))
    [(path, _, body)] = sink.came
    [card] = json.loads(body)["attachments"]
    title, text = (block["text"] for block in card["content"]["body"])
    assert path.startswith("/workflows/643e69f83c8944438d68119179a10a64/") and SIGNATURE in path
    assert title == "Oncology: 2 alerts (22 Nov)"
    assert "[NCT04946669](https://clinicaltrials.gov/study/NCT04946669) HIGH: Now UNK" in text
    assert text.count("](") == 1 and card["content"]["msteams"] == {"width": "full"}
    assert r"See \[x\]" in text and "://e" not in text


def test_telegram_gets_its_html_with_nothing_of_ours_taken_for_it(sink_at):
    """One request; the title is its bold first line, and no preview is fetched."""
    sink = sink_at("api.telegram.org")
    told(TELEGRAM, a_row(headline="5 < 6 & <b>bold</b>"))
    [(path, _, body)] = sink.came
    said = json.loads(body)
    lines = said.pop("text").splitlines()
    assert path == f"/bot{TOKEN}/sendMessage"
    assert lines[0] == f"<b>{TITLE}</b>"
    assert lines[1] == "NCT04946669 HIGH: 5 &lt; 6 &amp; &lt;\u2060b&gt;bold&lt;\u2060/b&gt;"
    assert lines[3] == "https://clinicaltrials.gov/study/NCT04946669"
    assert said == {
        "chat_id": -1001234,
        "disable_notification": False,
        "disable_web_page_preview": True,
        "parse_mode": "HTML",
    }


def test_ntfy_in_the_own_network_gets_plain_text(sink_at):
    """Over plain HTTP and on any port, as the operator allowed it."""
    sink = sink_at()
    told(INSIDE["ntfy"].format(port=sink.port))
    [(path, _, body)] = sink.came
    assert path == "/"
    assert json.loads(body) == {"topic": "trials", "title": TITLE, "message": TEXT}


def said_by(body):
    """All that a request says, whatever its form, each text on its own."""
    try:
        found = json.loads(body)
    except ValueError:
        return [text for texts in parse_qs(body.decode()).values() for text in texts]
    texts, todo = [], [found]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            texts.append(one)
        else:
            todo += one.values() if isinstance(one, dict) else one if isinstance(one, list) else []
    return texts


@pytest.mark.parametrize("kind", [*INSIDE, *OUTSIDE])
def test_what_the_registry_says_acts_in_no_kind_of_chat(kind, sink_at):
    """It is one request to each, and names nobody, runs nothing and links to nowhere."""
    host, url = OUTSIDE.get(kind, (None, INSIDE.get(kind)))
    sink = sink_at(host)
    piece = {"field": "why_stopped", "kind": "changed", "before": HOSTILE, "after": "A"}
    row = a_row(headline=HOSTILE, lists=(HOSTILE,), evidence=(piece,))
    told(url.format(port=sink.port), row, a_row(), lists=(HOSTILE,))
    [(_, _, body)] = sink.came
    said = " ".join(said_by(body)).replace("<b>", "", 1 if kind == "tgram" else 0)
    ours = "https://clinicaltrials.gov/study/NCT04946669"
    assert ours in said
    said = said.replace(f"]({ours})", "")
    assert "hannel" in said
    assert [sign for sign in ACTING if sign in said] == []


def test_every_kind_that_is_let_in_is_tried_here():
    """None is believed to be harmless."""
    assert {*INSIDE, *OUTSIDE} == set(chats._KINDS)


@pytest.mark.parametrize("kind", [*INSIDE, *OUTSIDE])
def test_a_chat_inside_the_network_is_refused_as_it_is_connected_to(kind, sink_at):
    """Whatever its name was before; nothing arrives."""
    host, url = OUTSIDE.get(kind, (None, INSIDE.get(kind)))
    sink = sink_at(host)
    failed = failure(url.format(port=sink.port), allow_private=False)
    assert failed.why == "it could not be reached: 127.0.0.1 is inside a private network"
    assert (failed.address, failed.permanent, sink.came) == ("chat:team", False, [])


FAULTS = {
    204: "it answered 204 No Content",
    302: "it answered 302 Found",
    400: "it answered 400 Bad Request",
    401: "it answered 401 Unauthorized; see whether the token still holds and may write there",
    403: "it answered 403 Forbidden; see whether the token still holds and may write there",
    404: "it answered 404 Not Found; the chat or its address is no longer there",
    410: "it answered 410 Gone; the chat or its address is no longer there",
    429: "it answered 429 Too Many Requests",
    500: "it answered 500 Internal Server Error",
    799: "it answered 799",
}


@pytest.mark.parametrize("code", FAULTS)
@pytest.mark.parametrize(
    ("host", "url"), [("hooks.slack.com", SLACK), ("api.telegram.org", TELEGRAM)]
)
def test_a_refusal_is_told_by_its_number_and_in_our_words(code, host, url, sink_at):
    """One request each; only who is gone is not to be tried again, and redirects lead nowhere."""
    sink = sink_at(host)
    sink.answers = [(code, {"Location": f"https://{host}/elsewhere"}, b"")]
    failed = failure(url)
    assert failed.why == FAULTS[code]
    assert failed.is_gone == (code in (404, 410))
    assert (failed.permanent, len(sink.came)) == (False, 1)


def test_slack_has_taken_only_what_it_says_ok_to(sink_at):
    """An answer of 200 from something in between is none."""
    sink_at("hooks.slack.com").answers = [(200, {}, b"<html>sign in</html>")]
    assert failure(SLACK).why == "it answered 200 OK, but not that it took the message"


def test_telegram_is_left_alone_as_long_as_it_asks(sink_at):
    """Its own words say for how long."""
    said = b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35"}'
    sink_at("api.telegram.org").answers = [(429, {}, said)]
    assert failure(TELEGRAM).retry_after == 35.0


def test_ntfy_is_understood_in_its_own_numbers(sink_at):
    """It says 42901 for one reason among others to answer 429."""
    sink = sink_at()
    sink.answers = [(429, {}, b'{"code":42901,"http":429,"error":"limit reached"}')]
    assert failure(INSIDE["ntfy"].format(port=sink.port)).why == FAULTS[429]


def test_nothing_that_a_url_says_makes_a_second_try(sink_at):
    """Nor hides a refusal, follows a redirect, or believes any certificate."""
    sink = sink_at("hooks.slack.com")
    sink.answers = [(307, {"Location": "https://hooks.slack.com/elsewhere"}, b"")]
    wishes = "?retry=3&wait=9&optional=yes&redirect=yes&overflow=split&format=markdown&blocks=yes"
    assert failure(SLACK + wishes).why == "it answered 307 Temporary Redirect"
    assert len(sink.came) == 1


def test_a_certificate_of_nobody_is_not_believed(sink_at, monkeypatch):
    """Even where the URL asks for it."""
    sink = sink_at("hooks.slack.com")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    failed = failure(f"{SLACK}?verify=no")
    assert failed.why.endswith("its certificate is not trusted, or TLS could not be set up")
    assert sink.came == []


def test_where_nobody_listens_it_says_so():
    """It is tried again later."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    failed = failure(INSIDE["gotify"].format(port=port))
    assert failed.why == "it could not be reached: nobody listens there"


def test_a_chat_that_drips_is_left_when_the_time_is_over(monkeypatch):
    """No single byte came too late for a time limit on each."""
    monkeypatch.setattr(chats, "SECONDS", 0.5)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)

        def drip():
            taken, _ = listening.accept()
            with taken:
                for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200:
                    if stop.wait(0.05) or taken.send(bytes([letter])) == 0:
                        return

        dripping = threading.Thread(target=_until_cut, args=(drip,))
        dripping.start()
        begun = time.monotonic()
        failed = failure(INSIDE["gotify"].format(port=listening.getsockname()[1]))
        stop.set()
        dripping.join()
    assert failed.why == "it could not be reached: it took longer than 0.5 seconds"
    assert time.monotonic() - begun < 3


def _until_cut(work):
    try:
        work()
    except OSError:
        return


@pytest.mark.parametrize("code", [200, 404, None])
def test_no_secret_is_told(code, sink_at, caplog, capfd):
    """Not in the reason, the repr, the log of any library, or the chain of the exception."""
    caplog.set_level(logging.DEBUG)
    chat = Chat.checked("team", SLACK, allow_private=code is not None)
    sink = sink_at("hooks.slack.com")
    sink.answers = [(code or 200, {}, "/".join(SECRETS).encode())]
    with pytest.raises(DeliveryFailed) as caught:
        send(a_digest(), chat)
    chain = "".join(traceback.format_exception(caught.value))
    told_of = " ".join([chain, repr(chat), repr(caught.value), caplog.text, *capfd.readouterr()])
    assert [secret for secret in SECRETS if secret in told_of] == []
    assert "chat:team" in told_of


def test_what_other_threads_log_is_still_logged(sink_at, caplog):
    """Only what this message does is kept quiet."""
    caplog.set_level(logging.DEBUG)
    with chats.hushed():
        logging.getLogger("apprise").warning("mine")
        other = threading.Thread(target=logging.getLogger("apprise").warning, args=("theirs",))
        other.start()
        other.join()
    assert caplog.messages == ["theirs"]
    assert logging.getLogger("apprise").filters == []


WRONG = {
    "": "url is not one address as Apprise writes them",
    "slack": "url is not one address as Apprise writes them",
    f"{SLACK} {TELEGRAM}": "url is not one address as Apprise writes them",
    f"{SLACK}\n": "url is not one address as Apprise writes them",
    f"{SLACK},{TELEGRAM}": "url names more than one address",
    f"{SLACK}/#one,two": "url names more than one address",
    f"{SLACK}/#one/#two": "url names more than one recipient",
    f"{TELEGRAM}/77": "url names more than one recipient",
    f"{TELEGRAM}/?to=77": "url names more than one recipient",
    "ntfy://secret1/secret2/secret3": "url names more than one recipient",
    "webex://" + "secret" * 10 + "/room1/room2": "url names more than one recipient",
    f"tgram://{TOKEN}": "url names no recipient",
    f"{SLACK}?template=/etc/secret": "url names a template",
    "slack://secret": "Apprise does not understand its url",
    "https://evil.example/secret": "Apprise does not understand its url",
    "json://[::1/secret": "Apprise does not understand its url",
    "mailto://ann:secret@clinic.example": "url is of a kind that is not for this",
    "ses://secret@clinic.example/k/s/us-east-1": "url is of a kind that is not for this",
    "syslog://secret": "url is of a kind that is not for this",
    "dbus://": "url is of a kind that is not for this",
    "windows://": "url is of a kind that is not for this",
    "twilio://secret:secret@1555": "url is of a kind that is not for this",
    "mastodon://secret@social.example": "url is of a kind that is not for this",
    "file:///etc/secret": "url is of a kind that is not for this",
}


@pytest.mark.parametrize("url", WRONG)
def test_a_url_that_is_not_one_chat_is_refused_without_repeating_it(url, caplog):
    """The sentence says what is wrong with it, and no log does."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SettingWrong) as caught:
        Chat.checked("team", url)
    chain = "".join(traceback.format_exception(caught.value))
    assert str(caught.value).startswith(f"chats.team: {WRONG[url]}")
    assert caplog.text == ""
    assert not [one for one in (*SECRETS, TOKEN, "secret") if one in str(caught.value)]
    assert not [one for one in (*SECRETS, TOKEN) if one in chain.partition("Error")[2]]


def test_a_chat_that_was_never_checked_is_not_sent_to():
    """Such as one whose kind an older program took."""
    with pytest.raises(DeliveryFailed, match=r"chats\.team: url is of a kind that"):
        send(a_digest(), Chat("team", "syslog://secret"))


def test_without_apprise_it_says_how_to_install_it(monkeypatch):
    """As a setting that cannot be used."""
    monkeypatch.setattr(chats, "_is_installed", chats._is_installed.__wrapped__)
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(SettingWrong, match=r"not installed; `pip install 'ctmonitor\[chat\]'`"):
        Chat.checked("team", SLACK)


@pytest.mark.parametrize("kind", ["slack", "workflow", "tgram"])
def test_a_message_fits_whatever_it_tells(kind):
    """The most urgent come first, and the rest is counted."""
    row = a_row(severity=Severity.CRITICAL, nct_id="NCT00000999", headline="<@&" * 900)
    text = text_of(a_digest(*many(412, headline="例え" * 900), row), ROOM, kind=kind)
    assert len(text.encode()) <= ROOM
    assert "NCT00000999" in text.split("CRITICAL")[0]
    assert " more; `ctmonitor alerts` lists them" in text


@pytest.mark.parametrize("room", [ROOM, 1_000])
@pytest.mark.parametrize("letter", ["x", "&", "@a ", "<b", "例", "\U0001f4a5", "*", "](", "a.bc"])
def test_the_worst_text_fits_the_least_room(letter, room):
    """Whatever a character grows to on its way."""
    piece = {
        "field": letter * 99,
        "before": letter * 999,
        "after": letter * 99,
        "kind": letter * 99,
    }
    rows = many(30, headline=letter * 999, evidence=(piece,) * 9)
    for kind in ("slack", "workflow") if room == ROOM else ("pover",):
        assert len(text_of(a_digest(*rows), room, kind=kind).encode()) <= room


def test_ten_short_alerts_are_told_whole():
    """Nothing is cut before it must be."""
    rows = many(10, headline="Now UNKNOWN; was RECRUITING", severity=Severity.NORMAL)
    text = text_of(a_digest(*rows), ROOM, kind="ntfy")
    assert text.count("- Overall Status: RECRUITING -> UNKNOWN (by the registry)") == 10
    assert "NORMAL" not in text and " more; " not in text


def test_plain_words_stay_as_they_are():
    """Numbers, dates, comparisons and sentences."""
    plain = "Age >= 18, p<0.05, 5 < 6 & 7; 2024-11-20, and/or 1.5 mg. Ask (x) [y]: A & B!"
    assert quiet(plain) == plain
    assert quiet("@here") == "@\u2060here"
