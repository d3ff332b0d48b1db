"""A mail server in a process of its own, which writes down every mail that it takes.

It shares no interpreter with whoever sends, and goes on when that is killed or stopped.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.soak.mails import Mail

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class PostOffice:
    """A running server: where it is, and the file of what it took."""

    url: str
    file: Path

    def count(self) -> int:
        """How many mails came."""
        return self.file.read_bytes().count(b"\n")

    def mails(self) -> list[Mail]:
        """Every mail that came, in order."""
        with self.file.open(encoding="utf-8") as lines:
            return [_mail(json.loads(line)) for line in lines]


def _mail(row: Mapping[str, str]) -> Mail:
    content = row["content"].encode("latin-1")
    head = message_from_bytes(content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    return Mail(str(head["Message-ID"]).strip(), row["address"], content)


@contextmanager
def post_office(folder: Path, *, seconds: float = 0.0) -> Iterator[PostOffice]:
    """A server that takes so many seconds for each mail before it says that it has it."""
    file = folder / "taken.ndjson"
    file.touch()
    command = [sys.executable, "-m", "tests.soak.post_office", str(file), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=CHECKOUT, text=True) as process:
        assert process.stdout is not None
        try:
            yield PostOffice(f"smtp://127.0.0.1:{int(process.stdout.readline())}", file)
        finally:
            process.terminate()


def begun(folder: Path, environ: Mapping[str, str], *words: str) -> subprocess.Popen[str]:
    """A command of ctmonitor that runs in a process of its own, in this folder."""
    command = [sys.executable, "-m", "ctmonitor", *words]
    settings = {"PYTHONPATH": str(CHECKOUT), **os.environ, **environ}
    said = (folder / "begun").open("w", encoding="utf-8")
    with said:
        return subprocess.Popen(command, cwd=folder, env=settings, stdout=said, stderr=said)


class _Clerk:
    """Takes each mail after a while, and writes it down before saying so."""

    def __init__(self, file: Path, seconds: float) -> None:
        self.out = file.open("a", encoding="utf-8", buffering=1)
        self.seconds = seconds

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Wait, write, say so."""
        await asyncio.sleep(self.seconds)
        row = {"address": envelope.rcpt_tos[0], "content": envelope.content.decode("latin-1")}
        self.out.write(json.dumps(row) + "\n")
        return "250 kept"


async def _serve(file: Path, seconds: float) -> None:
    clerk = _Clerk(file, seconds)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(clerk, enable_SMTPUTF8=True), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), float(sys.argv[2])))
