"""Serving without a worker: what prefect.yaml says, in one process."""

from __future__ import annotations

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Failed

from ctmonitor.errors import (
    QuestionRefused,
    SettingWrong,
    SourceUnreadable,
    StoreBusy,
    StoreError,
)
from flows.patience import is_busy, is_passing
from flows.serve import CHECKOUT, check_server, deployments, listing

MAIN, FILES = CHECKOUT / "prefect.yaml", CHECKOUT / "prefect-files.yaml"


def test_serve_makes_what_the_file_lists():
    """Names, schedules, limits and parameters have one place of truth."""
    made = {one.name: one for one in deployments(MAIN, {})}
    assert set(made) == {"watched", "due", "dispatch", "bulk", "verify", "status", "operator"}
    names = [trigger.name for trigger in made["operator"].triggers]
    assert names == ["ctmonitor-run-failed", "ctmonitor-no-sweep"]
    watched = made["watched"]
    assert watched.parameters == {"sources": [], "watch": None, "way": None, "today": None}
    assert (watched.concurrency_limit, watched.concurrency_options.collision_strategy) == (
        1,
        "CANCEL_NEW",
    )
    [schedule] = watched.schedules
    assert (schedule.slug, schedule.schedule.cron, schedule.schedule.timezone) == (
        "weekday",
        "15 9 * * 1-5",
        "America/New_York",
    )


def test_files_are_swept_where_some_are_named():
    """Without a place to read from, only the registry is looked at."""
    assert listing({}) == [MAIN]
    environ = {"CTMONITOR_SOURCE": "/records"}
    assert listing(environ) == [MAIN, FILES]
    [files] = deployments(FILES, environ)
    assert (files.name, files.parameters["sources"]) == ("files", ["/records"])


def test_a_variable_that_is_not_set_is_named():
    """A sweep of nothing is not served."""
    with pytest.raises(SettingWrong, match="CTMONITOR_SOURCE: it is not set"):
        deployments(FILES, {"CTMONITOR_SOURCE": ""})


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
    ("problem", "files", "registry"),
    [
        (StoreBusy("held"), True, True),
        (SourceUnreadable("registry", "it answered 503"), False, True),
        (StoreError("x"), False, False),
        (QuestionRefused("no such area"), False, False),
    ],
)
def test_only_what_passes_is_worth_another_try(problem, files, registry):
    """Waiting mends a lock, and a registry out of reach; it mends no file and no question."""
    state = Failed(data=problem)
    assert is_busy(None, None, state) is files
    assert is_passing(None, None, state) is registry
