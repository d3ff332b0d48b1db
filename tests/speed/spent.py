"""What another process costs: CPU, memory at its most, and what it printed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass

FINISHED = (0, 5)
"""The exit codes of a look of ours that came to its end; the second tells of alerts held back."""


class Failed(Exception):
    """A process that was to be measured did not finish well."""


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds, user and system, and peak memory, children included; wall seconds never."""

    cpu_seconds: float
    peak_mb: float
    printed: str


def run(
    *arguments: str,
    python: str = sys.executable,
    environ: Mapping[str, str] | None = None,
    well: Collection[int] = (0,),
) -> Spent:
    """Run a Python, this one if none is named, and give what it took; Failed when it leaves with
    a code that is not among those called well.

    The peak of a child counts what its parent held when it was started, so whoever calls this
    must be small itself.
    """
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
        command = [python, *arguments]
        process = subprocess.Popen(command, stdout=printed, stderr=complained, env=environ)
        _, state, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(state)
        printed.seek(0)
        complained.seek(0)
        if process.returncode not in well:
            said = complained.read()[-2_000:].decode(errors="replace")
            raise Failed(f"{' '.join(arguments[:4])} left with {process.returncode}: {said}")
        # Linux counts kilobytes here, macOS bytes.
        unit = 1024 if sys.platform != "darwin" else 1024 * 1024
        text = printed.read().decode()
        return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, text)
