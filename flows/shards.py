"""The shards of an archive, read side by side on one of Prefect's task runners.

Other processes know what a task calls by the name of its module, so that of a shard does not stand
in the file of its flow, which Prefect loads by its path.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from prefect import Task, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from ctmonitor.cli.call import Call
from ctmonitor.errors import ChainBroken, CommandWrong, SourceUnreadable, StoreError, StoreMismatch
from ctmonitor.jobs.opening import ArchiveTerms, archive
from ctmonitor.jobs.sweep import Plan, Report, sweep
from flows.given import given
from flows.patience import WAITS
from flows.report import summary_of

Runner = Literal["threads", "processes", "dask"]
Read = dict[str, Any]
"""What a shard came to, as `Report.plain` gives it."""

COUNTED = ("expected", "received", "new", "changed", "unchanged", "rejected", "changes", "alerts")

_ONE_AT_A_TIME = Lock()
"""Two large shards read at once, in two threads of one process, once ended in its crash."""


@dataclass(frozen=True, slots=True)
class Shards:
    """An archive to be read in parts, and what each part is told."""

    path: str
    """Where every worker finds the archive."""
    count: int
    processes: int | None = 1
    """How many processes each shard may start to read; None leaves it to the machine."""
    is_deep: bool = False
    today: str | None = None


def is_safe(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a shard is worth another try: what was kept is unchanged to it.

    A store that was lost may come back, as may a folder; waiting mends no schema and no chain.
    """
    problem = state.data
    is_lasting = isinstance(problem, StoreMismatch | ChainBroken)
    return isinstance(problem, StoreError | SourceUnreadable) and not is_lasting


@task(
    name="shard",
    task_run_name="shard {number} of {of}",
    retries=len(WAITS),
    retry_delay_seconds=WAITS,
    retry_condition_fn=is_safe,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def read_shard(
    path: str, number: int, of: int, *, processes: int | None, is_deep: bool, today: str | None
) -> Read:
    """Sweep one shard, by the settings of the process that it is read in."""
    with given(today=today) as call:
        terms = ArchiveTerms(
            tuning=call.tuning, is_deep=is_deep, processes=processes, shard=(number - 1, of)
        )
        report = sweep_archive(call, path, terms)
    get_run_logger().info(summary_of(report))
    return report.plain()


def sweep_archive(call: Call, path: str, terms: ArchiveTerms) -> Report:
    """Sweep what the terms say of an archive."""
    look = archive(call.store, Path(path), call.clock, terms)
    with _ONE_AT_A_TIME:
        return sweep(call.store, look, plan_of(call))


def plan_of(call: Call) -> Plan:
    """How a sweep is to be done, by the settings of this process."""
    return Plan(tuning=call.tuning, flood_limit=call.flood_limit, clock=call.clock)


def read_all(shards: Shards, runner: TaskRunner[Any]) -> list[Read | Exception]:
    """Read every shard, and give what each came to, in order; what ended one ends no other."""
    with runner as started:
        futures = [started.submit(read_shard, one) for one in _parameters(shards)]
        return [_end_of(future) for future in futures]


def runner_of(
    kind: Runner, *, workers: int | None = None, scheduler_address: str | None = None
) -> TaskRunner[Any]:
    """The runner of a kind; `workers` None is one a core, of a cluster the ones it has.

    Threads read one shard after the other, each of them in processes of the look's own.
    """
    if scheduler_address is not None and kind != "dask":
        raise CommandWrong(f"a scheduler has workers of its own; give runner dask, not {kind}")
    if kind == "threads":
        return ThreadPoolTaskRunner(max_workers=workers or os.cpu_count() or 1)
    if kind == "processes":
        return ProcessPoolTaskRunner(max_workers=workers)
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError:
        raise CommandWrong("runner dask needs `pip install 'ctmonitor[dask]'`") from None
    if scheduler_address is not None:
        return DaskTaskRunner(address=scheduler_address)
    its_own = {"n_workers": workers or os.cpu_count() or 1, "threads_per_worker": 1}
    return DaskTaskRunner(cluster_kwargs=its_own | {"dashboard_address": "127.0.0.1:0"})


def rows_of(reads: Sequence[Read]) -> list[dict[str, Any]]:
    """A row a shard, and the sums in the last one."""
    rows = [
        {
            "shard": f"{number} of {len(reads)}",
            "sweep": read["sweep"],
            "way": read["way"],
            **{name: read[name] for name in COUNTED},
            "seconds": read["seconds"],
        }
        for number, read in enumerate(reads, start=1)
    ]
    return [*rows, {"shard": "all", "sweep": None, "way": None, **sums_of(reads)}]


def sums_of(reads: Sequence[Read]) -> dict[str, Any]:
    """What all shards came to together."""
    names = (*COUNTED, "seconds")
    return {name: round(sum(read[name] for read in reads), 3) for name in names}


def unequal(members: int, reads: Sequence[Read], whole: Mapping[str, Any]) -> str | None:
    """Where the figures do not add up, in one sentence; None when they do."""
    for what, read in _looks(reads, whole):
        told = {name: read[name] for name in ("received", "new", "changed", "unchanged")}
        known = told["new"] + told["changed"] + told["unchanged"]
        if read["complete"] and known + read["rejected"] != told["received"]:
            return f"{what} received {told['received']:,} studies and knows what {known:,} are"
    sums = sums_of(reads)
    for what, seen in (
        ("the shards have", sums["expected"]),
        ("the shards received", sums["received"]),
        ("the whole look received", whole["received"]),
    ):
        if seen != members:
            return f"the archive has {members:,} studies and {what} {seen:,}"
    return None


def _looks(reads: Sequence[Read], whole: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for number, read in enumerate(reads, start=1):
        yield f"shard {number}", read
    yield "the whole look", whole


def _parameters(shards: Shards) -> Iterator[dict[str, Any]]:
    of = shards.count
    for number in range(1, of + 1):
        yield {
            "path": shards.path,
            "number": number,
            "of": of,
            "processes": shards.processes,
            "is_deep": shards.is_deep,
            "today": shards.today,
        }


def _end_of(future: PrefectFuture[Read]) -> Read | Exception:
    try:
        return future.result()
    except Exception as problem:
        return problem
