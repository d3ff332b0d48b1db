"""Mail over SMTP, against a real server and against one that fails where it is told to."""

from __future__ import annotations

import socket
import time

import pytest
from aiosmtpd.smtp import AuthResult

from ctmonitor.delivery import Outlets, SmtpServer, deliver, message_of
from ctmonitor.delivery.smtp import Waits, send
from ctmonitor.errors import DeliveryFailed, SettingWrong
from ctmonitor.store.outbox import LEASE
from tests.delivery.build import SENDER, a_digest, a_row, body, read_back
from tests.delivery.certificates import self_signed
from tests.delivery.fault_server import faulty
from tests.delivery.inbox import mail_server

pytestmark = [
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
    pytest.mark.filterwarnings("ignore:Session.login_data is deprecated"),
]
ADDRESS = "ann@clinic.example"
SECRET = "s3cret-pass"


def check_login(server, session, envelope, mechanism, auth_data):
    return AuthResult(success=auth_data.password == SECRET.encode())


def try_sending(port, *, user=None, wait=3.0, before=9.0, last=3.0):
    waits = Waits(wait, before, last)
    secret = SECRET if user else None
    server = SmtpServer("127.0.0.1", port, user=user, password=secret, waits=waits)
    send(message_of(a_digest(), SENDER), ADDRESS, server)


def test_a_digest_arrives_as_it_was_made():
    """What the server received is the mail, from the sender, to one address."""
    row = a_row(headline=".\r\n.starts with a dot", brief_title="Zürich " * 40)
    with mail_server() as (server, inbox):
        owed = a_digest(row, address=f"mailto:{ADDRESS}")
        deliver(owed, Outlets(SmtpServer.parse(f"smtp://127.0.0.1:{server.port}"), SENDER))
    (envelope,) = inbox.envelopes
    assert envelope.mail_from == "ctmonitor@hospital.example"
    assert envelope.rcpt_tos == [ADDRESS]
    assert envelope.content == message_of(a_digest(row), SENDER).as_bytes()
    assert "  . .starts with a dot" in body(read_back(envelope.content), "plain")


PASSES, HOPELESS, GONE = (False, False), (True, False), (True, True)
FAULTS = [
    ({"CONNECT": "421 too busy"}, PASSES, "421 too busy"),
    ({"CONNECT": "hello there"}, PASSES, "it answered -1"),
    ({"CONNECT": "554 go away"}, PASSES, "554 go away"),
    ({"CONNECT": None}, PASSES, "the connection was lost"),
    ({"EHLO": None}, PASSES, "the connection was lost"),
    ({"EHLO": "250-hi\r\n250 STARTTLS", "STARTTLS": "454 no"}, PASSES, "it answered 454 no"),
    ({"MAIL": "451 later"}, PASSES, "refused the sender: 451 later"),
    ({"MAIL": "553 no such sender"}, PASSES, "refused the sender: 553"),
    ({"MAIL": "530 log in first"}, PASSES, "refused the sender: 530"),
    ({"MAIL": "552 too large"}, HOPELESS, "refused the sender: 552"),
    ({"RCPT": "450 greylisted"}, PASSES, "refused the address: 450 greylisted"),
    ({"RCPT": "550 no such user"}, GONE, "refused the address: 550 no such user"),
    ({"RCPT": "550-5.1.1 no\r\n550 5.1.1 such user"}, GONE, "550 5.1.1 no 5.1.1 such user"),
    ({"RCPT": "421 closing"}, PASSES, "421 closing to the address"),
    ({"DATA": "554 no"}, HOPELESS, "refused DATA: 554 no"),
    ({"DATA": "250 what"}, PASSES, "250 what to DATA"),
    ({"DOT": "452 disk full"}, PASSES, "refused the mail: 452 disk full"),
    ({"DOT": "554 spam"}, HOPELESS, "refused the mail: 554 spam"),
    ({"DOT": "550 5.1.1 nobody"}, HOPELESS, "refused the mail: 550"),
    ({"BODY": None}, PASSES, "the connection was lost|reset|pipe"),
    ({"DOT": None}, PASSES, "the connection was lost"),
    ({"DOT": "hello"}, PASSES, "-1 .*to the mail"),
]


@pytest.mark.parametrize(("script", "kind", "why"), FAULTS)
def test_a_fault_says_whether_to_try_again(script, kind, why):
    """Whether it passes, is hopeless, or nobody is there at all; the reason is named."""
    with faulty(**script) as server, pytest.raises(DeliveryFailed, match=why) as failure:
        try_sending(server.port)
    assert (failure.value.permanent, failure.value.is_gone) == kind
    assert failure.value.address == ADDRESS
    assert f"127.0.0.1:{server.port}" in failure.value.why and failure.value.why.isprintable()


