"""When a job is tried again, and after how long."""

from __future__ import annotations

from typing import Any

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from ctmonitor.errors import StoreBusy
from ctmonitor.store.sweeps import LEASE

# A look that lost its store is still called running until its lease ends, so the second
# wait outlasts it.
WAITS = [30.0, LEASE.total_seconds() + 30]


def is_busy(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a try failed only because somebody else held the store; nothing else gets better."""
    return isinstance(state.data, StoreBusy)
