"""What ails the scheduled life itself reaches the operator, by Prefect's automations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from tests.journeys.prefect_life import CHECKOUT, Life, Mailbox, life, mail_server, until, worker

OPERATOR = "ops@hospital.example"


@pytest.fixture(scope="module")
def box() -> Mailbox:
    """The mails that arrived."""
    return Mailbox()


@pytest.fixture(scope="module")
def begun(box: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """A server and a worker for an empty store whose records are gone, with an operator."""
    folder = tmp_path_factory.mktemp("operated")
    with mail_server(box) as url:
        environ = {
            "CTMONITOR_DATABASE_URL": f"sqlite:///{folder / 'store.db'}",
            "CTMONITOR_SOURCE": str(folder / "records"),
            "CTMONITOR_SMTP_URL": url,
            "CTMONITOR_OPERATOR": OPERATOR,
        }
        with life(folder / "home", environ) as begun, worker(begun):
            yield begun


def told(box: Mailbox, words: str) -> list[str]:
    """The texts of the mails to the operator that say these words."""
    texts = [
        mail.get_body(("plain",)).get_content() for mail in box.mails if mail["To"] == OPERATOR
    ]
    return [text for text in texts if words in " ".join(text.split())]


def test_a_failed_run_reaches_the_operator(begun, box):
    """Once, with the run, the state it ended in, and why; the run that tells it tells nothing."""
    failed = begun.run("files")
    assert failed["type"] == "FAILED"
    [text] = until(lambda: told(box, "The run sweep/"), "the operator to be told")
    said = " ".join(text.split())
    assert "ended as Failed" in said and "there is no such file or folder" in said


def test_a_watch_that_fell_silent_reaches_the_operator(begun, box):
    """The daily look at the watch fails by a name of its own, and that is told as well."""
    assert begun.run("status")["name"] == "NotWell"
    [text] = until(lambda: told(box, "ended as NotWell"), "the operator to be told")
    assert "nothing is watched, and nothing was swept yet" in " ".join(text.split())


def test_no_sweep_for_too_long_reaches_the_operator(begun, box, tmp_path):
    """The dead man's switch, here set to seconds, goes off when no sweep completes."""
    listed = yaml.safe_load((CHECKOUT / "prefect.yaml").read_text(encoding="utf-8"))
    [operator] = [one for one in listed["deployments"] if one["name"] == "operator"]
    [switch] = [one for one in operator["triggers"] if one["posture"] == "Proactive"]
    switch["within"] = 10
    hasty = tmp_path / "prefect.yaml"
    hasty.write_text(yaml.safe_dump({**listed, "deployments": [operator]}), encoding="utf-8")
    begun.prefect("--no-prompt", "deploy", "--all", "--prefect-file", str(hasty))
    assert until(lambda: told(box, switch["parameters"]["headline"]), "the switch to go off")


def test_a_proof_runs_on_schedule(begun):
    """The store is proved, and what was proved is said."""
    state = begun.run("verify")
    assert state["name"] == "Completed" and state["message"].startswith("Intact: ")
