"""The registry's archives day by day, as a user of the command line sweeps them."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from ctmonitor.sources.names import printable
from tests.cli.conftest import Said, Terminal
from tests.jobs.archives import an_archive, damage, nct, one, some

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-04"
DONE = {"overall_status": "COMPLETED", "last_update_posted_date": "2026-03-01"}
COMMAND = [sys.executable, "-m", "ctmonitor"]
MANY = 4_500
NOWHERE = "http://127.0.0.1:9/api/v2"
PROC = Path("/proc")


@pytest.fixture
def terminal(upgraded_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal with an empty store."""
    shutil.copy(upgraded_file, tmp_path / "store.db")
    return Terminal(tmp_path, capsys)


def _sweep(terminal: Terminal, day: str, given: list[dict[str, Any]], *words: str) -> Said:
    path = an_archive(terminal.folder / f"{day}.zip", day, given)
    return terminal("sweep", path, "--today", day, *words)


def test_a_week_of_archives(terminal: Terminal) -> None:
    """The changes of each day are told, mailed once, and found again in every question."""
    mail = terminal.folder / "mail"
    mail.mkdir()
    terminal("watch", "add", "mine", "--nct", nct(2))
    terminal("subscribe", "add", f"file:{mail}", "--watch", "mine")
    first = _sweep(terminal, FRIDAY, some(9), "--whole")
    assert "9 new, 0 changed" in first.out and "deep (no archive was looked at before)" in first.out
    later = [one(1), one(2, **DONE), *some(8, first=3)]
    second = _sweep(terminal, MONDAY, later, "--whole", "--json").json
    assert (second["way"], second["new"], second["changed"], second["alerts"]) == ("fast", 1, 1, 1)
    third = _sweep(terminal, TUESDAY, later[:-1], "--whole", "--json").json
    assert (third["missing"], third["unchanged"], third["complete"]) == (1, 9, True)
    assert len(list(mail.iterdir())) == 1
    assert [one["rule"] for one in terminal.ask("alerts")] == ["completed"]
    snapshots = terminal.ask("history", nct(2))["snapshots"]
    assert [len(each["changes"]) > 0 for each in snapshots] == [False, True]
    lack = "not found in the registry since the release of 2026-03-03"
    assert lack in terminal("show", nct(10)).err
    assert terminal("verify").code == 0


def test_a_deep_look_is_asked_for_by_a_word(terminal: Terminal) -> None:
    """And the sentence says why it was made."""
    _sweep(terminal, FRIDAY, some(9))
    said = _sweep(terminal, MONDAY, some(9), "--deep", "--processes", "2")
    assert "deep (asked for)" in said.out and said.code == 0


def test_quiet_is_quiet(terminal: Terminal) -> None:
    """Nothing stands on stderr, and one sentence on stdout."""
    said = _sweep(terminal, FRIDAY, some(9), "--quiet")
    assert (said.code, said.err, said.out.count("\n")) == (0, "", 1)


def test_a_damaged_member_is_said_in_words(terminal: Terminal) -> None:
    """The look is partial, its member is named, and what to do about it."""
    path = an_archive(terminal.folder / "broken.zip", FRIDAY, some(9))
    damage(path, nct(4))
    said = terminal("sweep", path)
    assert said.code == 5 and "partial: " in said.err and nct(4) in terminal("rejects").out


NOT_ARCHIVES = {
    "not there": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-30]),
    "no archive": lambda path: path.write_bytes(b"PK\x03\x04 and then nothing" * 99),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("words", [[], ["--whole"]])
@pytest.mark.parametrize("name", NOT_ARCHIVES)
def test_what_is_no_archive_is_refused_in_one_sentence(
    terminal: Terminal, name: str, words: list[str]
) -> None:
    """It is named, and nothing is changed."""
    path = an_archive(terminal.folder / "odd.zip", FRIDAY, some(9))
    NOT_ARCHIVES[name](path)
    said = terminal("sweep", path, *words)
    last = said.err.strip().splitlines()[-1]
    assert said.code in (2, 4) and last.startswith("ctmonitor: ") and printable(str(path)) in last
    assert "fault" not in last and "Traceback" not in said.err


