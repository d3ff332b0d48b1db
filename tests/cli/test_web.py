"""`ctmonitor web`, as the process that an operator starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
import requests

from tests.cli.conftest import Terminal
from tests.journeys.prefect_life import free_port

SECRET = "k" * 32


def test_the_pages_are_served_until_interrupted(told: Terminal) -> None:
    """It answers, says nothing of the links that are asked for, and ends when told to."""
    port = free_port()
    environ = {
        **os.environ,
        "CTMONITOR_DATABASE_URL": f"sqlite:///{told.folder / 'store.db'}",
        "CTMONITOR_WEB_SECRET": SECRET,
    }
    command = [sys.executable, "-m", "ctmonitor", "web", "--port", str(port)]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as running:
        health = _asked(f"http://127.0.0.1:{port}/healthz")
        missing = requests.get(f"http://127.0.0.1:{port}/unsubscribe/a-token", timeout=5)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=20)
    assert (health.status_code, missing.status_code, running.returncode) == (200, 404, 0)
    assert said == f"listening at http://127.0.0.1:{port}; end it with Ctrl-C\n"


def _asked(url: str) -> requests.Response:
    for _ in range(200):
        try:
            return requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError(f"nobody answers at {url}")


@pytest.mark.parametrize("secret", ["short", "k" * 32 + " short", " "])
def test_a_secret_that_could_be_guessed_is_refused(terminal: Terminal, secret: str) -> None:
    """Each of them needs 32 characters; what it was is not said."""
    said = terminal("web", web_secret=secret)
    assert said.code == 3
    assert "CTMONITOR_WEB_SECRET" in said.err and "kkk" not in said.err


def test_secrets_are_read_from_a_file_a_line_each(terminal: Terminal) -> None:
    """The file that holds them may hold several, and they are never shown."""
    file = terminal.folder / "secrets"
    file.write_text(f"{SECRET}\n{'l' * 40}\n")
    said = terminal("settings", "--json", web_secret_file=str(file))
    assert said.code == 0 and "CTMONITOR_WEB_SECRET_FILE" in said.out
    assert "kkkk" not in said.out and "llll" not in said.out
