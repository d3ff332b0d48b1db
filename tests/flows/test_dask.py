"""Shards on a real Dask cluster: two workers, each a process, and PostgreSQL as the store."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctmonitor.rules import Tuning
from ctmonitor.store import Store, Transaction, open_store
from ctmonitor.store.questions import recent_sweeps
from ctmonitor.store.sweeps import Sweep
from tests.jobs.archives import an_archive, everything, look_at, one, some
from tests.jobs.asking import watch

distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")

pytestmark = [
    pytest.mark.usefixtures("prefect_server"),
    pytest.mark.parametrize("kind", ["postgresql"]),
]

FRIDAY, MONDAY = "2026-02-27", "2026-03-02"
DONE = {"overall_status": "WITHDRAWN", "last_update_posted_date": "2026-03-01"}
PATIENCE = 60.0


@pytest.fixture
def plain(upgraded_file: Path, tmp_path: Path) -> Iterator[Store]:
    """Another store, for one look without any cluster."""
    shutil.copy(upgraded_file, tmp_path / "plain.db")
    opened = open_store(f"sqlite:///{tmp_path / 'plain.db'}")
    watch(opened)
    yield opened
    opened.close()


@pytest.fixture
def cluster(store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two workers, whose settings name the store."""
    monkeypatch.setenv("CTMONITOR_DATABASE_URL", store_url)
    monkeypatch.setenv("CTMONITOR_CONFIG", "/dev/null")
    watch(store)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
    ) as made:
        yield made


class Killer(threading.Thread):
    """Ends one worker in the middle of a shard, as a machine that is lost would."""

    def __init__(self, store: Store, cluster: Any) -> None:
        super().__init__()
        self.store = store
        self.pid = next(iter(cluster.workers.values())).pid
        self.is_done = False

    def run(self) -> None:
        """Try, for a while."""
        ends = time.monotonic() + PATIENCE
        while not self.is_done and time.monotonic() < ends:
            time.sleep(0.005)
            if self._is_reading():
                self._kill()

    def _kill(self) -> None:
        # Nobody else can write here, so a look that has not ended cannot end.
        with self.store.writing():
            if self._is_reading():
                os.kill(self.pid, signal.SIGKILL)
                self.is_done = True

    def _is_reading(self) -> bool:
        with self.store.reading() as tx:
            now = {each.owner.split(":")[1] for each in looks(tx) if each.state == "running"}
        return str(self.pid) in now


def looks(tx: Transaction) -> list[Sweep]:
    """Every look there was."""
    return recent_sweeps(tx, 100)


def said_by(store: Store) -> dict[str, Any]:
    """Contents, changes, alerts, spans and what is held."""
    return {name: value for name, value in everything(store).items() if name != "owed"}


def test_a_cluster_that_loses_a_worker_tells_what_one_look_tells(store, plain, cluster, tmp_path):
    """Its shard is read by another, and the next release brings the same changes and alerts."""
    from flows.bulk import bulk

    first = an_archive(tmp_path / "first.zip", FRIDAY, some(400))
    second = an_archive(
        tmp_path / "second.zip", MONDAY, [*some(5, **DONE), *some(394, first=6), one(401)]
    )
    killer = Killer(store, cluster)
    killer.start()
    for path, today in ((first, FRIDAY), (second, MONDAY)):
        address = cluster.scheduler_address
        told = bulk(str(path), 4, "dask", scheduler_address=address, today=today)
        killer.join()
        whole = look_at(plain, path, today=today, tuning=Tuning()).plain()
        for name in ("received", "new", "changed", "unchanged", "rejected", "changes", "alerts"):
            assert told["sums"][name] == whole[name]
        assert said_by(store) == said_by(plain)
    assert killer.is_done and told["sums"]["changed"] == 5 and told["sums"]["alerts"] == 5
    with store.reading() as tx:
        ends = Counter(each.state for each in looks(tx))
    assert ends == {"interrupted": 1, "finished": 10}


def test_a_cluster_is_started_where_none_is_named(store, store_url, tmp_path, monkeypatch):
    """It ends with the run."""
    from flows.bulk import bulk

    monkeypatch.setenv("CTMONITOR_DATABASE_URL", store_url)
    monkeypatch.setenv("CTMONITOR_CONFIG", "/dev/null")
    path = an_archive(tmp_path / "one.zip", FRIDAY, some(10))
    assert bulk(str(path), 2, "dask", workers=1, today=FRIDAY)["sums"]["new"] == 10
