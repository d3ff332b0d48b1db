"""When a job is tried again, and after how long."""

from __future__ import annotations

from typing import Any

from prefect import Task, runtime
from prefect.client.schemas.objects import State, TaskRun

from ctmonitor.errors import SourceUnreadable, StoreBusy
from ctmonitor.store.sweeps import LEASE

# A look that lost its store is still called running until its lease ends, so the second
# wait outlasts it. The third gives a registry half an hour to come back.
WAITS = [30.0, LEASE.total_seconds() + 30, 1_800.0]


def is_busy(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a try failed only because somebody else held the store."""
    return isinstance(state.data, StoreBusy)


def is_passing(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a try failed because of the store, or because the registry was out of reach.

    Trying again is safe: what was kept is unchanged to the next try, which goes on where the
    last one stopped.
    """
    return isinstance(state.data, StoreBusy | SourceUnreadable)


def is_last_try() -> bool:
    """Whether the task that asks is not tried again."""
    return int(runtime.task_run.run_count) > len(WAITS)
