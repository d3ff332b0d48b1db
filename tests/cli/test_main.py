"""How a command ends: its exit code, its sentence, its output."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from ctmonitor.cli import alerts
from ctmonitor.cli.call import Call
from tests.builders import a_study
from tests.cli.conftest import Terminal

ENTRY = "from ctmonitor.cli import entry; entry()"


@contextmanager
def started(url: str, *words: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own, as a terminal starts it; it ends with the block."""
    environ = {**os.environ, "CTMONITOR_DATABASE_URL": url, "PYTHONIOENCODING": "utf-8"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environ}
    # Who runs the tests in the background ignores interrupts, and so would what they start.
    pipes["preexec_fn"] = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    command = [sys.executable, "-c", ENTRY, *words]
    with subprocess.Popen(command, **pipes | more) as running:
        try:
            yield running
        finally:
            running.kill()


def printed(url: str, *words: str, **more: Any) -> tuple[int, str, str]:
    """The exit code, the output and the errors of a command in a process of its own."""
    with started(url, *words, **more) as running:
        out, err = running.communicate(timeout=30)
    return running.returncode, out or "", err


@pytest.fixture
def url(told: Terminal) -> str:
    """The URL of a store with some alerts."""
    return f"sqlite:///{told.folder / 'store.db'}"


@pytest.mark.parametrize("words", [["show", "NCT1"], ["--verbose", "show", "NCT1"]], ids=" ".join)
def test_only_verbose_shows_a_traceback(terminal: Terminal, words: list[str]) -> None:
    """The exit code is the same, and the sentence comes last."""
    said = terminal(*words)
    assert said.code == 2
    assert ("Traceback" in said.err) is ("--verbose" in words)
    assert said.err.splitlines()[-1].startswith("ctmonitor: 'NCT1' is not a study number")


def test_a_fault_of_ours_is_said_in_one_sentence(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong, nobody is shown a stack who did not ask for it."""

    def faulty(_call: Call) -> int:
        raise RuntimeError("the sky\nis falling")

    monkeypatch.setattr(alerts, "run", faulty)
    said = terminal("alerts")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "RuntimeError: the sky is falling" in said.err


def test_an_interrupt_ends_with_130(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no fault."""

    def interrupted(_call: Call) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(alerts, "run", interrupted)
    said = terminal("alerts")
    assert said.code == 130
    assert said.err == "ctmonitor: interrupted; what was read until now is kept\n"


def test_an_interrupted_sweep_loses_nothing(terminal: Terminal) -> None:
    """Ctrl-C in the middle keeps what was read; the next sweep goes on, the store is intact."""
    long = {"detailed_description": "word " * 600}
    numbers = (f"NCT{number:08d}" for number in range(1, 701))
    given = [orjson.dumps(a_study(nct_id=number, **long)) + b"\n" for number in numbers]
    url = f"sqlite:///{terminal.folder / 'store.db'}"
    with started(url, "sweep", "-", stdin=subprocess.PIPE, text=False) as running:
        running.stdin.write(b"".join(given[:650]))
        running.stdin.flush()
        _until(lambda: terminal("history", "NCT00000500").code == 0)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert (running.returncode, err.count(b"\n")) == (130, 1)
    assert terminal.ask("sweeps")[0]["state"] == "interrupted"
    report = terminal.sweep(*given)
    assert report["new"] + report["unchanged"] == 700
    assert report["unchanged"] >= 500
    assert terminal("verify").code == 0


def test_a_reader_that_goes_away_is_no_fault(url: str) -> None:
    """`ctmonitor rules --json | head -1` ends quietly."""
    reader, writer = os.pipe()
    os.close(reader)
    code, _, err = printed(url, "rules", "--json", stdout=writer)
    os.close(writer)
    assert (code, err) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [["alerts"], ["rules", "--json"]], ids=" ".join)
def test_an_output_that_cannot_be_written_is_told(url: str, words: list[str]) -> None:
    """A full disk under stdout is no success."""
    with Path("/dev/full").open("w") as full:
        code, _, err = printed(url, *words, stdout=full)
    assert (code, err.count("\n")) == (1, 1)
    assert os.strerror(errno.ENOSPC) in err


def test_closed_streams_do_no_harm(url: str) -> None:
    """A process begun with nothing open ends as usual."""
    shell = f"exec '{sys.executable}' -c '{ENTRY}' alerts <&- >&- 2>&-"
    environ = {**os.environ, "CTMONITOR_DATABASE_URL": url}
    assert subprocess.run(["/bin/sh", "-c", shell], env=environ, check=False).returncode == 0


def test_a_terminal_of_few_characters_shows_escapes(terminal: Terminal) -> None:
    """Tables are shown with escapes; JSON stays JSON and loses nothing."""
    title = "Größe β 😀 \u202e\x7f"
    terminal.sweep(a_study(brief_title=title))
    url = f"sqlite:///{terminal.folder / 'store.db'}"
    environ = {**os.environ, "CTMONITOR_DATABASE_URL": url, "PYTHONIOENCODING": "ascii"}
    _, shown, _ = printed(url, "show", "NCT00000001", env=environ)
    _, as_json, _ = printed(url, "show", "NCT00000001", "--json", env=environ)
    assert "Gr\\xf6\\xdfe" in shown
    content = orjson.loads(as_json)
    assert content["protocolSection"]["identificationModule"]["briefTitle"] == title


def test_two_sweeps_of_one_source_do_not_meet(terminal: Terminal) -> None:
    """The second is told who is at it, and that it should wait."""
    url = f"sqlite:///{terminal.folder / 'store.db'}"
    with started(url, "sweep", "-", stdin=subprocess.PIPE) as first:
        _until(lambda: terminal.ask("sweeps"))
        code, _, err = printed(url, "sweep", "-", stdin=subprocess.DEVNULL)
        first.communicate(orjson.dumps(a_study()).decode(), timeout=30)
    assert code == 6
    assert "sweep 1 of standard input is already running" in err
    assert first.returncode == 0


def test_csv_in_a_terminal_is_shown_without_control_characters(
    told: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file gets the very text, a terminal what is harmless."""
    assert "\x1b" in told("changes", "--csv").out
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdout", screen)
    told("changes", "--csv")
    assert "slow accrual" in screen.getvalue()
    assert "\x1b" not in screen.getvalue()


def test_json_in_a_terminal_is_shown_without_control_characters(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal is shown an escape for what could steer it, and it is still the same JSON."""
    terminal.sweep(a_study(brief_title="a \x9b31m title \u202e"))
    held = terminal.ask("show", "NCT00000001")
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdout", screen)
    terminal("show", "NCT00000001", "--json")
    assert screen.getvalue().replace("\n", "").isprintable()
    assert orjson.loads(screen.getvalue()) == held


def _until(look: Callable[[], object], patience: float = 20.0) -> None:
    last = time.monotonic() + patience
    while not look():
        assert time.monotonic() < last, "waited in vain"
        time.sleep(0.1)
