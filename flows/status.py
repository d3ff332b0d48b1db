"""Look whether the watch goes on, as a flow that fails when something needs a person."""

from __future__ import annotations

from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from ctmonitor.jobs.health import health
from flows.given import given


@flow(name="status", persist_result=False)
def status() -> State[dict[str, Any]]:
    """Look at the last good sweep, what is owed, what was given up, the last proof, the disk."""
    with given() as call:
        found = health(call.store, call.clock, call.settings["sweep_interval"])
    logger = get_run_logger()
    for check in found.checks:
        logger.info("%s: %s: %s", "ok" if check.is_well else "failed", check.name, check.why)
    wrong = [f"{check.name}: {check.why}" for check in found.checks if not check.is_well]
    if wrong:
        return Failed(name="NotWell", message="; ".join(wrong))
    return Completed(message="nothing needs a person", data=found.plain())
