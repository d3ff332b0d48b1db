"""A real mail server that takes its time, and a reader of the digests it took."""

from __future__ import annotations

import asyncio
import csv
import random
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from io import StringIO
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller

from tests.soak.releases import Fact

_ENTRY = re.compile(r"^(NCT\d{8}|The whole sweep)(?=  |$)", re.MULTILINE)
_BECAUSE = re.compile(r"\(rule ([a-z-]+);[^()]* registry date (\d{4}-\d\d-\d\d)\)")
_BACK = re.compile(r"Changed and changed back: (\w+(?: -> \w+)+)")


class Mail(NamedTuple):
    """One message that the server took."""

    key: str
    address: str
    content: bytes

    def facts(self) -> dict[Fact, str]:
        """What it tells, each with its words: by its table, where its text is not the whole."""
        letter = message_from_bytes(self.content, policy=policy.default)
        for table in letter.iter_attachments():
            rows = csv.DictReader(StringIO(table.get_content().removeprefix("\ufeff")))
            return {
                Fact(_study(row["study"]), row["rule"], row["registry_date"]): row["headline"]
                for row in rows
            }
        body = letter.get_body(("plain",))
        assert body is not None
        text = body.get_content().replace("\r\n", "\n").partition("-" * 40)[0]
        starts = [found.start() for found in _ENTRY.finditer(text)]
        entries = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
        return {fact: words for entry in entries for fact, words in _facts(entry)}


def _facts(entry: str) -> Iterator[tuple[Fact, str]]:
    """What stands under one heading, each with its words."""
    flat = " ".join(entry.split())
    who, at = _study(flat.split(" ", maxsplit=1)[0]), 0
    for because in _BECAUSE.finditer(flat):
        yield Fact(who, because[1], because[2]), flat[at : because.end()]
        at = because.end()
    assert at, entry


def _study(name: str) -> str | None:
    return name if name.startswith("NCT") else None


def turns_in(words: str) -> int:
    """How many turns are told in one line, where a field is again as it was; else 0."""
    back = _BACK.search(words)
    return back[1].count(" -> ") if back else 0


class SlowInbox:
    """Keeps every mail, waiting a moment before it does and again before it says so.

    A sender that is killed in the first wait never handed over its mail; one that is killed in
    the second did, and cannot know.
    """

    def __init__(self, *, longest_wait: float, seed: int) -> None:
        self.rng = random.Random(f"inbox {seed}")
        self.longest_wait = longest_wait
        self.mails: list[Mail] = []
        self.opened = 0
        self.closed = 0
        self.refuses = 0.0
        self.refused = 0

    async def handle_MAIL(
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Count a mail that begins."""
        self.opened += 1
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 go on"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Wait, keep, wait, say so; or wait and refuse it for now."""
        await asyncio.sleep(self.rng.uniform(0, self.longest_wait))
        key = str(message_from_bytes(envelope.content)["Message-ID"]).strip()
        # What it has it takes again, so that each repeat follows on the kill that brought it.
        is_new = all(mail.key != key for mail in self.mails)
        if is_new and self.rng.random() < self.refuses:
            self.closed += 1
            self.refused += 1
            return "451 4.3.0 not now"
        self.mails.append(Mail(key, envelope.rcpt_tos[0], envelope.content))
        await asyncio.sleep(self.rng.uniform(0, self.longest_wait))
        self.closed += 1
        return "250 kept"


@contextmanager
def slow_mail_server(*, longest_wait: float, seed: int) -> Iterator[tuple[str, SlowInbox]]:
    """A running server: its URL, and its inbox."""
    inbox = SlowInbox(longest_wait=longest_wait, seed=seed)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield f"smtp://127.0.0.1:{port}", inbox
    finally:
        server.stop()
