"""Which process holds a lease, and whether it is still there."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def me() -> str:
    """This process in words: host, process number, and when it started."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def is_gone(owner: str) -> bool:
    """Whether an owner surely ended; one on another host is never known to be gone."""
    host, _, process = owner.partition(":")
    pid, _, started = process.partition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    # The number may have been given to another process since.
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    """The start of a process in clock ticks since boot; empty where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    state, *rest = told.rpartition(")")[2].split()
    return "gone" if state == "Z" else rest[18]
