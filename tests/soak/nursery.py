"""A process that has imported everything and forks a child for each command, to be killed.

A fork costs a hundredth of a start of Python, so that hundreds of kills take minutes. The process
has no threads and no database of its own, so a child begins as clean as a new one.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BATCH = 10
"""Studies in one transaction of a sweep: small, so that a small registry takes many."""
PATIENCE = 120.0
CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ended:
    """How one command ended; `codes` has None for a process that was killed."""

    codes: tuple[int | None, ...]
    seconds: float
    said: str
    errors: str

    @property
    def was_killed(self) -> bool:
        """Whether the kill came before the end."""
        return None in self.codes


class Nursery(AbstractContextManager["Nursery"]):
    """Runs commands of ctmonitor in children of a process that is ready."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = dict(environ)
        command = [sys.executable, "-m", "tests.soak.nursery", str(folder)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=CHECKOUT,
            env={**os.environ, **environ},
            text=True,
        )

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(PATIENCE)

    def run(self, *argv: str, kill_after: float | None = None, times: int = 1) -> Ended:
        """Run one command, several times at once if asked; kill -9 what runs after so long."""
        assert self.process.stdin and self.process.stdout
        job = {"argv": argv, "kill_after": kill_after, "times": times}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        ended = json.loads(self.process.stdout.readline())
        said = (self.folder / "said").read_text(encoding="utf-8")
        errors = (self.folder / "errors").read_text(encoding="utf-8")
        return Ended(tuple(ended["codes"]), ended["seconds"], said, errors)


def _serve(folder: Path) -> None:
    _import_all()
    os.chdir(folder)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_run(json.loads(line))) + "\n")
        sys.stdout.flush()


def _import_all() -> None:
    import alembic.command  # noqa: F401
    import psycopg  # noqa: F401
    import sqlalchemy.dialects.postgresql
    import sqlalchemy.dialects.sqlite  # noqa: F401

    import ctmonitor.cli
    import ctmonitor.delivery
    import ctmonitor.jobs.due
    import ctmonitor.jobs.intake
    import ctmonitor.jobs.opening
    import ctmonitor.jobs.sweep
    import ctmonitor.sources
    import ctmonitor.store.upgrade

    ctmonitor.jobs.intake.PIECES_AT_ONCE = BATCH


def _run(job: dict[str, Any]) -> dict[str, Any]:
    for name in ("said", "errors"):
        Path(name).write_bytes(b"")
    # The pipe closes when the last child has ended, however it ended.
    reading, writing = os.pipe()
    started = time.monotonic()
    children = [_raise(job["argv"], reading) for _ in range(job["times"])]
    os.close(writing)
    limit = PATIENCE if job["kill_after"] is None else job["kill_after"]
    if not select.select([reading], [], [], limit)[0]:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
    ends = [os.waitpid(pid, 0)[1] for pid in children]
    seconds = time.monotonic() - started
    os.close(reading)
    codes = [None if os.WIFSIGNALED(end) else os.WEXITSTATUS(end) for end in ends]
    return {"codes": codes, "seconds": seconds}


def _raise(argv: list[str], reading: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    os.close(reading)
    for name, number in (("said", 1), ("errors", 2)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_APPEND), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 70
    try:
        from ctmonitor.cli import main

        code = main(argv, os.environ)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
