"""An archive looked at in shards, as a flow, tells what one look at it tells."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import State
from prefect.flows import load_flow_from_entrypoint
from prefect.states import Failed

import flows.shards
from ctmonitor.errors import (
    AlreadyRunning,
    ChainBroken,
    CommandWrong,
    SourceUnreadable,
    StoreBusy,
    StoreError,
    StoreMismatch,
)
from ctmonitor.rules import Tuning
from ctmonitor.store import Store, open_store, sweeps
from ctmonitor.store.questions import recent_sweeps
from ctmonitor.store.sweeps import LEASE
from flows.bulk import bulk
from flows.serve import CHECKOUT
from flows.shards import is_safe, runner_of, unequal
from tests.jobs.archives import an_archive, damage, everything, look_at, nct, one, some
from tests.jobs.asking import watch
from tests.registry import Registry, a_release, serving

pytestmark = pytest.mark.usefixtures("prefect_server")

FRIDAY, MONDAY = "2026-02-27", "2026-03-02"
DONE = {"overall_status": "WITHDRAWN", "last_update_posted_date": "2026-03-01"}
FIRST = some(300)
NEXT = [*some(3, **DONE), *some(293, first=4), one(299, brief_title="Another"), one(301)]
"""Three stopped, three are gone, of one the registry says something else, one came."""
COUNTS = {"received": 298, "new": 1, "changed": 4, "unchanged": 293, "rejected": 0}


@pytest.fixture
def given(store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store that flows work with."""
    monkeypatch.setenv("CTMONITOR_DATABASE_URL", store_url)
    monkeypatch.setenv("CTMONITOR_CONFIG", "/dev/null")
    watch(store)
    return store


@pytest.fixture
def plain(upgraded_file: Path, tmp_path: Path) -> Iterator[Store]:
    """Another store, to be held against the first."""
    shutil.copy(upgraded_file, tmp_path / "plain.db")
    opened = open_store(f"sqlite:///{tmp_path / 'plain.db'}")
    watch(opened)
    yield opened
    opened.close()


@pytest.fixture
def releases(tmp_path: Path) -> dict[str, Path]:
    """The archives of two days, by their day."""
    days = {FRIDAY: FIRST, MONDAY: NEXT}
    return {day: an_archive(tmp_path / f"{day}.zip", day, those) for day, those in days.items()}


def in_shards(path: Path, today: str, **given: Any) -> dict[str, Any]:
    """What a run in three shards, in threads, gives."""
    return bulk(str(path), 3, "threads", today=today, **given)


def failed_by(monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    """Let shards be tried again in another way."""
    monkeypatch.setattr(flows.shards, "read_shard", flows.shards.read_shard.with_options(**options))


def runs_of(state: State[Any]) -> dict[str, int]:
    """How often each task of a run was tried, by its name."""
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[state.state_details.flow_run_id]))
    with get_client(sync_client=True) as client:
        return {run.name: run.run_count for run in client.read_task_runs(flow_run_filter=wanted)}


def elsewhere(store: Store, scope: str, *, seconds: float) -> int:
    """Begin a look over a scope on another host, whose lease ends in so many seconds."""
    begun = datetime.now(UTC) - LEASE + timedelta(seconds=seconds)
    with store.writing() as tx:
        return sweeps.begin(tx, scope, scope, today=begun.date(), owner="elsewhere:1:1", now=begun)


def said_by(store: Store) -> dict[str, Any]:
    """Contents, changes, alerts, spans and what is held; not in which look it was told."""
    return {name: value for name, value in everything(store).items() if name != "owed"}


