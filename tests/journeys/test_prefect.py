"""The scheduled life: a server, a worker, the deployments, and a mail about what changed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctmonitor.cli import main
from tests.builders import a_payload
from tests.journeys.prefect_life import (
    Life,
    Mailbox,
    life,
    mail_server,
    process,
    until,
    worker,
)

BEFORE = a_payload(overall_status="RECRUITING", data_date="2026-02-27")
AFTER = a_payload(
    overall_status="SUSPENDED",
    why_stopped="The drug ran out",
    last_update_posted_date="2026-03-02",
    data_date="2026-03-02",
)


def subscribed(folder: Path) -> dict[str, str]:
    """The settings of a store in which somebody subscribed to everything."""
    environ = {
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
def begun(box: Mailbox, records: Path) -> Iterator[Life]:
    """A Prefect server and a mail server, with the settings of a subscribed store."""
    folder = records.parents[1]
    with mail_server(box) as url:
        environ = {**subscribed(folder), "CTMONITOR_SMTP_URL": url}
        with life(folder / "home", environ) as begun:
            yield begun


def test_a_deployed_sweep_mails_what_changed_between_two_runs(begun, box, records):
    """A worker sweeps a folder twice; the reader gets one mail, about the change, and no other.

    A sweep whose folder is gone is a failed run that says so.
    """
    begun.forget_deployments()
    with worker(begun):
        [schedule] = begun.deployments()["sweep"]["schedules"]
        assert schedule["schedule"]["timezone"] == "America/New_York"
        records.write_bytes(BEFORE)
        first = begun.run("sweep", today="2026-02-27")
        assert (first["name"], box.mails) == ("Completed", [])
        records.write_bytes(AFTER)
        second = begun.run("sweep", today="2026-03-02")
        failed = begun.run("sweep", sources=[str(records.parent / "gone")])
    assert second["name"] == "Completed" and "1 changed" in second["message"]
    [mail] = box.mails
    assert mail["To"] == "reader@hospital.example"
    assert "The drug ran out" in mail.get_body(("plain",)).get_content()
    assert failed["type"] == "FAILED" and "there is no such file or folder" in failed["message"]


def test_the_deployments_are_served_without_a_worker(begun, records):
    """One process runs the same deployments, on the same server."""
    begun.forget_deployments()
    records.write_bytes(a_payload(nct_id="NCT00000002"))
    serve = (sys.executable, "-m", "flows.serve")
    with process(begun, *serve):
        until(lambda: len(begun.deployments()) == 3, "the deployments to be served")
        begun.pause_schedules()
        ended = begun.run("sweep", today="2026-02-27")
    assert ended["name"] == "Completed" and "1 study read" in ended["message"]
