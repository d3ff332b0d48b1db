"""The scheduled life: a server, a worker, the deployments, and a mail about what changed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctmonitor.cli import main
from tests.builders import a_payload, a_study
from tests.journeys.prefect_life import (
    Life,
    Mailbox,
    life,
    mail_server,
    process,
    until,
    worker,
)
from tests.registry import Registry, Served, a_release, serving

FIRST, SECOND = "2026-02-27", "2026-03-02"
OPEN = [a_study(nct_id=f"NCT0000010{n}", overall_status="RECRUITING") for n in range(5)]
STOPPED = a_study(
    nct_id="NCT00000100",
    overall_status="SUSPENDED",
    why_stopped="The drug ran out",
    last_update_posted_date=SECOND,
)


def subscribed(folder: Path) -> dict[str, str]:
    """The settings of a store in which somebody subscribed to everything."""
    environ = {
        "CTMONITOR_CTGOV_RATE": "10000",
        "CTMONITOR_DATABASE_URL": f"sqlite:///{folder / 'store.db'}",
        "CTMONITOR_SOURCE": str(folder / "records"),
    }
    assert main(["watch", "add", "all", "--all"], environ) == 0
    assert main(["subscribe", "add", "reader@hospital.example", "--watch", "all"], environ) == 0
    return environ


@pytest.fixture(scope="module")
def box() -> Mailbox:
    """The mails that arrived."""
    return Mailbox()


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of one record, not there yet, in the folder that the deployments sweep."""
    folder = tmp_path_factory.mktemp("scheduled") / "records"
    folder.mkdir()
    return folder / "NCT00000001.json"


@pytest.fixture(scope="module")
def registry() -> Iterator[Served]:
    """A registry whose second release shows that one of its studies was suspended."""
    releases = a_release(FIRST, OPEN), a_release(SECOND, [STOPPED, *OPEN[1:]])
    with serving(Registry(*releases)) as served:
        yield served


@pytest.fixture(scope="module")
def begun(box: Mailbox, records: Path, registry: Served) -> Iterator[Life]:
    """A Prefect server and a mail server, with the settings of a subscribed store."""
    folder = records.parents[1]
    with mail_server(box) as url:
        ways = {"CTMONITOR_SMTP_URL": url, "CTMONITOR_CTGOV_URL": registry.url}
        environ = {**subscribed(folder), **ways}
        with life(folder / "home", environ) as begun:
            yield begun


def test_a_worker_tells_what_the_registry_changed_between_two_runs(begun, box, records, registry):
    """A worker looks twice at the registry; the reader gets one mail, about the change.

    Each run leaves its progress and its certificate. Files are swept beside it, and a sweep whose
    folder is gone is a failed run that says so.
    """
    begun.forget_deployments()
    with worker(begun):
        [schedule] = begun.deployments()["watched"]["schedules"]
        assert schedule["schedule"]["timezone"] == "America/New_York"
        first = begun.run("watched", today=FIRST)
        assert (first["name"], box.mails) == ("Completed", [])
        registry.registry.advance()
        second = begun.run("watched", today=SECOND)
        records.write_bytes(a_payload(nct_id="NCT00000001"))
        files = begun.run("files", today=SECOND)
        failed = begun.run("files", sources=[str(records.parent / "gone")])
    assert second["name"] == "Completed" and "1 changed" in second["message"]
    [mail] = box.mails
    assert mail["To"] == "reader@hospital.example"
    assert "The drug ran out" in mail.get_body(("plain",)).get_content()
    assert [one["data"] for one in begun.artifacts("sweep-progress")] == [100, 100]
    assert f"| release after | `{SECOND}T09:00:05` |" in begun.artifacts("sweep")[1]["data"]
    assert files["name"] == "Completed" and "1 study read, 1 new" in files["message"]
    assert failed["type"] == "FAILED" and "there is no such file or folder" in failed["message"]


def test_the_deployments_are_served_without_a_worker(begun, records):
    """One process runs the same deployments, on the same server."""
    begun.forget_deployments()
    records.write_bytes(a_payload(nct_id="NCT00000002"))
    serve = (sys.executable, "-m", "flows.serve")
    with process(begun, *serve):
        until(lambda: len(begun.deployments()) == 8, "the deployments to be served")
        begun.pause_schedules()
        ended = begun.run("files", today=FIRST)
    assert ended["name"] == "Completed" and "1 study read" in ended["message"]
