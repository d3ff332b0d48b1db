"""Look once at one scope, as a flow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, Literal

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from ctmonitor.cli.call import counted
from ctmonitor.errors import AlreadyRunning, SourceUnreadable
from ctmonitor.jobs.opening import opened
from ctmonitor.jobs.owner import me
from ctmonitor.jobs.registry_look import NAME
from ctmonitor.jobs.sweep import Plan, Progress, Report
from ctmonitor.jobs.sweep import sweep as look_once
from ctmonitor.jobs.watched_run import pinging
from ctmonitor.store import Store
from ctmonitor.store.alerts import Raised
from ctmonitor.store.questions import Filter, alerts_raised
from flows.dispatch import given_up, send
from flows.given import given, ping_url
from flows.patience import WAITS, is_busy, is_last_try, is_passing
from flows.progress import Shown
from flows.report import count_of, described, name_of, page_of, rows_of, summary_of

Way = Literal["full", "status", "incremental"]


class Tries:
    """What earlier tries of one run brought; a plain object, which Prefect hands on as it is."""

    part: Report | None = None


@flow(name="sweep", persist_result=False)
def sweep(
    sources: Sequence[str] = (),
    watch: str | None = None,
    way: Way | None = None,
    today: str | None = None,
) -> State[dict[str, Any]]:
    """Sweep the registry, or files and folders, then send.

    Without `sources`, every watched study (the whole registry, where no list says which); with
    ["ctgov"], the whole registry; `watch` is one watch list. `way` is how to look at the
    registry; null is the cheapest way that misses nothing. `today` (YYYY-MM-DD) is the day to
    believe in; null is the date of the operator's zone.
    """
    report = pinging(
        ping_url(),
        lambda: _look(list(sources), watch, way, today),
        get_run_logger().warning,
    )
    if isinstance(report, str):
        return Completed(name="AlreadyRunning", message=report)
    undelivered = given_up(send())
    return _held(report) or undelivered or _ended(report)


def _look(
    sources: list[str], watch: str | None, way: Way | None, today: str | None
) -> Report | str:
    if not sources or NAME in sources:
        return look_at_registry(sources, watch, way, today, tries=Tries())
    return look_at_files(sources, watch, way, today)


@task(
    name="look",
    retries=len(WAITS),
    retry_delay_seconds=WAITS,
    retry_condition_fn=is_busy,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def look_at_files(
    sources: list[str], watch: str | None, way: Way | None, today: str | None
) -> Report | str:
    """Sweep files; what an earlier try kept is unchanged to the next."""
    return _looked(sources, watch, way, today, show=_told)


@task(
    name="look at the registry",
    retries=len(WAITS),
    retry_delay_seconds=WAITS,
    retry_condition_fn=is_passing,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def look_at_registry(
    sources: list[str], watch: str | None, way: Way | None, today: str | None, *, tries: Tries
) -> Report | str:
    """Sweep the registry; a look that remained partial is gone on with by the next try."""
    shown = Shown()
    try:
        report = _looked(sources, watch, way, today, show=shown)
    except SourceUnreadable as problem:
        if tries.part is None or not is_last_try():
            raise
        get_run_logger().warning("%s", problem)
        return tries.part
    if isinstance(report, str):
        shown.end(is_whole=False, said="Another look at the same studies is under way.")
        return report
    shown.end(is_whole=report.is_complete, said=described(report))
    if report.state == "partial" and not is_last_try():
        tries.part = report
        raise SourceUnreadable(report.source, report.gaps[0], "what came is kept")
    return report


def _looked(
    sources: list[str],
    watch: str | None,
    way: Way | None,
    today: str | None,
    *,
    show: Callable[[Progress], None],
) -> Report | str:
    """Sweep, and show what came out; a sentence where another process is at it already."""
    with given(today=today) as call:
        # A worker has no standard input of ours: `-` is empty there.
        source, watched = opened(
            call.store,
            sources,
            BytesIO(),
            registry=lambda: call.registry,
            clock=call.clock,
            watch=watch,
            way=way,
        )
        plan = Plan(
            tuning=call.tuning,
            flood_limit=call.flood_limit,
            clock=call.clock,
            watch=watched,
            progress=show,
        )
        try:
            report = look_once(call.store, source, plan)
        except AlreadyRunning as problem:
            if problem.owner == me():  # an earlier try of this run, which lost the store
                raise
            get_run_logger().info(str(problem))
            return str(problem)
        _show(report, _raised_by(report, call.store))
    return report


def _told(progress: Progress) -> None:
    get_run_logger().info("%s read", counted(progress.counts.received, "study", "studies"))


def _raised_by(report: Report, store: Store) -> list[Raised]:
    with store.reading() as tx:
        return alerts_raised(tx, Filter(sweep_id=report.sweep))


def _show(report: Report, raised: Sequence[Raised]) -> None:
    """A page and a table for people, and the sentences of the log."""
    logger = get_run_logger()
    logger.info(summary_of(report))
    if report.counts.rejected:
        logger.warning("%s set aside", counted(report.counts.rejected, "input", "inputs"))
    for gap in report.gaps:
        logger.warning("%s: %s", report.state, gap)
    for why in report.held:
        logger.warning("held: %s", why)
    create_markdown_artifact(page_of(report), key="sweep", description=described(report))
    shown = count_of(raised, report)
    create_table_artifact(rows_of(raised), key="sweep-alerts", description=shown)


def _held(report: Report) -> State[dict[str, Any]] | None:
    """The failure of a run whose alerts wait for an operator, so that one comes."""
    if not report.held:
        return None
    return Failed(name=name_of(report), message=summary_of(report))


def _ended(report: Report) -> State[dict[str, Any]]:
    return Completed(name=name_of(report), message=summary_of(report), data=report.plain())
