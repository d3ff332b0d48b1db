"""Look at the registry's bulk download in shards, as a flow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from pydantic import Field

from ctmonitor.cli.call import counted, one_line
from ctmonitor.errors import SourceUnreadable
from ctmonitor.jobs.opening import BULK, ArchiveTerms, archive, fetched, registrys
from ctmonitor.jobs.sweep import Report, sweep
from ctmonitor.jobs.watched_run import pinging
from ctmonitor.sources import is_archive
from ctmonitor.sources.bulk import read_directory
from ctmonitor.sources.names import printable
from flows.dispatch import given_up, send
from flows.given import given, ping_url
from flows.patience import WAITS, is_busy, is_passing
from flows.report import described, name_of, page_of, summary_of
from flows.shards import (
    Read,
    Runner,
    Shards,
    plan_of,
    read_all,
    rows_of,
    runner_of,
    sums_of,
    unequal,
)

MOST_SHARDS = 200
_ONE_WRITER = "the store is SQLite, where one process writes at a time; for several take PostgreSQL"


@dataclass(frozen=True, slots=True)
class Located:
    """An archive where every worker finds it, with its table of contents checked."""

    path: str
    members: int
    """The studies it has, also those that cannot be read."""
    is_registrys: bool
    """Whether the registry gave it, so that what it lacks is missing there."""
    release: str | None = None


@flow(name="bulk", persist_result=False)
def bulk(
    source: str = BULK,
    shards: Annotated[int, Field(ge=1, le=MOST_SHARDS)] = 8,
    runner: Runner = "processes",
    *,
    workers: Annotated[int, Field(ge=1)] | None = None,
    scheduler_address: str | None = None,
    folder: str | None = None,
    deep: bool = False,
    today: str | None = None,
) -> State[dict[str, Any]]:
    """Sweep an archive in shards side by side, prove that it is whole, then send.

    `source` is "bulk", which fetches the registry's archive into `folder` (null is the data folder
    of the user), or the path of an archive; every worker must find it under the same path.
    `workers` is how many work at a time (null is one a core); a Dask cluster that is there already
    is named by its `scheduler_address`. `deep` reads every study, whatever the directory proves.
    """
    task_runner = runner_of(runner, workers=workers, scheduler_address=scheduler_address)
    _warn_of_one_writer()
    located = fetch(folder) if source == BULK else locate(source)
    of = min(shards, located.members)
    processes = workers if runner == "threads" else 1
    ends = read_all(Shards(located.path, of, processes, deep, today), task_runner)
    reads = [end for end in ends if not isinstance(end, Exception)]
    if len(reads) < of:
        send()  # what the others raised need not wait for the one that failed
        return _unread(ends)
    say = get_run_logger().warning
    report = pinging(ping_url(), lambda: look_at_whole(located, today), say)
    _show(reads, report)
    undelivered = given_up(send())
    wrong = unequal(located.members, reads, report.plain()) if report.is_complete else None
    if wrong is not None:
        return Failed(name="Unequal", message=f"{wrong}; nothing is proven, run it again")
    return _held(reads, report) or undelivered or _ended(reads, report)


@task(
    name="fetch the archive",
    retries=len(WAITS),
    retry_delay_seconds=WAITS,
    retry_condition_fn=is_passing,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def fetch(folder: str | None) -> Located:
    """Bring the registry's archive into a folder, as far as it is not there yet."""
    with given() as call:
        into = Path(folder) if folder else call.data_folder
        found = fetched(call.registry, into.absolute())
    return Located(str(found.path), _members(found.path), is_registrys=True, release=found.release)


# Without retries: waiting makes no archive of a file that is none.
@task(name="open the archive", cache_policy=NO_CACHE, persist_result=False)
def locate(source: str) -> Located:
    """The archive that is named, with its directory checked."""
    path = Path(source).absolute()
    if not is_archive(path):
        raise SourceUnreadable(printable(source), "there is no archive (.zip) that can be read")
    return Located(str(path), _members(path), is_registrys=False)


@task(
    name="look at the whole",
    retries=len(WAITS),
    retry_delay_seconds=WAITS,
    retry_condition_fn=is_busy,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def look_at_whole(located: Located, today: str | None) -> Report:
    """Sweep the archive once more: all that the shards read is proven, and so what is missing."""
    with given(today=today) as call:
        terms = ArchiveTerms(tuning=call.tuning)
        look = archive(call.store, Path(located.path), call.clock, terms)
        if located.is_registrys:
            look = registrys(look, call.registry, located.release)
        report = sweep(call.store, look, plan_of(call))
    get_run_logger().info(summary_of(report))
    return report


def _members(path: Path) -> int:
    with path.open("rb") as opened:
        directory = read_directory(printable(str(path)), opened)
    members = len(directory) + len(directory.rejects)
    get_run_logger().info("%s in %s", counted(members, "study", "studies"), path)
    return members


def _warn_of_one_writer() -> None:
    with given() as call:
        if call.database_url.startswith("sqlite"):
            get_run_logger().warning(_ONE_WRITER)


def _show(reads: list[Read], report: Report) -> None:
    """A row a shard with their sums, and the page of the look that proves them."""
    create_table_artifact(rows_of(reads), key="bulk-shards", description=_said(reads))
    create_markdown_artifact(page_of(report), key="bulk", description=described(report))


def _unread(ends: list[Read | Exception]) -> State[dict[str, Any]]:
    """The failure of a run that lacks a shard; the next one is over the others in a moment."""
    lacking = [at for at, end in enumerate(ends, start=1) if isinstance(end, Exception)]
    numbers = ", ".join(map(str, lacking))
    named = f"{'shard' if len(lacking) == 1 else 'shards'} {numbers} of {len(ends)}"
    return Failed(
        message=f"{named} could not be read: {one_line(str(ends[lacking[0] - 1]))}; "
        "what came is kept, and nothing is called missing; run it again to read the rest"
    )


def _held(reads: list[Read], report: Report) -> State[dict[str, Any]] | None:
    """The failure of a run of which a look's alerts wait for an operator, so that one comes."""
    held = [read for read in (*reads, report.plain()) if read["held"]]
    if not held:
        return None
    numbers = ", ".join(str(read["sweep"]) for read in held)
    settle = f"{held[0]['sweep']} --reason ..."
    return Failed(
        name="Held",
        message=f"held: {held[0]['held'][0]}. Alerts of sweeps {numbers} wait; `ctmonitor sweeps "
        f"release {settle}` raises them, `ctmonitor sweeps absorb {settle}` forgets them",
    )


def _ended(reads: list[Read], report: Report) -> State[dict[str, Any]]:
    said = f"{_said(reads)}. {summary_of(report)}"
    return Completed(
        name=name_of(report),
        message=said,
        data={"shards": reads, "sums": sums_of(reads), "whole": report.plain()},
    )


def _said(reads: list[Read]) -> str:
    sums = sums_of(reads)
    return (
        f"{counted(sums['received'], 'study', 'studies')} in "
        f"{counted(len(reads), 'shard', 'shards')}: {sums['new']:,} new, {sums['changed']:,} "
        f"changed, {sums['rejected']:,} rejected; {counted(sums['alerts'], 'alert', 'alerts')}"
    )
