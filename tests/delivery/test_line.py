"""One connection for many mails: kept, repaired, and never kept for too long."""

from __future__ import annotations

import pytest

from ctmonitor.delivery import SmtpServer, message_of
from ctmonitor.delivery.smtp import LONGEST_IDLE, MAILS_EACH, Line, Waits, kept
from ctmonitor.errors import DeliveryFailed, ServerUnreachable
from tests.delivery.build import SENDER, a_digest
from tests.delivery.fault_server import USUAL, FaultServer, faulty


def _server(port: int) -> SmtpServer:
    return SmtpServer("127.0.0.1", port, waits=Waits(0.5, 2, 0.5))


def _send(line: Line, *names: str) -> list[str]:
    """Send each a mail; gives who did not get it."""
    failed = []
    for name in names:
        try:
            line.send(
                message_of(a_digest(key=name.encode().hex().ljust(64, "0")), SENDER),
                f"{name}@clinic.example",
            )
        except DeliveryFailed:
            failed.append(name)
    return failed


def _got(server: FaultServer) -> list[str]:
    return [address.partition("@")[0] for address, _ in server.taken]


def _verbs(server: FaultServer) -> str:
    return " ".join(line.split()[0].lower() for line in server.heard)


def test_many_mails_share_a_connection():
    """Each is a transaction of its own; the greeting and the goodbye are said once."""
    names = [f"r{number}" for number in range(30)]
    with faulty() as server, kept(_server(server.port)) as line:
        assert _send(line, *names) == []
    assert (_got(server), server.connections) == (names, 1)
    assert _verbs(server) == " ".join(["ehlo", *["mail rcpt data"] * 30, "quit"])


def test_nothing_is_opened_without_a_mail():
    """Who has nothing to send does not trouble the server."""
    with faulty() as server, kept(_server(server.port)):
        pass
    assert server.connections == 0


def test_a_connection_has_its_share_of_mails():
    """After a hundred a new one is opened, as many servers wish."""
    with faulty() as server, kept(_server(server.port)) as line:
        assert _send(line, *(f"r{number}" for number in range(MAILS_EACH + 1))) == []
    assert server.connections == 2 and len(server.taken) == MAILS_EACH + 1


def test_a_connection_is_not_kept_idle():
    """What was not used for a while is closed with a goodbye, and opened again when needed."""
    with faulty() as server, kept(_server(server.port)) as line:
        _send(line, "ann")
        line.rest()
        assert "quit" not in _verbs(server)
        line._used_at -= LONGEST_IDLE
        line.rest()
        assert _verbs(server).endswith("quit")
        _send(line, "bob")
    assert (_got(server), server.connections) == (["ann", "bob"], 2)


@pytest.mark.parametrize("verb", ["RCPT", "MAIL", "DATA", "DOT"])
@pytest.mark.parametrize("refused", ["450 later", "554 never"])
def test_a_refused_mail_is_forgotten_before_the_next(verb, refused):
    """After a refusal the same connection is cleared and used on."""
    with faulty(**{verb: [USUAL, refused]}) as server, kept(_server(server.port)) as line:
        assert _send(line, "ann", "bob", "cid") == ["bob"]
    assert (_got(server), server.connections) == (["ann", "cid"], 1)
    assert _verbs(server).count("rset") == 1


CLOSED = {"421": "421 closing", "gone": None, "mute": "mute", "garbage": "hm"}


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", CLOSED)
def test_a_connection_that_was_closed_between_mails_is_opened_again(verb, how):
    """The mail that finds it closed leaves over a new one at once, and arrives once."""
    with faulty(**{verb: [USUAL, CLOSED[how]]}) as server, kept(_server(server.port)) as line:
        assert _send(line, "ann", "bob", "cid") == []
    assert (_got(server), server.connections) == (["ann", "bob", "cid"], 2)


def test_a_new_connection_that_is_closed_is_not_opened_again():
    """One repair a mail; then it is to be tried later, and the next mail tries anew."""
    with (
        faulty(MAIL=[USUAL, None, "421 no", USUAL]) as server,
        kept(_server(server.port)) as line,
    ):
        assert _send(line, "ann", "bob", "cid") == ["bob"]
    assert (_got(server), server.connections) == (["ann", "cid"], 3)


@pytest.mark.parametrize("fault", [{"BODY": [USUAL, None]}, {"DOT": [USUAL, None]}])
def test_a_mail_that_was_begun_is_not_repeated(fault):
    """Once the mail itself was under way, whether to repeat it is not for the line to say."""
    with faulty(**fault) as server, kept(_server(server.port)) as line:
        assert _send(line, "ann", "bob", "cid") == ["bob"]
    assert _got(server).count("bob") == ("DOT" in fault)
    assert _got(server)[-1] == "cid" and server.connections == 2


def test_a_server_that_is_down_when_opened_again_says_so():
    """What is wrong then is wrong for every mail."""
    script = {"MAIL": [USUAL, "421 closing"], "CONNECT": [USUAL, "421 closed"]}
    with faulty(**script) as server, kept(_server(server.port)) as line:
        _send(line, "ann")
        with pytest.raises(ServerUnreachable, match="421 closed"):
            line.send(message_of(a_digest(), SENDER), "bob@clinic.example")
    assert server.connections == 2


@pytest.mark.parametrize("goodbye", ["500 what", None, "mute", "drip"])
def test_the_goodbye_changes_nothing(goodbye):
    """However the server ends the talk, what it took over was sent."""
    with faulty(QUIT=goodbye) as server, kept(_server(server.port)) as line:
        assert _send(line, "ann") == []
    assert _got(server) == ["ann"]
