"""A dispatcher that is stopped past its lease, and goes on later, writes nothing any more."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from ctmonitor.store import open_store
from ctmonitor.store.schema import deliveries, metadata
from tests.soak.life import RELEASE
from tests.soak.nursery import Nursery
from tests.soak.post_office import begun
from tests.soak.releases import MadeRegistry

pytestmark = pytest.mark.soak
KEPT, LATER = "250 kept", "451 try again later"
READER = "reader@example.org"
PATIENCE = 30.0


class _Scripted:
    """Lets the first session wait at one command, and answers each mail as it is told."""

    def __init__(self, waits_at: str, replies: tuple[str, ...]) -> None:
        self.waits_at = waits_at
        self.replies = list(replies)
        self.keys: list[str] = []
        self.waits = threading.Event()
        self.may_go_on = threading.Event()

    async def _stay(self, command: str) -> None:
        if command != self.waits_at or self.waits.is_set():
            return
        self.waits.set()
        while not self.may_go_on.is_set():
            await asyncio.sleep(0.01)

    async def handle_EHLO(
        self, _server: Any, session: Any, _envelope: Any, name: str, replies: list[str]
    ) -> list[str]:
        """Take a greeting."""
        session.host_name = name
        await self._stay("EHLO")
        return replies

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a mail; whose turn it is to be refused is fixed as it comes."""
        reply = self.replies.pop(0)
        self.keys.append(str(message_from_bytes(envelope.content)["Message-ID"]).strip())
        await self._stay("DATA")
        return reply


@contextmanager
def _owing(folder, url: str, server: _Scripted):
    """A monitor that owes one mail, and how to run it."""
    controller = Controller(server, hostname="127.0.0.1", port=_free_port())
    controller.start()
    environ = {
        "CTMONITOR_SMTP_URL": f"smtp://127.0.0.1:{controller.port}",
        "CTMONITOR_DATABASE_URL": url,
    }
    try:
        with Nursery(folder, environ) as nursery:
            release = MadeRegistry(studies=10, seed=0).next_release()
            release.write(folder / RELEASE)
            nursery.run("watch", "add", "everything", "--all")
            nursery.run("subscribe", "add", READER, "--watch", "everything")
            nursery.run("sweep", RELEASE, "--today", str(release.day), "--no-dispatch")
            yield nursery, environ
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _rows(store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that stands in the database."""
    with store.reading() as tx:
        tables = metadata.sorted_tables
        return {
            table.name: sorted(map(tuple, tx.connection.execute(sa.select(table))), key=repr)
            for table in tables
        }


def _state(store) -> str:
    with store.reading() as tx:
        return tx.connection.execute(sa.select(deliveries.c.state)).scalar_one()


def _let_the_lease_end(store) -> None:
    """As if more than the quarter of an hour had gone by since the claim."""
    past = deliveries.update().values(claimed_until="2000-01-01T00:00:00.000000Z")
    with store.writing() as tx:
        assert tx.connection.execute(past.where(deliveries.c.state == "claimed")).rowcount == 1


@pytest.mark.parametrize(
    ("waits_at", "replies", "state"),
    [
        # What the stopped one hears when it goes on, and the one that took over before that.
        ("DATA", (KEPT, KEPT), "sent"),
        ("DATA", (LATER, KEPT), "sent"),
        ("DATA", (KEPT, LATER), "retrying"),
        # Stopped before its mail: it is the second to hand it over.
        ("EHLO", (KEPT, KEPT), "sent"),
        ("EHLO", (KEPT, LATER), "sent"),
        ("EHLO", (LATER, KEPT), "retrying"),
    ],
)
def test_a_stopped_dispatcher_that_goes_on_writes_nothing(
    store_url, tmp_path, waits_at, replies, state
):
    """While its lease lasts nobody takes its mail; then one does, and its own mark is refused."""
    server, store = _Scripted(waits_at, replies), open_store(store_url)
    with _owing(tmp_path, store_url, server) as (nursery, environ):
        stopped = begun(tmp_path, environ, "dispatch")
        assert server.waits.wait(PATIENCE)
        os.kill(stopped.pid, signal.SIGSTOP)
        _run(nursery, 0)
        assert _state(store) == "claimed"
        server.may_go_on.set()
        _let_the_lease_end(store)
        _run(nursery, 1)
        before = _rows(store)
        assert _state(store) == state
        time.sleep(0.1)
        os.kill(stopped.pid, signal.SIGCONT)
        stopped.wait(PATIENCE)
        after = _rows(store)
    store.close()
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    assert len(server.keys) == 2 and len(set(server.keys)) == 1
    assert server.replies == []


def _run(nursery: Nursery, tried: int) -> None:
    ended = nursery.run("dispatch", "--json")
    assert ended.codes == (0,), ended.errors
    assert ended.said.count('"sent": 1') + ended.said.count('"waiting": 1') == tried, ended.said
