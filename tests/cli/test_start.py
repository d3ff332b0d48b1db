"""A question is answered without what only the scheduled face needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Terminal

HEAVY = {"prefect", "fastapi", "starlette", "uvicorn", "pandas", "matplotlib", "requests"}
SLOW = {"alembic", "jinja2", "rapidfuzz", "zstandard", "sqlalchemy"}
PROBE = """
import os, sys
from ctmonitor.cli import main
code = main(sys.argv[1:], os.environ)
sys.stderr.write(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
sys.exit(code)
"""


def modules_of(*words: str) -> set[str]:
    """The top modules that a command imports."""
    probe = [sys.executable, "-c", PROBE, *words]
    ended = subprocess.run(probe, capture_output=True, text=True, check=True, timeout=60)
    return set(ended.stderr.split())


@pytest.mark.parametrize("words", [["--help"], ["alerts", "--help"], ["--version"]], ids=" ".join)
def test_help_needs_next_to_nothing(words: list[str]) -> None:
    """Neither the database nor what compares and sends is imported to show help."""
    assert not modules_of(*words) & (HEAVY | SLOW)


def test_a_history_needs_no_scheduler_and_no_server(told: Terminal) -> None:
    """A question imports the database, and nothing that schedules, serves or migrates."""
    url = f"sqlite:///{told.folder / 'store.db'}"
    found = modules_of("--db", url, "history", "NCT00000001")
    assert "sqlalchemy" in found
    assert not found & (HEAVY | {"alembic", "jinja2"})