def test_shards_tell_what_one_look_tells(given, plain, releases):
    """Over two releases contents, changes and alerts are the same, and the counts add up."""
    for day, path in releases.items():
        told = in_shards(path, day)
        whole = look_at(plain, path, today=day, tuning=Tuning()).plain()
        assert {name: told["sums"][name] for name in COUNTS} == {
            name: whole[name] for name in COUNTS
        }
        assert told["sums"]["changes"] == whole["changes"]
        assert told["sums"]["alerts"] == whole["alerts"]
    assert {name: told["sums"][name] for name in COUNTS} == COUNTS and told["sums"]["alerts"] == 3
    assert said_by(given) == said_by(plain)
    assert told["whole"]["certificate"]["read"] == 0 and told["whole"]["unchanged"] == 298


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_row_is_shown_for_each_shard(given, releases):
    """And one with the sums; the look that proves them has a page of its own."""
    state = bulk(str(releases[FRIDAY]), 3, "threads", today=FRIDAY, return_state=True)
    with get_client(sync_client=True) as client:
        run_id = state.state_details.flow_run_id
        shown = {one.key: one for one in client.read_artifacts() if one.flow_run_id == run_id}
    rows = orjson.loads(shown["bulk-shards"].data)
    assert [row["shard"] for row in rows] == ["1 of 3", "2 of 3", "3 of 3", "all"]
    assert [row["received"] for row in rows] == [100, 100, 100, 300]
    assert shown["bulk"].data.startswith("# Sweep 4 of ")


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_shard_is_tried_again_alone(given, plain, releases, monkeypatch):
    """One whose worker was lost is read when its lease is over; the others are read once."""
    failed_by(monkeypatch, retry_delay_seconds=3)
    path = releases[FRIDAY]
    lost = elsewhere(given, f"{path}, shard 2 of 3", seconds=2)
    state = bulk(str(path), 3, "threads", today=FRIDAY, return_state=True)
    assert state.is_completed() and state.name == "Completed"
    tries = runs_of(state)
    assert [tries[f"shard {number} of 3"] for number in (1, 2, 3)] == [1, 2, 1]
    look_at(plain, path, today=FRIDAY, tuning=Tuning())
    assert said_by(given) == said_by(plain)
    with given.reading() as tx:
        assert {each.id: each.state for each in recent_sweeps(tx, 9)}[lost] == "interrupted"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_next_run_reads_the_shard_that_was_not_read(given, releases, monkeypatch):
    """A run without one of its shards fails and says which; the next one is over the others."""
    failed_by(monkeypatch, retries=0)
    path = releases[FRIDAY]
    lost = elsewhere(given, f"{path}, shard 2 of 3", seconds=60)
    state = bulk(str(path), 3, "threads", today=FRIDAY, return_state=True)
    assert state.is_failed()
    assert state.message.startswith(f"shard 2 of 3 could not be read: sweep {lost} of {path}")
    with given.writing() as tx:
        sweeps.finish(tx, lost, sweeps.Counts(), state="failed", now=datetime.now(UTC))
    told = in_shards(path, FRIDAY)
    assert [read["certificate"]["read"] for read in told["shards"]] == [0, 100, 0]
    assert told["whole"]["received"] == 300


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_part_is_not_taken_for_the_whole(given, releases):
    """A study that cannot be read makes the run Partial, and its message says so."""
    damage(releases[FRIDAY], nct(120))
    state = bulk(str(releases[FRIDAY]), 3, "threads", today=FRIDAY, return_state=True)
    assert state.is_completed() and state.name == "Partial"
    assert "299 studies in 3 shards: 299 new, 0 changed, 1 rejected" in state.message
    assert "not everything was read" in state.message


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_registrys_archive_is_fetched_once_and_proves_absence(given, tmp_path, monkeypatch):
    """The last look says what the registry no longer shows, of the archive that was fetched."""
    days = a_release(FRIDAY, FIRST), a_release(MONDAY, NEXT)
    monkeypatch.setenv("CTMONITOR_CTGOV_RATE", "10000")
    with serving(Registry(*days)) as served:
        monkeypatch.setenv("CTMONITOR_CTGOV_URL", served.url)
        bulk("bulk", 2, "threads", folder=str(tmp_path / "shared"), today=FRIDAY)
        served.registry.advance()
        told = bulk("bulk", 2, "threads", folder=str(tmp_path / "shared"), today=MONDAY)
        fetched = [asked for asked in served.asked if "download" in str(asked)]
    assert {name: told["sums"][name] for name in COUNTS} == COUNTS
    assert (told["whole"]["missing"], told["whole"]["source"]) == (3, "bulk")
    assert told["whole"]["certificate"]["scope"] == "ctgov" and len(fetched) == 2


