"""A Prefect server and a worker, each a process as an operator starts it, that may be killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.soak.nursery import CHECKOUT

PATIENCE = 120.0
POOL = "soak"
PREFECT = (sys.executable, "-m", "prefect")


class PrefectHome(AbstractContextManager["PrefectHome"]):
    """A server with one pool, and a worker for it that is started anew when it was killed."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.api = f"http://127.0.0.1:{port}/api"
        self.log = (folder / "prefect.log").open("ab")
        self.environ = {
            **os.environ,
            **environ,
            "PYTHONPATH": str(CHECKOUT),
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_API_URL": self.api,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
        }
        self.server = self._start("server", "start", "--host", "127.0.0.1", "--port", str(port))
        self.worker: subprocess.Popen[bytes] | None = None
        _wait_for(self._is_up, "the Prefect server did not start")
        made = self._start("work-pool", "create", POOL, "--type", "process").wait(PATIENCE)
        assert made == 0, "no pool could be made"
        self.deployment = self._deployed("sweep", "flows/sweep.py:sweep")

    def __exit__(self, *_: object) -> None:
        self.kill_worker(with_runs=True)
        self.server.terminate()
        self.server.wait(PATIENCE)
        self.log.close()

    def start_worker(self) -> None:
        """Start the worker, unless it runs."""
        if self.worker is None:
            self.worker = self._start("worker", "start", "--pool", POOL, "--name", "w")

    def kill_worker(self, *, with_runs: bool) -> None:
        """Kill it with -9, alone or with all that it began."""
        if self.worker is None:
            return
        doomed = [*(_begun_by(self.worker.pid) if with_runs else ()), self.worker.pid]
        for pid in doomed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.worker.wait(PATIENCE)
        self.worker = None

    def run(self, **parameters: Any) -> str:
        """Ask for a sweep; gives the run's id."""
        path = f"/deployments/{self.deployment}/create_flow_run"
        return str(self._ask(path, {"parameters": parameters})["id"])

    def state(self, run: str) -> Mapping[str, Any]:
        """The type, the name and the message of a run's state."""
        found = self._ask(f"/flow_runs/{run}")["state"]
        return found if isinstance(found, dict) else {"type": "NONE", "name": "", "message": ""}

    def wait_for(self, run: str, *types: str) -> Mapping[str, Any]:
        """The state of a run, once it is of one of these types."""
        _wait_for(lambda: self.state(run)["type"] in types, f"a run did not become {types}")
        return self.state(run)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            (*PREFECT, *words), env=self.environ, cwd=CHECKOUT, stdout=self.log, stderr=self.log
        )

    def _is_up(self) -> bool:
        try:
            return bool(self._ask("/health"))
        except (URLError, OSError):
            return False

    def _deployed(self, name: str, entrypoint: str) -> str:
        flow = self._ask("/flows/", {"name": name})["id"]
        step = "prefect.deployments.steps.set_working_directory"
        made = {
            "name": POOL,
            "flow_id": flow,
            "entrypoint": entrypoint,
            "work_pool_name": POOL,
            "pull_steps": [{step: {"directory": str(CHECKOUT)}}],
            "parameter_openapi_schema": {"type": "object", "properties": {}},
        }
        return str(self._ask("/deployments/", made)["id"])

    def _ask(self, path: str, said: Mapping[str, Any] | None = None) -> Any:
        data = None if said is None else json.dumps(said).encode()
        request = Request(self.api + path, data, {"Content-Type": "application/json"})
        limit = time.monotonic() + PATIENCE
        while True:
            try:
                with urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except HTTPError as problem:
                # A server with much to do says that its database is busy.
                if problem.code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > limit:
                    raise
                time.sleep(0.5)


def _wait_for(is_so: Callable[[], bool], trouble: str) -> None:
    limit = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < limit, trouble
        time.sleep(0.1)


def _begun_by(pid: int) -> list[int]:
    """Every process below one, the deepest first."""
    children = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += [int(one) for one in (task / "children").read_text().split()]
    return [one for child in children for one in (*_begun_by(child), child)]
