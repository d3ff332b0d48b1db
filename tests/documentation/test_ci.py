"""What the project is checked with is what the README tells a new user to type."""

from __future__ import annotations

import os

from tests.documentation.reading import ROOT, blocks, text_of

RUN = ROOT / ".ci" / "run"
FRAME = ("set -eu", 'cd "$(dirname "$0")/.."', "unset PYTHONDONTWRITEBYTECODE")


def test_the_check_is_what_the_readme_says():
    """The check runs the README's first commands, and no others."""
    lines = [line for line in RUN.read_text(encoding="utf-8").splitlines() if line]
    run = [line for line in lines if not line.startswith("#") and line not in FRAME]
    assert run == blocks(text_of(ROOT / "README.md"))[0].text.splitlines()


def test_the_check_stops_at_the_first_fault():
    """The check can be run, from anywhere, and fails where a command does."""
    lines = RUN.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert [line for line in lines if line in FRAME] == list(FRAME)
    assert os.access(RUN, os.X_OK)
