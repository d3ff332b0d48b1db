"""Send what is owed, as a flow."""

from __future__ import annotations

from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from ctmonitor.cli.call import counted
from ctmonitor.jobs.dispatch import DispatchReport
from ctmonitor.jobs.dispatch import dispatch as send_owed
from flows.given import given


@flow(name="dispatch", persist_result=False)
def dispatch() -> State[dict[str, Any]]:
    """Send every message that is owed now."""
    report = send()
    return given_up(report) or Completed(message=_said(report), data=report.plain())


# Without retries: what did not leave stays owed, with a wait of its own.
@task(name="send", cache_policy=NO_CACHE, persist_result=False)
def send() -> DispatchReport:
    """Send, and say which messages did not leave."""
    with given() as call:
        report = send_owed(
            call.store,
            call.outlets,
            flood_limit=call.flood_limit,
            clock=call.clock,
            tuning=call.tuning,
            operator=call.operator,
        )
    logger = get_run_logger()
    logger.info(_said(report))
    for problem in report.problems:
        logger.warning("not delivered: %s", problem)
    return report


def given_up(report: DispatchReport) -> State[dict[str, Any]] | None:
    """The failure of a run in which messages were given up; None when none were."""
    if not report.dead:
        return None
    return Failed(message=f"{_said(report)}; the first problem: {report.problems[0]}")


def _said(report: DispatchReport) -> str:
    again = f"{report.waiting:,} to be tried again"
    return f"{counted(report.sent, 'message', 'messages')} sent, {again}, {report.dead:,} given up"
