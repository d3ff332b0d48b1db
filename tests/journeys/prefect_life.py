"""A real Prefect server, worker and mail server, each in its own process or port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import requests
from aiosmtpd.controller import Controller
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

CHECKOUT = Path(__file__).parents[2]
PREFECT = (sys.executable, "-m", "prefect")
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
PATIENCE = 120.0


class Mailbox:
    """Keeps every mail that a mail server takes."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 kept"


@dataclass(frozen=True, slots=True)
class Life:
    """The scheduled life under way: its environment, and the address of its server."""

    environ: dict[str, str]
    api: str

    def prefect(self, *words: str) -> str:
        """Run one command of Prefect's; gives what it printed."""
        command = [*PREFECT, *words]
        ended = subprocess.run(
            command,
            check=False,
            env=self.environ,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def ask(self, verb: str, path: str, **more: Any) -> Any:
        """One request to the server; gives the JSON it answers with, if any."""
        with requests.Session() as session:
            # A busy server says 503; Prefect's own client asks again too.
            again = Retry(total=8, backoff_factor=0.5, status_forcelist=[503], allowed_methods=None)
            session.mount("http://", HTTPAdapter(max_retries=again))
            answer = session.request(verb, f"{self.api}/{path}", json=more, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def deployments(self) -> dict[str, dict[str, Any]]:
        """The deployments that the server knows, by name."""
        return {one["name"]: one for one in self.ask("POST", "deployments/filter")}

    def pause_schedules(self) -> None:
        """Let no run begin that a test did not ask for."""
        for one in self.deployments().values():
            self.ask("POST", f"deployments/{one['id']}/pause_deployment")

    def forget_deployments(self) -> None:
        """Let the server know no deployment."""
        for one in self.deployments().values():
            self.ask("DELETE", f"deployments/{one['id']}")

    def artifacts(self, key: str) -> list[dict[str, Any]]:
        """What the runs left under a key, the latest last."""
        found = self.ask("POST", "artifacts/filter", sort="ID_DESC")
        return sorted((one for one in found if one["key"] == key), key=lambda one: one["created"])

    def run(self, name: str, **parameters: Any) -> dict[str, Any]:
        """Have the worker run a deployment, and wait; gives the state it ended in."""
        deployment = self.deployments()[name]["id"]
        made = self.ask("POST", f"deployments/{deployment}/create_flow_run", parameters=parameters)

        def ended() -> dict[str, Any] | None:
            state = self.ask("GET", f"flow_runs/{made['id']}")["state"]
            return state if state["type"] in ENDED else None

        return until(ended, f"a run of {name} to end")


@contextmanager
def mail_server(box: Mailbox) -> Iterator[str]:
    """A mail server that gives everything to a mailbox; gives its URL."""
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


@contextmanager
def life(home: Path, environ: dict[str, str]) -> Iterator[Life]:
    """A Prefect server with nothing in it, until the end."""
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    begun = Life(
        {
            **kept,
            **environ,
            "DO_NOT_TRACK": "1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PREFECT_API_URL": api,
            "PREFECT_HOME": str(home),
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
        },
        api,
    )
    with process(begun, *PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port)):
        until(lambda: is_well(f"{api}/health"), "the server to be ready")
        yield begun


@contextmanager
def worker(begun: Life) -> Iterator[None]:
    """The deployments of both files, and a worker for them, until the end."""
    begun.prefect("work-pool", "create", "ctmonitor", "--type", "process")
    with process(begun, *PREFECT, "worker", "start", "--pool", "ctmonitor"):
        begun.prefect("--no-prompt", "deploy", "--all")
        begun.prefect("--no-prompt", "deploy", "--all", "--prefect-file", "prefect-files.yaml")
        begun.pause_schedules()
        yield


@contextmanager
def process(begun: Life, *command: str) -> Iterator[None]:
    """One long-lived program, running; interrupted at the end, then killed with all it began."""
    running = subprocess.Popen(
        command,
        env=begun.environ,
        cwd=CHECKOUT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        running.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=15)
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def until(look: Callable[[], Any], what: str) -> Any:
    """What a look gives at last; AssertionError when it gives nothing for too long."""
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last:
        if found := look():
            return found
        time.sleep(0.25)
    raise AssertionError(f"waited {PATIENCE:.0f} s in vain for {what}")


def is_well(url: str) -> bool:
    """Whether a server answers there."""
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
