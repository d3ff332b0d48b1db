"""Whether the process behind a lease is still there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ctmonitor.jobs.owner import is_gone, me


def test_this_process_is_there():
    """A process knows itself to be alive."""
    assert not is_gone(me())


def test_a_process_that_ended_is_gone():
    """The owner of a lease that ended is known to be gone, as soon as it was waited for."""
    asked = "from ctmonitor.jobs.owner import me; print(me())"
    ended = subprocess.run(
        [sys.executable, "-c", asked],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert is_gone(ended.stdout.strip())


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell")
def test_a_number_given_to_another_process_is_another_owner():
    """The same process number with another start is somebody else."""
    host, pid, started = me().split(":")
    assert is_gone(f"{host}:{pid}:{int(started) - 1}")


@pytest.mark.parametrize("owner", ["elsewhere:1:5", "", "nonsense", "::", "HERE:x:5", "HERE"])
def test_an_owner_that_cannot_be_asked_is_never_known_to_be_gone(owner):
    """Another host's process, or what names none, waits for its lease."""
    assert not is_gone(owner.replace("HERE", me().split(":")[0]))
