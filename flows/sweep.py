"""Look once at one scope, as a flow."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from ctmonitor.cli.call import counted
from ctmonitor.jobs.opening import opened
from ctmonitor.jobs.sweep import Plan, Report
from ctmonitor.jobs.sweep import sweep as look_once
from ctmonitor.store import Store
from ctmonitor.store.alerts import Raised
from ctmonitor.store.questions import Filter, alerts_raised
from flows.dispatch import given_up, send
from flows.given import given
from flows.patience import WAITS, is_busy
from flows.report import count_of, described, page_of, rows_of, summary_of


@flow(name="sweep", persist_result=False)
def sweep(
    sources: list[str], watch: str | None = None, today: str | None = None
) -> State[dict[str, Any]]:
    """Sweep files and folders (only the studies of one watch list, when named), then send.

    `today` (YYYY-MM-DD) is the day to believe in; null is the date of the operator's zone.
    A look that missed something ends as Partial; one that could read nothing fails.
    """
    report, raised = look(sources, watch, today)
    create_markdown_artifact(page_of(report), key="sweep", description=described(report))
    shown = count_of(raised, report)
    create_table_artifact(rows_of(raised), key="sweep-alerts", description=shown)
    name = "Completed" if report.is_complete else "Partial"
    ended: State[dict[str, Any]] = Completed(
        name=name, message=summary_of(report), data=report.plain()
    )
    return given_up(send()) or ended


@task(
    name="look",
    retries=len(WAITS),
    retry_delay_seconds=WAITS,
    retry_condition_fn=is_busy,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def look(sources: list[str], watch: str | None, today: str | None) -> tuple[Report, list[Raised]]:
    """Sweep, and say what came out; what an earlier try kept is unchanged to the next."""
    logger = get_run_logger()
    with given(today=today) as call:
        # A worker has no standard input of ours: `-` is empty there.
        source, watched = opened(
            call.store,
            sources,
            BytesIO(),
            registry=lambda: call.registry,
            clock=call.clock,
            watch=watch,
        )
        plan = Plan(
            tuning=call.tuning,
            flood_limit=call.flood_limit,
            clock=call.clock,
            watch=watched,
            progress=lambda progress: logger.info(
                "%s read", counted(progress.counts.received, "study", "studies")
            ),
        )
        report = look_once(call.store, source, plan)
        raised = _raised_by(report, call.store)
    _log(report)
    return report, raised


def _raised_by(report: Report, store: Store) -> list[Raised]:
    with store.reading() as tx:
        return alerts_raised(tx, Filter(sweep_id=report.sweep))


def _log(report: Report) -> None:
    logger = get_run_logger()
    logger.info(summary_of(report))
    if report.counts.rejected:
        logger.warning("%s set aside", counted(report.counts.rejected, "input", "inputs"))
    for gap in report.gaps:
        logger.warning("partial: %s", gap)
