"""Fifteen faults of mail, each with one recipient and with two: what the outbox says afterwards."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from typing import Any

import pytest
import sqlalchemy as sa

from ctmonitor.delivery import Outlets, SmtpServer
from ctmonitor.delivery.smtp import Waits
from ctmonitor.jobs import dispatch as dispatching
from ctmonitor.jobs.dispatch import dispatch, resume
from ctmonitor.store import Store, destinations
from ctmonitor.store.schema import deliveries
from tests.builders import a_payload
from tests.delivery.certificates import self_signed
from tests.delivery.fault_server import USUAL, FaultServer, faulty
from tests.jobs.asking import subscribe, watch
from tests.looks import SetClock, look

SENDER = "ctmonitor@hospital.example"
ANN, BOB = "ann@clinic.example", "bob@clinic.example"
SECRET = "s3cret-pass"
LONGEST = 10.0
"""Seconds that a dispatch behind any of the faults may take, with waits of a third of one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, once; and what each recipient's message then is, alone or with another."""

    alone: str
    together: tuple[str, str]
    script: dict[str, Any] = field(default_factory=dict)
    is_lost_reply: bool = False
    headline: str | None = None
    user: str | None = None


def _at_first(alone: str, **script: Any) -> Fault:
    """A fault of the first mail only: the second leaves in the same dispatch."""
    return Fault(alone, (alone, "sent"), script)


def _of_the_server(script: dict[str, Any], user: str | None = None) -> Fault:
    """A fault of the server itself: it is asked once, and both are tried again."""
    return Fault("retrying", ("retrying", "retrying"), script, user=user)


def _in_the_text(headline: str) -> Fault:
    return Fault("sent", ("sent", "sent"), headline=headline)


FAULTS = {
    "421 as banner": _of_the_server({"CONNECT": ["421 too busy"]}),
    "garbage as banner": _of_the_server({"CONNECT": ["hello there"]}),
    "mute server": _of_the_server({"CONNECT": ["mute"]}),
    "451 at MAIL": _at_first("retrying", MAIL=["451 later"]),
    "450 at RCPT": _at_first("retrying", RCPT=["450 greylisted"]),
    "550 at RCPT": _at_first("suspended", RCPT=["550 no such user"]),
    "554 at DATA": _at_first("dead", DATA=["554 no"]),
    "452 after data": _at_first("retrying", DOT=["452 disk full"]),
    "one of two refused": Fault(
        "suspended", ("sent", "suspended"), {"RCPT": [USUAL, "550 5.1.1 no such user"]}
    ),
    "death in DATA": _at_first("retrying", BODY=[None]),
    "reply lost": replace(_at_first("retrying", DOT=[None]), is_lost_reply=True),
    "STARTTLS stripped": _of_the_server(
        {"EHLO": "250-hi\r\n250 AUTH PLAIN LOGIN", "AUTH": "235 welcome"}, "monitor"
    ),
    "wrong certificate": _of_the_server(
        {
            "EHLO": "250-hi\r\n250-STARTTLS\r\n250 AUTH PLAIN",
            "STARTTLS": "220 go",
            "AUTH": "235 welcome",
        },
        "monitor",
    ),
    "line ends in the text": _in_the_text("Now\r\nBcc: eve@evil.example\r\n\r\nhello"),
    "steering in the text": _in_the_text("a\u2028b\u0085c\x00d\u202ee\ud800f =?utf-8?q?x?= g"),
}


@pytest.fixture
def server(fault: Fault, recipients: int, tmp_path, monkeypatch) -> Iterator[FaultServer]:
    """The server with the fault; a certificate of it is trusted, but is another host's."""
    tls = None
    if "STARTTLS" in fault.script:
        tls, public = self_signed(tmp_path, "mail.elsewhere.example")
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
    elif fault.user:
        monkeypatch.setattr("ctmonitor.delivery.talk._is_loopback", lambda talk: False)
    # Who is alone is the one who meets the fault.
    skipped = () if recipients == 2 else (USUAL,)
    script = {
        verb: [one for one in said if one not in skipped] if isinstance(said, list) else said
        for verb, said in fault.script.items()
    }
    with faulty(tls=tls, **script) as running:
        yield running


