"""Raise what fell due though nothing changed, as a flow."""

from __future__ import annotations

from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from ctmonitor.cli.call import counted
from ctmonitor.jobs.due import DueReport, raise_due
from ctmonitor.jobs.quiet import owe_quiet
from flows.dispatch import given_up, send
from flows.given import given
from flows.patience import WAITS, is_busy


@flow(name="due", persist_result=False)
def due(today: str | None = None) -> State[dict[str, Any]]:
    """Ask the calendar rules about `today` (YYYY-MM-DD; the date of the zone when null), send."""
    report = ask_calendar(today)
    return given_up(send()) or Completed(message=_said(report), data=report.plain())


@task(
    name="ask the calendar",
    retries=len(WAITS),
    retry_delay_seconds=WAITS,
    retry_condition_fn=is_busy,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def ask_calendar(today: str | None) -> DueReport:
    """Raise each fact whose day has come, once."""
    with given(today=today) as call:
        report = raise_due(
            call.store, tuning=call.tuning, flood_limit=call.flood_limit, clock=call.clock
        )
        quiet = owe_quiet(call.store, call.clock, call.settings["sweep_interval"])
    get_run_logger().info(_said(report))
    if quiet:
        get_run_logger().info("after a week without news: %s", counted(quiet, "word", "words"))
    return report


def _said(report: DueReport) -> str:
    due_now = counted(report.studies, "study is", "studies are")
    return f"{due_now} due; {counted(report.alerts, 'new alert', 'new alerts')}"
