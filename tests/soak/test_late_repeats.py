"""A mail that leaves twice says the same twice, however late the second is."""

from __future__ import annotations

import socket
from email import message_from_bytes
from typing import Any

import orjson
import pytest
from aiosmtpd.controller import Controller

from ctmonitor.store import open_store
from ctmonitor.store.schema import deliveries
from tests.builders import a_study
from tests.soak.nursery import Nursery

pytestmark = pytest.mark.soak
READER = "reader@example.org"


class _Keeping:
    """Keeps each mail, and denies it the first time, as when the reply to it is lost."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keep a mail."""
        self.contents.append(envelope.content)
        return "451 try again later" if len(self.contents) == 1 else "250 kept"


def _sweep(nursery: Nursery, day: str, **fields: str) -> None:
    study = a_study(nct_id="NCT10000000", data_date=day, **fields)
    (nursery.folder / "release.ndjson").write_bytes(orjson.dumps(study) + b"\n")
    words = ("sweep", "release.ndjson", "--today", day, "--no-dispatch")
    assert nursery.run(*words).codes == (0,)


def test_a_late_repeat_says_what_the_first_said(store_url, tmp_path):
    """Between the two, the study got another name; the mail is about what it was made of."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept, environ = _Keeping(), {"CTMONITOR_SMTP_URL": f"smtp://127.0.0.1:{port}"}
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    try:
        with Nursery(tmp_path, {**environ, "CTMONITOR_DATABASE_URL": store_url}) as nursery:
            nursery.run("watch", "add", "everything", "--all")
            nursery.run("subscribe", "add", READER, "--watch", "everything")
            _sweep(nursery, "2026-03-02", overall_status="RECRUITING", brief_title="Old")
            _sweep(nursery, "2026-03-03", overall_status="SUSPENDED", brief_title="Old")
            nursery.run("dispatch")
            _sweep(nursery, "2026-03-04", overall_status="SUSPENDED", brief_title="New")
            store = open_store(store_url)
            with store.writing() as tx:
                past = {"next_try_at": "2000-01-01T00:00:00.000000Z"}
                tx.connection.execute(deliveries.update().values(**past))
            store.close()
            assert nursery.run("dispatch").codes == (0,)
    finally:
        server.stop()
    first, second = kept.contents
    assert message_from_bytes(first)["Message-ID"] == message_from_bytes(second)["Message-ID"]
    assert first == second
