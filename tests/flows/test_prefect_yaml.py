"""The files for Prefect say what they seem to say: Prefect ignores what it does not know."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
FILES = {
    name: yaml.safe_load((CHECKOUT / name).read_text(encoding="utf-8"))
    for name in ("prefect.yaml", "prefect-files.yaml")
}
DEPLOYMENTS = {one["name"]: one for file in FILES.values() for one in file["deployments"]}

TOP = {"name", "build", "push", "pull", "definitions", "deployments"}
DEPLOYMENT = {
    "name",
    "entrypoint",
    "description",
    "version",
    "tags",
    "parameters",
    "enforce_parameter_schema",
    "concurrency_limit",
    "schedules",
    "work_pool",
}
TRIGGERED = {"operator"}
"""What Prefect's automations begin; they are made of its triggers."""
TRIGGER = {
    *("name", "description", "type", "enabled", "posture", "match", "match_related", "expect"),
    *("threshold", "within", "parameters"),
}
SCHEDULE = {"slug", "cron", "timezone"}
POOL = {"name", "work_queue_name"}
LIMIT = {"limit", "collision_strategy"}


@pytest.fixture(params=FILES)
def file(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each file in turn."""
    return FILES[request.param]


@pytest.fixture(params=DEPLOYMENTS)
def deployment(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each deployment in turn."""
    return DEPLOYMENTS[request.param]


def parameters_of(entrypoint: str) -> set[str]:
    """The parameters of the function that an entrypoint names; it must be a flow."""
    path, name = entrypoint.split(":")
    tree = ast.parse((CHECKOUT / path).read_text(encoding="utf-8"))
    [found] = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == name]
    assert any("flow(" in ast.unparse(mark) for mark in found.decorator_list)
    return {argument.arg for argument in (*found.args.args, *found.args.kwonlyargs)}


def texts(value: Any) -> Iterator[str]:
    """Every text within a value."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


def test_every_key_is_one_that_prefect_reads(deployment):
    """A misspelt key would be deployed with success and do nothing."""
    assert all(set(file) == TOP for file in FILES.values())
    more = {"triggers"} if deployment["name"] in TRIGGERED else set()
    assert set(deployment) == DEPLOYMENT | more
    assert all(set(trigger) == TRIGGER for trigger in deployment.get("triggers", []))
    assert set(deployment["work_pool"]) == POOL
    assert set(deployment["concurrency_limit"]) == LIMIT
    assert all(set(schedule) == SCHEDULE for schedule in deployment["schedules"])


def test_every_entrypoint_is_a_flow_that_takes_these_parameters(deployment):
    """The file names no function and no parameter that is not there."""
    assert set(deployment["parameters"]) == parameters_of(deployment["entrypoint"])


def test_every_schedule_has_its_own_slug_and_a_time_zone(deployment):
    """Schedules are kept by slug; a nameless one runs twice after it was changed."""
    slugs = [schedule["slug"] for schedule in deployment["schedules"]]
    assert len(set(slugs)) == len(slugs)
    assert all(ZoneInfo(schedule["timezone"]) for schedule in deployment["schedules"])


def test_only_the_bulk_download_waits_for_somebody_to_want_it():
    """Everything else that is deployed runs by itself, or is begun by what others came to."""
    unscheduled = {name for name, one in DEPLOYMENTS.items() if not one["schedules"]}
    assert unscheduled == {"bulk"} | TRIGGERED


def test_no_failure_to_tell_is_told_by_itself():
    """Every run but that which tells bears the tag by which failures are found; so no circle."""
    [failed, silent] = DEPLOYMENTS["operator"]["triggers"]
    wanted = failed["match_related"]["prefect.resource.id"].removeprefix("prefect.tag.")
    told = {name for name, one in DEPLOYMENTS.items() if wanted in one["tags"]}
    assert told == DEPLOYMENTS.keys() - TRIGGERED
    assert silent["match_related"]["prefect.resource.id"] == "prefect.tag.sweep"
    assert {name for name, one in DEPLOYMENTS.items() if "sweep" in one["tags"]} == {
        "watched",
        "files",
    }


def test_the_switch_outlasts_a_weekend():
    """It goes off later than the longest time between two runs of the schedule of sweeps."""
    [schedule] = DEPLOYMENTS["watched"]["schedules"]
    assert schedule["cron"] == "15 9 * * 1-5"
    [_, silent] = DEPLOYMENTS["operator"]["triggers"]
    assert 72 * 3_600 < silent["within"] <= 80 * 3_600
    assert f"{silent['within'] // 3_600} hours" in silent["parameters"]["headline"]


def test_what_is_owed_is_late_by_no_more_than_status_allows():
    """A message due just after a dispatch leaves by the next, long before it counts as overdue."""
    [schedule] = DEPLOYMENTS["dispatch"]["schedules"]
    assert schedule["cron"] == "*/5 * * * *"


def test_two_sweeps_of_one_deployment_never_overlap():
    """A sweep that finds another one running is skipped; a message waits for its turn."""
    limits = {name: one["concurrency_limit"] for name, one in DEPLOYMENTS.items()}
    assert limits == {
        "watched": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
        "files": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
        "due": {"limit": 1, "collision_strategy": "ENQUEUE"},
        "dispatch": {"limit": 1, "collision_strategy": "ENQUEUE"},
        "bulk": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
        "verify": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
        "status": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
        "operator": {"limit": 1, "collision_strategy": "ENQUEUE"},
    }


def test_every_variable_is_demanded_and_documented(file):
    """An unset variable would be deployed as its own name, so the build refuses it first."""
    build = " ".join(texts(file["build"]))
    page = (CHECKOUT / "docs" / "prefect.md").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\$\{?(\w+)", " ".join(texts(file))))
    assert all(f"${{{name}:?" in build and name in page for name in wanted)


def test_only_sweeps_of_files_need_a_variable():
    """Whoever wants to watch the registry deploys without preparing anything."""
    wanted = {
        name: set(re.findall(r"\$\{?(\w+)", " ".join(texts(file)))) for name, file in FILES.items()
    }
    assert wanted == {"prefect.yaml": set(), "prefect-files.yaml": {"CTMONITOR_SOURCE"}}


def test_every_output_is_made_by_a_step_of_the_build(file):
    """What is filled in from a step has a step that gives it."""
    ids = {step.get("id") for one in file["build"] for step in one.values()}
    used = re.findall(r"\{\{ (\w+)\.stdout \}\}", " ".join(texts(file)))
    assert used and set(used) <= ids


def test_a_step_is_the_same_in_both_files():
    """What is mended in one is mended in the other."""
    one, other = FILES.values()
    assert one["pull"] == other["pull"]
    assert [step for step in one["build"] if step not in other["build"]] == []