@pytest.mark.parametrize("kind", ["sqlite"])
def test_processes_read_a_flow_that_was_loaded_by_its_path(given, plain, releases, monkeypatch):
    """A worker loads the file of a flow; processes of its own know the shards all the same."""
    monkeypatch.chdir(CHECKOUT)
    loaded = load_flow_from_entrypoint("flows/bulk.py:bulk")
    told = loaded(str(releases[FRIDAY]), 2, "processes", workers=2, today=FRIDAY)
    look_at(plain, releases[FRIDAY], today=FRIDAY, tuning=Tuning())
    assert told["sums"]["new"] == 300 and said_by(given) == said_by(plain)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_is_no_archive_is_refused(given, tmp_path):
    """The run fails at its first task, and no sweep is begun."""
    state = bulk(str(tmp_path / "gone.zip"), 2, "threads", return_state=True)
    assert state.is_failed() and "there is no archive (.zip) that can be read" in state.message


def test_a_scheduler_has_its_own_workers():
    """An address with another runner is a mistake, and not passed over."""
    with pytest.raises(CommandWrong, match="give runner dask, not threads"):
        runner_of("threads", scheduler_address="tcp://127.0.0.1:8786")


def shown(**counts: int) -> dict[str, Any]:
    """A look at ten studies, all unchanged but for some counts."""
    usual = {"expected": 10, "received": 10, "unchanged": 10, "complete": True, "seconds": 1.0}
    nothing = dict.fromkeys(("new", "changed", "rejected", "changes", "alerts"), 0)
    return usual | nothing | counts


@pytest.mark.parametrize(
    ("members", "last", "whole", "said"),
    [
        (20, {}, {"received": 20, "unchanged": 20}, None),
        (20, {"rejected": 1, "unchanged": 9}, {"received": 20, "unchanged": 20}, None),
        (20, {"unchanged": 9}, {}, "shard 2 received 10 studies and knows what 9 are"),
        (21, {}, {}, "the archive has 21 studies and the shards have 20"),
        (20, {"received": 9, "unchanged": 9}, {}, "20 studies and the shards received 19"),
        (20, {}, {}, "20 studies and the whole look received 10"),
    ],
)
def test_figures_that_do_not_add_up_are_named(members, last, whole, said):
    """Each shard by itself, their sum against the archive, the last look against both."""
    wrong = unequal(members, [shown(), shown(**last)], shown(**whole))
    assert wrong is None if said is None else said in wrong


@pytest.mark.parametrize(
    ("problem", "worth"),
    [
        (StoreBusy("held"), True),
        (StoreError("the server is gone"), True),
        (SourceUnreadable("archive", "the folder is gone"), True),
        (StoreMismatch("store", "0001", "0006", newer=False), False),
        (ChainBroken("x"), False),
        (CommandWrong("x"), False),
    ],
)
def test_a_shard_is_tried_again_where_waiting_may_help(problem, worth):
    """A lost store or folder may come back; a schema and a chain stay as they are."""
    assert is_safe(None, None, Failed(data=problem)) is worth


def test_an_error_says_the_same_in_another_process():
    """What ended a shard is told where its flow runs."""
    problem = AlreadyRunning(7, "archive, shard 1 of 2", "2026-03-02T09:00:00Z", "host:1:1")
    handed = pickle.loads(pickle.dumps(problem))
    assert (str(handed), handed.owner, type(handed)) == (str(problem), "host:1:1", AlreadyRunning)
