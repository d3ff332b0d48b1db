"""The flows, run on a Prefect server."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate

from ctmonitor.cli import main
from ctmonitor.errors import CommandWrong
from ctmonitor.jobs.demo import demonstrate, prepare, tell
from flows.demo import run
from flows.dispatch import dispatch
from flows.due import due
from flows.serve import CHECKOUT, check_free, deployments
from flows.sweep import sweep
from tests.builders import a_payload
from tests.delivery.fault_server import faulty

pytestmark = pytest.mark.usefixtures("prefect_server")

OPEN = a_payload(
    overall_status="RECRUITING", status_verified_date="2024-03", data_date="2026-02-27"
)
STOPPED = a_payload(overall_status="WITHDRAWN", why_stopped="No money", data_date="2026-03-02")
LATE = a_payload(nct_id="NCT00000002", overall_status="RECRUITING", status_verified_date="2024-03")


@dataclass(frozen=True, slots=True)
class Desk:
    """A store with a subscriber to everything, and a folder of records."""

    environ: dict[str, str]
    records: Path

    def ask(self, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
        """What a question to the command line gives, as JSON."""
        capsys.readouterr()
        assert main([*words, "--json"], self.environ) == 0
        return json.loads(capsys.readouterr().out)

    def hold(self, *payloads: bytes) -> str:
        """Let the folder hold these records; gives its path."""
        self.records.mkdir(exist_ok=True)
        (self.records / "records.ndjson").write_bytes(b"\n".join(payloads))
        return str(self.records)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Desk]:
    """Makes a desk of a name, whose subscriber has an address; flows work at the last made."""

    def made(name: str, address: str) -> Desk:
        url = f"sqlite:///{tmp_path / name}.db"
        environ = {"CTMONITOR_DATABASE_URL": url, "CTMONITOR_CONFIG": "/dev/null"}
        assert main(["watch", "add", "all", "--all"], environ) == 0
        assert main(["subscribe", "add", address, "--watch", "all"], environ) == 0
        for variable, value in environ.items():
            monkeypatch.setenv(variable, value)
        return Desk(environ, tmp_path / "records")

    return made


def test_flows_tell_what_the_command_line_tells(desk, tmp_path, capsys):
    """The same looks through Prefect and without it raise the same alerts and mails."""
    one = desk("without", f"file:{tmp_path / 'without'}")
    other = desk("with", f"file:{tmp_path / 'with'}")
    for payload, today in ((OPEN, "2026-02-27"), (STOPPED, "2026-03-02")):
        folder = one.hold(payload, LATE)
        assert main(["sweep", folder, "--today", today], one.environ) == 0
        assert sweep([folder], today=today)["alerts"] == (today == "2026-03-02")
    assert main(["due", "--today", "2026-03-02"], one.environ) == 0
    assert due("2026-03-02")["alerts"] > 0
    names = ("rule", "nct_id", "headline", "severity")
    told = [[row[name] for name in names] for row in one.ask(capsys, "alerts")]
    assert told == [[row[name] for name in names] for row in other.ask(capsys, "alerts")]
    mails = [len(list((tmp_path / name).glob("*.eml"))) for name in ("without", "with")]
    assert mails == [2, 2]


def test_a_part_is_not_taken_for_the_whole(desk, tmp_path):
    """A look that missed a file ends as Partial, and its page says which."""
    records = desk("store", f"file:{tmp_path / 'mails'}").hold(OPEN)
    state = sweep([records, str(tmp_path / "gone.zip")], return_state=True)
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(state.state_details.flow_run_id)
        pages = {one.key: one.data for one in client.read_artifacts() if one.flow_run_id == run.id}
    assert run.state.is_completed() and run.state.name == "Partial"
    assert "gone.zip: there is no such file" in run.state.message
    assert "**Partial:**" in pages["sweep"] and "| received | 1 |" in pages["sweep"]


def test_a_message_given_up_fails_the_run(desk, monkeypatch):
    """A mail that can never arrive shows as a failed run, and the sweep's work is kept."""
    at_work = desk("store", "gone@hospital.example")
    with faulty(DATA="554 not such a mail") as server:
        monkeypatch.setenv("CTMONITOR_SMTP_URL", f"smtp://127.0.0.1:{server.port}")
        sweep([at_work.hold(OPEN)], today="2026-02-27")
        state = sweep([at_work.hold(STOPPED)], today="2026-03-02", return_state=True)
    assert state.is_failed() and "1 given up" in state.message
    assert "gone@hospital.example" in state.message
    assert dispatch()["sent"] == 0


def test_the_demo_tells_one_story(tmp_path, monkeypatch):
    """The demo's flows find what its jobs find without Prefect."""
    plain = list(demonstrate(tmp_path / "demo"))
    stage = prepare(tmp_path / "demo")
    monkeypatch.setenv("CTMONITOR_DATABASE_URL", stage.database_url)
    run(stage)
    told = list(tell(stage))
    alerts = slice(told.index("Alerts:"), told.index("What is about to happen:"))
    assert told[alerts] == plain[alerts] and alerts.stop - alerts.start > 5


def test_what_a_worker_has_is_not_served():
    """Two that run the same deployments would take each other's runs."""
    served = deployments(CHECKOUT / "prefect.yaml", {})
    check_free(served)
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow(sweep)
        client.create_work_pool(WorkPoolCreate(name="mine", type="process"))
        client.create_deployment(flow_id, "watched", work_pool_name="mine")
    with pytest.raises(CommandWrong, match="watched is there already for the workers of pool mine"):
        check_free(served)