@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "RCPT"])
def test_a_mute_server_is_left(verb):
    """A server that says nothing is given up after the wait, to be tried again."""
    began = time.monotonic()
    with faulty(**{verb: "mute"}) as server, pytest.raises(DeliveryFailed) as failure:
        try_sending(server.port, wait=0.3)
    assert not failure.value.permanent
    assert time.monotonic() - began < 3


def test_the_last_reply_is_waited_for_longer():
    """The reply that takes over the mail has a limit of its own: ten minutes."""
    with faulty(DOT="mute") as server, pytest.raises(DeliveryFailed, match="timed out"):
        began = time.monotonic()
        try_sending(server.port, wait=0.3, last=0.9)
    assert 0.9 <= time.monotonic() - began < 3
    assert (Waits().each, Waits().last) == (30, 600)


@pytest.mark.parametrize(("how", "wait"), [("drip", 0.3), ("flood", 9.0)])
@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "DOT"])
def test_a_server_that_never_ends_is_left(verb, how, wait):
    """Each reply has its time and its length, however the server spreads it."""
    began = time.monotonic()
    with faulty(**{verb: how}) as server, pytest.raises(DeliveryFailed) as failure:
        try_sending(server.port, wait=wait, last=wait)
    assert not failure.value.permanent
    assert time.monotonic() - began < 2


def test_a_mail_has_its_time_as_a_whole():
    """Who stays within the limit of each reply meets another; both end before a claim does."""
    began = time.monotonic()
    with faulty(MAIL="mute") as server, pytest.raises(DeliveryFailed, match="timed out") as failure:
        try_sending(server.port, wait=9.0, before=0.3)
    assert not failure.value.permanent and time.monotonic() - began < 2
    assert Waits().before + Waits().last < LEASE.total_seconds()


def test_a_lost_reply_is_repaired_by_the_same_message_id():
    """When the reply is lost, the repeat bears the same Message-ID, so that one can be dropped."""
    with faulty(DOT=None) as once, pytest.raises(DeliveryFailed):
        try_sending(once.port)
    with faulty() as again:
        try_sending(again.port)
    arrived = once.bodies + again.bodies
    first, second = (read_back(raw)["Message-ID"] for raw in arrived)
    assert first == second


def test_what_happens_at_goodbye_is_no_failure():
    """A mail that was taken over is sent, however the server ends the talk."""
    for reply in ("500 what", None, "mute"):
        with faulty(QUIT=reply) as server:
            try_sending(server.port, wait=0.3)
        assert len(server.bodies) == 1


