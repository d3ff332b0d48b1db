"""Tell the operator that a run failed, as a flow that Prefect's automations begin."""

from __future__ import annotations

from typing import Any

from prefect import Task, flow, runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Completed

from ctmonitor.errors import DeliveryFailed, SettingWrong
from ctmonitor.jobs.notice import tell_operator as send_notice
from flows.given import given

WAITS = [30.0, 300.0, 1_800.0]


def may_leave_later(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a try failed for a reason that may pass."""
    return isinstance(state.data, DeliveryFailed) and not state.data.permanent


@flow(name="tell-operator", persist_result=False)
def tell_operator(headline: str, why: str = "") -> State[dict[str, Any]]:
    """Send a sentence, and why it is so, to the address that the setting `operator` names."""
    send_to_operator(headline, why, str(runtime.flow_run.id))
    return Completed(message=f"told: {headline}")


@task(
    name="send to the operator",
    retries=len(WAITS),
    retry_delay_seconds=WAITS,
    retry_condition_fn=may_leave_later,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def send_to_operator(headline: str, why: str, key: str) -> None:
    """Send it by the ways out that alerts take; each try is the same message."""
    with given() as call:
        if call.operator is None:
            mend = "name an address that is read, best by another way than the subscribers"
            raise SettingWrong("CTMONITOR_OPERATOR", "nobody is named to be told", mend)
        send_notice(call.outlets, call.operator, headline, why, key=key, now=call.clock.now())
