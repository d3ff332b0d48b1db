"""Killed at each call by which it writes, syncs or sends, one cycle loses nothing.

`POINTS=100000 make soak` tries every point there is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.soak.life import RELEASE, WISHES, Life, subscribe
from tests.soak.mails import SlowInbox, slow_mail_server
from tests.soak.nursery import BATCH, CHECKOUT, Nursery
from tests.soak.releases import MadeRegistry, Release

pytestmark = pytest.mark.soak
POINTS = int(os.environ.get("POINTS", "120"))
"""At most about so many points are tried, at even distances."""
CALLS = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "unlink", "sendto")
"""Each is counted for itself: strace counts the calls of one name."""
CYCLE = (
    "import sys; from ctmonitor.cli import main; import ctmonitor.jobs.intake as intake; "
    f"intake.PIECES_AT_ONCE = {BATCH}; sys.exit(main(sys.argv[1:], __import__('os').environ))"
)
KILLED = 137


class _Traced:
    """One cycle under strace: what it calls, or killed at one of its calls."""

    def __init__(self, folder: Path, environ: dict[str, str], release: Release) -> None:
        self.folder = folder
        self.environ = {"PYTHONPATH": str(CHECKOUT), **os.environ, **environ}
        words = ("sweep", RELEASE, "--today", str(release.day))
        self.cycle = (sys.executable, "-c", CYCLE, *words)

    def count(self) -> Counter[str]:
        """Run it to its end; how often each call was made."""
        trace = self.folder / "trace"
        assert self._run("-o", str(trace), "-e", f"trace={','.join(CALLS)}") == 0
        return Counter(re.findall(r"^\d+ +(\w+)\(", trace.read_text(errors="replace"), re.M))

    def kill_at(self, call: str, number: int) -> bool:
        """Kill it as it makes the call for the nth time; False when it ended before that."""
        inject = f"inject={call}:signal=KILL:when={number}"
        code = self._run("-o", os.devnull, "-e", f"trace={call}", "-e", inject)
        assert code in (0, KILLED, -9), code
        return code != 0

    def _run(self, *options: str) -> int:
        command = ("strace", "-f", *options, *self.cycle)
        ended = subprocess.run(
            command, check=False, cwd=self.folder, env=self.environ, capture_output=True, timeout=60
        )
        return ended.returncode


@pytest.fixture
def put_back(kind: str, store_url: str, request, tmp_path) -> Iterator[Callable[[], None]]:
    """Called first, it keeps the database as it is then; called again, it puts that back."""
    if kind == "sqlite":
        yield _FileKept(tmp_path / "store.db")
        return
    name = sa.make_url(store_url).database
    with request.getfixturevalue("postgres")("template1") as other:
        engine = sa.create_engine(
            sa.make_url(other).set(drivername="postgresql+psycopg", database="postgres"),
            isolation_level="AUTOCOMMIT",
            poolclass=sa.NullPool,
        )
        kept = f"{name}_kept"
        yield _DatabaseKept(engine, str(name), kept)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {kept} WITH (FORCE)")


class _FileKept:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.kept = file.with_suffix(".kept")

    def __call__(self) -> None:
        if not self.kept.exists():
            assert not self.file.with_name("store.db-wal").exists()
            shutil.copy(self.file, self.kept)
            return
        for left in self.file.parent.glob("store.db*"):
            left.unlink()
        shutil.copy(self.kept, self.file)


class _DatabaseKept:
    def __init__(self, engine: sa.Engine, name: str, kept: str) -> None:
        self.engine, self.name, self.kept = engine, name, kept
        self.is_kept = False

    def __call__(self) -> None:
        source, copy = (self.kept, self.name) if self.is_kept else (self.name, self.kept)
        with self.engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")
            connection.exec_driver_sql(f"CREATE DATABASE {copy} TEMPLATE {source}")
        self.is_kept = True


@contextmanager
def _before_the_cycle(folder: Path, url: str):
    """A monitor with two releases swept, and a third that is to be: its life, and the tracing."""
    with slow_mail_server(longest_wait=0, seed=0) as (smtp_url, inbox):
        # Most of a small registry that changes in one day is, rightly, not believed at first.
        (folder / "ctmonitor.toml").write_text("[rules.sweep-held]\nenabled = false\n")
        environ = {"CTMONITOR_SMTP_URL": smtp_url, "CTMONITOR_DATABASE_URL": url}
        with Nursery(folder, environ) as nursery:
            life = Life(folder, nursery, inbox, MadeRegistry(studies=110, seed=4), url)
            subscribe(nursery, WISHES)
            for before in life.registry.releases(2):
                life.take(before, most_kills=0)
            # In the third the registry itself rewrites most studies, and sponsors some.
            release = life.registry.next_release()
            release.write(folder / RELEASE)
            yield life, release, _Traced(folder, environ, release)


def _after(life: Life, release: Release, inbox: SlowInbox) -> Life:
    """The same life after an undisturbed cycle over the release, held against the list."""
    now = Life(life.folder, life.nursery, inbox, life.registry, life.url)
    now.changes, now.facts = list(life.changes), dict(life.facts)
    now.figures.releases = life.figures.releases
    now.take(release, most_kills=0)
    now.compare()
    return now


def _points(calls: Counter[str]) -> list[tuple[str, int]]:
    every = [(call, number) for call in CALLS for number in range(1, calls[call] + 1)]
    step = max(1, -(-len(every) // POINTS))
    # Whatever the step, the first and the last call of each kind are among them.
    ends = {(call, number) for call in CALLS for number in (1, calls[call]) if calls[call]}
    return sorted(ends | set(every[::step]), key=every.index)


@pytest.fixture
def strace() -> None:
    """Leave the test out where there is no strace, or it may trace nobody."""
    if shutil.which("strace") is None:
        pytest.skip("there is no strace")
    tried = subprocess.run(("strace", "-o", os.devnull, "true"), check=False, capture_output=True)
    if tried.returncode:
        pytest.skip("strace may trace nobody here")


@pytest.mark.usefixtures("strace")
def test_a_cycle_killed_at_any_call_loses_nothing(kind, store_url, put_back, tmp_path, capsys):
    """The next cycle brings what was not told, under the same Message-ID what may have been."""
    killed, repeats, faults = Counter(), 0, {}
    with _before_the_cycle(tmp_path, store_url) as (life, release, traced):
        put_back()
        first = list(life.inbox.mails)
        calls = traced.count()
        assert len(life.inbox.mails) > len(first)
        points = _points(calls)
        for call, number in points:
            put_back()
            life.inbox.mails[:] = first
            killed[call] += traced.kill_at(call, number)
            now = _after(life, release, life.inbox)
            again = len(life.inbox.mails) - len({mail.key for mail in life.inbox.mails})
            repeats += again
            found = {name: rows for name, rows in now.figures.faults.items() if rows}
            if found or again > 1:
                faults[call, number] = found, again
    with capsys.disabled():
        each = ", ".join(f"{call} {calls[call]}" for call in CALLS if calls[call])
        print(
            f"\n{kind}: one cycle makes {calls.total()} calls ({each}); {len(points)} points "
            f"tried, {killed.total()} killed, {len(faults)} with a fault, {repeats} mails repeated"
        )
    assert faults == {}
    assert killed.total() >= 0.9 * len(points)
    assert killed["sendto"] and (kind != "sqlite" or (killed["pwrite64"] and killed["fdatasync"]))