@pytest.mark.parametrize("words", [["--deep"], ["--whole"]])
def test_words_for_archives_are_for_one_archive(terminal: Terminal, words: list[str]) -> None:
    """Other sources are refused with them, and told why."""
    path = an_archive(terminal.folder / "one.zip", FRIDAY, some(2))
    lines = terminal.file(*some(2))
    for sources in ([lines], [path, lines], ["ctgov"], ["-"], []):
        said = terminal("sweep", *sources, *words, ctgov_url=NOWHERE, ctgov_tries="1")
        assert (sources, said.code) == (sources, 2) and "archive" in said.err


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive large enough for two processes, each study of which is UNKNOWN long since."""
    stale = {"overall_status": "UNKNOWN", "status_verified_date": "2020-01"}
    path = tmp_path_factory.mktemp("many") / "many.zip"
    return an_archive(path, FRIDAY, some(MANY, **stale))


@dataclass
class Running:
    """A command in a process of its own, which can be killed."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def until(self, word: str) -> None:
        """Read what it says until a word comes."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            if word in line:
                return
        raise AssertionError(f"it ended without {word!r}: {self.lines}")

    @property
    def readers(self) -> list[int]:
        """The processes that read for it."""
        pid = self.process.pid
        children = (PROC / f"{pid}/task/{pid}/children").read_text().split()
        called = {int(one): (PROC / one / "cmdline").read_bytes() for one in children}
        return [one for one, command in called.items() if b"spawn_main" in command]

    def begun_readers(self) -> list[int]:
        """The same as soon as there are two."""
        while self.process.poll() is None and len(self.readers) < 2:
            time.sleep(0.01)
        return self.readers

    def end(self) -> tuple[int, str]:
        """Its exit code, and the last line it said."""
        _, said = self.process.communicate(timeout=20)
        self.lines += said.splitlines()
        return self.process.returncode, self.lines[-1]


@pytest.fixture
def begin(tmp_path: Path, upgraded_file: Path) -> Iterator[Any]:
    """Begins a command on a store of its own; whatever still runs is killed in the end."""
    shutil.copy(upgraded_file, tmp_path / "store.db")
    environ = {name: value for name, value in os.environ.items() if "CTMONITOR" not in name}
    environ["CTMONITOR_DATABASE_URL"] = f"sqlite:///{tmp_path / 'store.db'}"
    begun: list[Running] = []

    def command(*words: object) -> Running:
        process = subprocess.Popen(
            [*COMMAND, *map(str, words)],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        begun.append(Running(process))
        return begun[-1]

    yield command
    for one_ in begun:
        one_.process.kill()
        one_.process.communicate()


def _is_running(pid: int) -> bool:
    try:
        state = (PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _gone(pids: list[int]) -> bool:
    """Whether these processes have ended, after a while."""
    for _ in range(50):
        if not any(map(_is_running, pids)):
            return True
        time.sleep(0.1)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return False


def _told_once(folder: Path) -> bool:
    """Whether each study has its one alert, be it in a summary or by itself."""
    with sqlite3.connect(folder / "store.db") as store:
        query = "SELECT count(*), count(DISTINCT nct_id) FROM alerts WHERE nct_id IS NOT NULL"
        return store.execute(query).fetchone() == (MANY, MANY)


needs_proc = pytest.mark.skipif(not PROC.is_dir(), reason="the system shows no processes as files")


@needs_proc
def test_a_first_load_that_was_killed_is_made_up_for(
    begin: Any, many: Path, terminal: Terminal
) -> None:
    """Its readers end with it, and the next look has every study and every alert once."""
    load = begin("sweep", many, "--today", FRIDAY, "--processes", "2")
    load.until("4,000 studies")
    readers = load.readers
    load.process.kill()
    load.process.wait()
    again = orjson.loads(terminal("sweep", many, "--today", FRIDAY, "--json").out)
    assert again["received"] == MANY and 0 < again["unchanged"] < MANY
    assert _told_once(terminal.folder)
    assert terminal("verify").code == 0
    third = orjson.loads(terminal("sweep", many, "--today", FRIDAY, "--json").out)
    assert (third["unchanged"], third["alerts"]) == (MANY, 0)
    assert _gone(readers)


@needs_proc
def test_a_reader_that_was_killed_is_said_in_one_sentence(
    begin: Any, many: Path, terminal: Terminal
) -> None:
    """The look ends with a sentence and a code, and the next one goes on."""
    load = begin("sweep", many, "--today", FRIDAY, "--processes", "2")
    readers = load.begun_readers()
    for pid in readers:
        os.kill(pid, signal.SIGKILL)
    code, last = load.end()
    assert code in (4, 5) and "process" in last and "fault in ctmonitor itself" not in last
    assert _gone(readers)
    again = orjson.loads(terminal("sweep", many, "--today", FRIDAY, "--json").out)
    assert again["received"] == MANY and terminal("verify").code == 0


@needs_proc
def test_a_first_load_that_was_interrupted_ends_its_readers(
    begin: Any, many: Path, terminal: Terminal
) -> None:
    """Ctrl-C ends all of it, in one sentence."""
    load = begin("sweep", many, "--today", FRIDAY, "--processes", "2")
    load.until("4,000 studies")
    readers = load.readers
    os.killpg(load.process.pid, signal.SIGINT)  # as a terminal does
    code, last = load.end()
    assert (code, "interrupted; what was read until now is kept" in last) == (130, True)
    assert not [line for line in load.lines if "Traceback" in line]
    assert _gone(readers) and terminal.ask("sweeps")[0]["state"] == "interrupted"
