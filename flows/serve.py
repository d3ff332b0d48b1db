"""`python -m flows.serve`: one process that runs the deployments of prefect.yaml on schedule.

Where CTMONITOR_SOURCE is set, it also runs those of prefect-files.yaml.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from prefect import Flow, serve
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.schedules import Schedule
from prefect.settings import get_current_settings

from ctmonitor import __version__
from ctmonitor.errors import CommandWrong, CtmonitorError, SettingWrong

CHECKOUT = Path(__file__).resolve().parent.parent
_VARIABLE = re.compile(r"\{\{ \$(\w+) \}\}")
_START = "start one with `prefect server start` and name it, as http://127.0.0.1:4200/api"


def main() -> int:
    """Serve until interrupted; gives the exit code."""
    try:
        served = [made for path in listing(os.environ) for made in deployments(path, os.environ)]
        check_server()
        check_free(served)
    except CtmonitorError as problem:
        sys.stderr.write(f"flows.serve: {problem}\n")
        return problem.exit_code
    # Prefect finds the flows by their place below the working folder.
    os.chdir(CHECKOUT)
    serve(*served, pause_on_shutdown=False)
    return 0


def listing(environ: Mapping[str, str]) -> list[Path]:
    """The files that list what is to run: sweeps of files only where some are named."""
    names = ["prefect.yaml", *(["prefect-files.yaml"] if environ.get("CTMONITOR_SOURCE") else [])]
    return [CHECKOUT / name for name in names]


def deployments(path: Path, environ: Mapping[str, str]) -> list[RunnerDeployment]:
    """The deployments that a file lists; SettingWrong for a variable it needs."""
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))["deployments"]
    return [_deployment(one, environ) for one in listed]


def check_server() -> None:
    """Refuse to go on without a server: one of our own would forget the runs when we end."""
    url = get_current_settings().api.url
    if not url:
        raise SettingWrong("PREFECT_API_URL", "no Prefect server is named", _START)
    with get_client(sync_client=True) as client:
        problem = client.api_healthcheck()
    if problem is not None:
        raise SettingWrong("PREFECT_API_URL", f"no Prefect server answers at {url}", _START)


def check_free(served: Sequence[RunnerDeployment]) -> None:
    """Refuse what workers run already: both would take its runs, and ours would find no code."""
    with get_client(sync_client=True) as client:
        for one in client.read_deployments():
            if one.work_pool_name and one.name in {mine.name for mine in served}:
                raise CommandWrong(
                    f"deployment {one.name} is there already for the workers of pool "
                    f"{one.work_pool_name}; let them run it, or delete it first with "
                    f"`prefect deployment delete {one.name}/{one.name}`"
                )


def _deployment(listed: Mapping[str, Any], environ: Mapping[str, str]) -> RunnerDeployment:
    made = _flow(listed["entrypoint"]).to_deployment(
        listed["name"],
        description=listed["description"],
        version=__version__,
        tags=listed["tags"],
        parameters=_filled(listed.get("parameters", {}), environ),
        enforce_parameter_schema=listed["enforce_parameter_schema"],
        concurrency_limit=ConcurrencyLimitConfig(**listed["concurrency_limit"]),
        schedules=[Schedule(**one) for one in listed["schedules"]],
        triggers=[DeploymentEventTrigger(**one) for one in listed.get("triggers", [])],
    )
    assert isinstance(made, RunnerDeployment)
    return made


def _flow(entrypoint: str) -> Flow[..., Any]:
    path, name = entrypoint.split(":")
    found = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)
    assert isinstance(found, Flow)
    return found


def _filled(value: Any, environ: Mapping[str, str]) -> Any:
    """A value of the file with its `{{ $NAME }}` read from the environment."""
    if isinstance(value, dict):
        return {name: _filled(one, environ) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, environ) for one in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _value(found[1], environ), value)
    return value


def _value(name: str, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        raise SettingWrong(name, "it is not set", "prefect-files.yaml says what it is for")
    return environ[name]


if __name__ == "__main__":
    sys.exit(main())
