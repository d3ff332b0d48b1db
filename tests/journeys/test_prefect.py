"""The scheduled life: a server, a worker, the deployments, and a mail about what changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctmonitor.cli import main
from tests.builders import a_payload
from tests.journeys.prefect_life import Mailbox, life, mail_server

pytestmark = pytest.mark.xdist_group("prefect")

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


def test_a_deployed_sweep_mails_what_changed_between_two_runs(tmp_path):
    """A worker sweeps a folder twice; the reader gets one mail, about the change, and no other.

    A sweep whose folder is gone is a failed run that says so.
    """
    records = tmp_path / "records" / "NCT00000001.json"
    records.parent.mkdir()
    box = Mailbox()
    with (
        mail_server(box) as url,
        life(tmp_path / "home", {**subscribed(tmp_path), "CTMONITOR_SMTP_URL": url}) as begun,
    ):
        # Nothing of this test may wait for, or meet, a run of the schedule.
        for name in ("sweep", "due", "dispatch"):
            found = begun.ask("GET", f"deployments/name/{name}/{name}")
            assert [one["slug"] for one in found["schedules"]]
            begun.ask("POST", f"deployments/{found['id']}/pause_deployment")
        records.write_bytes(BEFORE)
        first = begun.run("sweep/sweep", today="2026-02-27")
        assert (first["name"], box.mails) == ("Completed", [])
        records.write_bytes(AFTER)
        second = begun.run("sweep/sweep", today="2026-03-02")
        failed = begun.run("sweep/sweep", sources=[str(tmp_path / "gone")])
    assert second["name"] == "Completed" and "1 changed" in second["message"]
    [mail] = box.mails
    assert mail["To"] == "reader@hospital.example"
    assert "The drug ran out" in mail.get_body(("plain",)).get_content()
    assert failed["type"] == "FAILED" and "there is no such file or folder" in failed["message"]