def _mended(server: FaultServer, tmp_path, monkeypatch) -> None:
    """The operator has mended what was wrong with the server."""
    monkeypatch.undo()
    if server.tls is not None:
        server.tls, public = self_signed(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(public))


def _hostile(monkeypatch, headline: str) -> None:
    """Let ann's digest say this, whatever the readers and the database would have kept out."""
    real = dispatching.deliver

    def deliver(digest, outlets):
        rows = [replace(row, alert=replace(row.alert, headline=headline)) for row in digest.rows]
        real(replace(digest, rows=tuple(rows)) if digest.address == ANN else digest, outlets)

    monkeypatch.setattr(dispatching, "deliver", deliver)


def _send(store: Store, server: FaultServer, fault: Fault, clock: SetClock):
    secret, waits = SECRET if fault.user else None, Waits(0.3, 2, 0.3)
    out = SmtpServer("127.0.0.1", server.port, user=fault.user, password=secret, waits=waits)
    return dispatch(store, Outlets(out, SENDER), flood_limit=1_000, clock=clock)


def _states(store: Store) -> list[str]:
    """What became of each message; `suspended` where it waits for somebody to resume it."""
    with store.reading() as tx:
        query = sa.select(deliveries.c.address, deliveries.c.state).order_by(deliveries.c.id)
        suspended = [
            one.address for one in destinations.all_failing(tx) if one.state == "suspended"
        ]
        rows = tx.connection.execute(query).all()
    assert all(row.state == "retrying" for row in rows if row.address in suspended)
    return ["suspended" if row.address in suspended else row.state for row in rows]


@pytest.mark.parametrize("recipients", [1, 2])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_apart_and_loses_nothing(
    store, clock, server, fault, recipients, tmp_path, monkeypatch
):
    """Each message is sent, tried again, given up or held back as it should; in the end it came."""
    watch(store)
    everyone = (ANN, BOB)[:recipients]
    for address in everyone:
        subscribe(store, address=address)
    look(store, a_payload(overall_status="RECRUITING"))
    look(store, a_payload(overall_status="COMPLETED"))
    if fault.headline is not None:
        _hostile(monkeypatch, fault.headline)
    began = time.monotonic()
    _send(store, server, fault, clock)
    assert time.monotonic() - began < LONGEST
    found = _states(store)
    assert found == (list(fault.together) if recipients == 2 else [fault.alone])
    _check_secret(server, fault)

    _mended(server, tmp_path, monkeypatch)
    clock.pass_time(days=1)
    _send(store, server, fault, clock)
    again = {"retrying": "sent"}
    assert _states(store) == [again.get(state, state) for state in found]
    for address in everyone:
        resume(store, address, who="ada", clock=clock)
    _send(store, server, fault, clock)
    assert _states(store) == ["dead" if state == "dead" else "sent" for state in found]
    _check_arrivals(server, fault, dict(zip(everyone, found, strict=True)))


def _check_secret(server: FaultServer, fault: Fault) -> None:
    """Before the fault was mended, no user, no password and no mail was given away."""
    if fault.user:
        verbs = {line.split()[0].upper() for line in server.heard}
        assert verbs <= {"EHLO", "STARTTLS", "QUIT"} and server.taken == []


def _check_arrivals(server: FaultServer, fault: Fault, states: dict[str, str]) -> None:
    """Each came once, unless it was given up; twice, as the same mail, when the reply was lost."""
    wanted = {address: 1 for address, state in states.items() if state != "dead"}
    if fault.is_lost_reply:
        wanted[ANN] = 2
    assert Counter(address for address, _ in server.taken) == wanted
    assert len(set(server.taken)) == len(wanted)
    for body in server.bodies:
        mail = message_from_bytes(body, policy=policy.default)
        assert mail["Bcc"] is None and str(mail["Subject"]).isprintable()
