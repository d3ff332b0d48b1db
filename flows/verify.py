"""Prove that what is kept is what was written, as a flow."""

from __future__ import annotations

from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from ctmonitor.jobs.proof import prove
from flows.given import given


@flow(name="verify", persist_result=False)
def verify() -> State[dict[str, Any]]:
    """Recompute every chain and every content; the run fails at the first break, and names it."""
    with given() as call:
        proof = prove(call.store, None, who="ctmonitor verify", clock=call.clock)
    if proof.unnoted:
        get_run_logger().warning("it could not be noted: %s", proof.unnoted)
    rows = ", ".join(f"{count:,} {name}" for name, count in proof.counts.items())
    said = f"Intact: {rows}. Head {proof.head}"
    return Completed(message=said, data={"rows": proof.counts, "head": proof.head})