def test_nobody_listening_is_a_passing_failure():
    """A refused connection is to be tried again."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(DeliveryFailed, match="refused") as failure:
        try_sending(port)
    assert not failure.value.permanent


@pytest.mark.parametrize("from_start", [True, False])
def test_an_untrusted_certificate_gets_nothing(tmp_path, from_start):
    """Neither TLS from the start nor STARTTLS sends anything to a server nobody vouches for."""
    context, _ = self_signed(tmp_path)
    tls = {"from_start": context} if from_start else {"tls_context": context}
    with mail_server(**tls) as (server, inbox):
        out = SmtpServer("127.0.0.1", server.port, from_start, "ann", SECRET)
        with pytest.raises(DeliveryFailed, match="certificate is not trusted") as failure:
            send(message_of(a_digest(), SENDER), ADDRESS, out)
    assert not failure.value.permanent
    assert inbox.envelopes == []


def test_a_certificate_for_another_host_gets_nothing(tmp_path, monkeypatch):
    """A certificate that is trusted, but for another name, is refused."""
    context, public = self_signed(tmp_path, "mail.elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with (
        mail_server(tls_context=context) as (server, inbox),
        pytest.raises(DeliveryFailed, match="certificate is not trusted"),
    ):
        try_sending(server.port)
    assert inbox.envelopes == []


@pytest.mark.parametrize("from_start", [True, False])
def test_a_trusted_server_gets_the_mail_after_login(tmp_path, monkeypatch, from_start):
    """With a certificate that the system trusts, we log in inside TLS and the mail arrives."""
    context, public = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    tls = {"from_start": context} if from_start else {"tls_context": context, "require_starttls": 1}
    login = {"authenticator": check_login, "auth_require_tls": not from_start}
    with mail_server(**tls, **login, auth_required=True) as (server, inbox):
        out = SmtpServer("127.0.0.1", server.port, from_start, "ann", SECRET)
        send(message_of(a_digest(), SENDER), ADDRESS, out)
    assert len(inbox.envelopes) == 1


def test_a_stripped_starttls_gets_no_password(monkeypatch):
    """When a server far away offers no TLS, neither user nor password nor mail is sent."""
    monkeypatch.setattr("ctmonitor.delivery.talk._is_loopback", lambda talk: False)
    with (
        faulty(EHLO="250 AUTH PLAIN LOGIN") as server,
        pytest.raises(DeliveryFailed, match="offers no TLS") as failure,
    ):
        try_sending(server.port, user="ann")
    assert not failure.value.permanent
    assert [line.split()[0].upper() for line in server.heard] == ["EHLO", "QUIT"]


def test_a_server_on_this_machine_may_go_without_tls():
    """The loopback is no network, so a login there may be in the clear."""
    with mail_server(authenticator=check_login, auth_required=True, auth_require_tls=False) as (
        server,
        inbox,
    ):
        try_sending(server.port, user="ann")
    assert len(inbox.envelopes) == 1


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ({"AUTH": f"535 {SECRET} is wrong"}, r"password was refused \(535\)"),
        ({"AUTH": None}, "lost while logging in"),
        ({"AUTH": "334 !!"}, "logging|log in|refused"),
        ({"EHLO": "250 AUTH GSSAPI"}, "no way to log in"),
        ({"EHLO": "250 fine"}, "no way to log in"),
        ({"AUTH": "235 in", "MAIL": f"451 {SECRET}"}, r"451 \*\*\*"),
    ],
)
def test_a_failed_login_never_tells_the_password(script, why):
    """Failing to log in is for the operator to mend, and the reason holds no secret."""
    script = {"EHLO": "250-hi\r\n250 AUTH PLAIN", **script}
    with faulty(**script) as server, pytest.raises(DeliveryFailed, match=why) as failure:
        try_sending(server.port, user="ann")
    assert not failure.value.permanent
    assert SECRET not in f"{failure.value}{failure.value.__cause__}"


@pytest.mark.parametrize("password", [None, "pässword"])
def test_a_password_that_cannot_be_sent_is_named(password):
    """A user without a password, or one outside ASCII, is a passing failure that says so."""
    with faulty(EHLO="250-hi\r\n250 AUTH PLAIN") as server:
        out = SmtpServer("127.0.0.1", server.port, user="ann", password=password)
        with pytest.raises(DeliveryFailed, match="password") as failure:
            send(message_of(a_digest(), SENDER), ADDRESS, out)
    assert not failure.value.permanent and "ä" not in failure.value.why


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 25)),
        ("smtp://mail.example:2525/", SmtpServer("mail.example", 2525)),
        ("smtps://mail.example", SmtpServer("mail.example", 465, True)),
        ("smtp://ann@mail.example:587", SmtpServer("mail.example", 587, False, "ann", "beside")),
        (
            "smtps://a%40b:p%3Aq%2F@mail.example",
            SmtpServer("mail.example", 465, True, "a@b", "p:q/"),
        ),
        ("smtp://[::1]:25", SmtpServer("::1", 25)),
    ],
)
def test_a_url_names_the_server(url, server):
    """Ports have defaults, signs may be percent-encoded, a password in the URL wins."""
    assert SmtpServer.parse(url, "beside") == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example:25",
        "http://mail.example",
        "smtp://",
        f"smtp://ann:{SECRET}@",
        f"smtp://:{SECRET}@mail.example",
        f"smtp://ann:{SECRET}@mail.example:port",
        f"smtp://ann:{SECRET}@mail.example:99999",
        "smtp://mail.example:0",
        "smtp://mail.example/path",
        "smtp://mail.example?tls=no",
        "smtp://ma il.example",
        f"smtp://ann:{SECRET}/x@mail.example",
        "smtp://[::1",
    ],
)
def test_a_wrong_url_is_refused_with_what_mends_it(url):
    """The refusal names the setting, shows how it is written and hides what was written."""
    with pytest.raises(SettingWrong, match=r"^CTMONITOR_SMTP_URL: .*write it as smtp://") as wrong:
        SmtpServer.parse(url)
    assert SECRET not in f"{wrong.value}{wrong.value.__cause__}"


def test_a_server_is_shown_without_its_password():
    """Neither repr nor str of a server holds the password."""
    server = SmtpServer.parse(f"smtps://ann:{SECRET}@mail.example")
    assert SECRET not in f"{server!r}{server}"
