"""Serving without a worker: what prefect.yaml says, in one process."""

from __future__ import annotations

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Failed

from ctmonitor.errors import SettingWrong, StoreBusy, StoreError
from flows.patience import is_busy
from flows.serve import CHECKOUT, check_server, deployments

FILE = CHECKOUT / "prefect.yaml"


def test_serve_makes_what_the_file_lists():
    """Names, schedules, limits and parameters have one place of truth."""
    made = {one.name: one for one in deployments(FILE, {"CTMONITOR_SOURCE": "/records"})}
    assert set(made) == {"sweep", "due", "dispatch"}
    sweep = made["sweep"]
    assert sweep.parameters == {"sources": ["/records"], "watch": None, "today": None}
    assert (sweep.concurrency_limit, sweep.concurrency_options.collision_strategy) == (
        1,
        "CANCEL_NEW",
    )
    [schedule] = sweep.schedules
    assert (schedule.slug, schedule.schedule.cron, schedule.schedule.timezone) == (
        "weekday",
        "15 9 * * 1-5",
        "America/New_York",
    )


def test_a_variable_that_is_not_set_is_named():
    """A sweep of nothing is not served."""
    with pytest.raises(SettingWrong, match="CTMONITOR_SOURCE: it is not set"):
        deployments(FILE, {"CTMONITOR_SOURCE": ""})


@pytest.mark.parametrize(
    ("url", "why"),
    [(None, "no Prefect server is named"), ("http://127.0.0.1:9/api", "no Prefect server answers")],
)
def test_without_a_server_nothing_is_served(url, why):
    """A server that would end with this process, and forget its runs, is not started."""
    with (
        temporary_settings(restore_defaults={PREFECT_API_URL}, updates={PREFECT_API_URL: url}),
        pytest.raises(SettingWrong, match=why),
    ):
        check_server()


@pytest.mark.parametrize(
    ("problem", "again"), [(StoreBusy("held"), True), (StoreError("x"), False)]
)
def test_only_a_busy_store_is_worth_another_try(problem, again):
    """Waiting mends a lock, and no other fault."""
    assert is_busy(None, None, Failed(data=problem)) is again
