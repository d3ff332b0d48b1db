"""Looks at a registry on loopback, as flows."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State

import flows.progress
import flows.sweep
from ctmonitor.cli import main
from ctmonitor.jobs.sweep import Progress
from ctmonitor.store import Store, open_store, sweeps
from ctmonitor.store.questions import recent_sweeps
from ctmonitor.store.sweeps import Counts
from flows.progress import Shown
from flows.sweep import sweep
from tests.builders import a_study
from tests.journeys.prefect_life import until
from tests.registry import On, Registry, Served, a_release, faults, serving

pytestmark = pytest.mark.usefixtures("prefect_server")

FIRST, SECOND = "2026-03-02", "2026-03-03"
OPEN = [a_study(nct_id=f"NCT{n:08d}", overall_status="RECRUITING") for n in range(1, 1_102)]
STOPPED = a_study(nct_id="NCT00000001", overall_status="WITHDRAWN", last_update_posted_date=SECOND)
FEW = OPEN[:4]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store that flows work with; each request is made once, and no try waits."""
    settings = {
        "CTMONITOR_DATABASE_URL": f"sqlite:///{tmp_path / 'store.db'}",
        "CTMONITOR_CONFIG": "/dev/null",
        "CTMONITOR_CTGOV_RATE": "10000",
        "CTMONITOR_CTGOV_TRIES": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    at_once = flows.sweep.look_at_registry.with_options(retry_delay_seconds=0)
    monkeypatch.setattr(flows.sweep, "look_at_registry", at_once)
    assert main(["watch", "add", "all", "--all"], settings) == 0
    store = open_store(settings["CTMONITOR_DATABASE_URL"])
    yield store
    store.close()


def at(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry be the one that is served."""
    monkeypatch.setenv("CTMONITOR_CTGOV_URL", served.url)


def run_of(state: State) -> FlowRun:
    """The run that ended in a state, as the server knows it."""
    with get_client(sync_client=True) as client:
        return client.read_flow_run(state.state_details.flow_run_id)


def artifacts(run: FlowRun, key: str) -> list[SimpleNamespace]:
    """What a run left under a key."""
    with get_client(sync_client=True) as client:
        found = [one for one in client.read_artifacts() if one.flow_run_id == run.id]
    return [one for one in found if one.key == key]


def test_a_release_between_two_runs_is_told(store, monkeypatch):
    """The second run finds what the registry changed; its progress stands at 100 %."""
    releases = a_release(FIRST, FEW), a_release(SECOND, [STOPPED, *FEW[1:]])
    with serving(Registry(*releases)) as served:
        at(served, monkeypatch)
        assert sweep(today=FIRST)["new"] == 4
        served.registry.advance()
        state = sweep(way="full", today=SECOND, return_state=True)
        again = sweep(today=SECOND, return_state=True)
    run = run_of(state)
    assert run.state.name == "Completed" and "1 changed" in run.state.message
    [progress] = artifacts(run, "sweep-progress")
    assert progress.data == 100 and "1 changed" in progress.description
    [page] = artifacts(run, "sweep")
    assert "Way: **full**" in page.data and f"| release after | `{SECOND}T09:00:05` |" in page.data
    assert "nothing new, still the release of 2026-03-03" in run_of(again).state.message


def test_a_registry_that_comes_back_is_gone_on_with(store, monkeypatch):
    """A look that broke off is tried again, goes on where it stopped, and ends as Completed."""
    breaks = On(faults.failing(503), holding="pageToken", nth=2, times=2)
    with serving(Registry(a_release(FIRST, OPEN)), breaks) as served:
        at(served, monkeypatch)
        state = sweep(["ctgov"], today=FIRST, return_state=True)
        first_pages = [one for one in served.asked if "countTotal" in one.query]
    run = run_of(state)
    assert run.state.name == "Completed" and "101 studies read" in run.state.message
    assert len(first_pages) == 1
    with store.reading() as tx:
        states = [one.state for one in recent_sweeps(tx, None)]
    assert states == ["finished", "failed", "partial"]


def test_a_sweep_that_was_killed_is_gone_on_with(store, monkeypatch):
    """The run after a kill takes the dead look over, and reads only the pages it had not."""
    waits = On(faults.silent(), holding="pageToken", nth=2, times=1)
    with serving(Registry(a_release(FIRST, OPEN)), waits) as served:
        at(served, monkeypatch)
        killed = subprocess.Popen([sys.executable, "-m", "ctmonitor.cli", "sweep", "ctgov"])
        until(lambda: served.struck, "the third page to be asked for")
        killed.kill()
        killed.wait()
        state = sweep(["ctgov"], today=FIRST, return_state=True)
        first_pages = [one for one in served.asked if "countTotal" in one.query]
    run = run_of(state)
    assert run.state.name == "Completed" and "101 studies read" in run.state.message
    assert len(first_pages) == 1
    with store.reading() as tx:
        assert [one.state for one in recent_sweeps(tx, None)] == ["finished", "interrupted"]


def test_a_registry_that_stays_away_leaves_a_part(store, monkeypatch):
    """After the last try, what came is kept and the run ends as Partial."""
    breaks = On(faults.failing(503), holding="pageToken", nth=2, times=math.inf)
    with serving(Registry(a_release(FIRST, OPEN)), breaks) as served:
        at(served, monkeypatch)
        state = sweep(["ctgov"], today=FIRST, return_state=True)
        tries = [one for one in served.asked if one.path == "/version"]
    run = run_of(state)
    assert (run.state.name, len(tries)) == ("Partial", 4)
    assert "answered 503" in run.state.message


def test_a_registry_out_of_reach_fails_the_run(store, monkeypatch):
    """Nothing was read in any try, and the run says so."""
    with serving(
        Registry(a_release(FIRST, FEW)), On(faults.failing(503), times=math.inf)
    ) as served:
        at(served, monkeypatch)
        state = sweep(today=FIRST, return_state=True)
        assert len(served.asked) == 4
    assert state.is_failed() and "no study was changed" in state.message


def test_a_held_look_fails_the_run_until_somebody_looks(store, monkeypatch):
    """The state is called Held, is red, and names the commands that settle it."""
    releases = a_release(FIRST, FEW), a_release(SECOND, FEW[:1])
    with serving(Registry(*releases)) as served:
        at(served, monkeypatch)
        sweep(today=FIRST)
        served.registry.advance()
        state = sweep(way="full", today=SECOND, return_state=True)
    assert state.is_failed() and state.name == "Held"
    assert "`ctmonitor sweeps release 2 --reason ...`" in state.message


def test_a_second_sweep_of_one_scope_leaves(store, monkeypatch):
    """It ends at once and without a failure, and says who is at it since when."""
    now = datetime.now(UTC)
    with store.writing() as tx:
        sweeps.begin(tx, "ctgov", "ctgov", today=now.date(), owner="elsewhere:1:1", now=now)
    with serving(Registry(a_release(FIRST, FEW))) as served:
        at(served, monkeypatch)
        state = sweep(["ctgov"], today=FIRST, return_state=True)
        assert served.asked == []
    run = run_of(state)
    assert run.state.is_completed() and run.state.name == "AlreadyRunning"
    assert "sweep 1 of ctgov is already running (since 2" in run.state.message
    assert "by elsewhere:1:1)" in run.state.message


@pytest.mark.parametrize(("seconds", "pages", "most"), [(0.3, 1_000, 101), (0.1, 100, 11)])
def test_progress_is_told_now_and_then(monkeypatch, seconds, pages, most):
    """However many pages come, the artifact changes at most once a second and once a percent."""
    told: list[float] = []
    logger = SimpleNamespace(info=lambda *_: None)
    monkeypatch.setattr(flows.progress, "get_run_logger", lambda: logger)
    made = lambda percent, _key, _said: told.append(percent) or "made"  # noqa: E731
    again = lambda _id, percent, _said: told.append(percent)  # noqa: E731
    monkeypatch.setattr(flows.progress, "create_progress_artifact", made)
    monkeypatch.setattr(flows.progress, "update_progress_artifact", again)
    now = [0.0]
    shown = Shown(lambda: now[0])
    for page in range(1, pages + 1):
        now[0] += seconds
        shown(Progress(Counts(), page, pages))
    assert told[0] == 0 and most - 3 <= len(told) <= most


def test_a_server_that_cannot_be_told_costs_only_the_picture(monkeypatch):
    """Progress that cannot be shown ends no look, and is warned of once."""
    warned: list[str] = []
    logger = SimpleNamespace(info=lambda *_: None, warning=lambda text, *_: warned.append(text))
    monkeypatch.setattr(flows.progress, "get_run_logger", lambda: logger)

    def refused(*_: object) -> None:
        raise OSError("no server")

    monkeypatch.setattr(flows.progress, "create_progress_artifact", refused)
    shown = Shown()
    shown(Progress(Counts(), 1, 2))
    shown.end(is_whole=True, said="done")
    assert len(warned) == 1
