"""The main job from the command line, as a user runs it: installed command, real mail server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.builders import a_page, a_study
from tests.journeys.prefect_life import Mailbox, free_port, mail_server, until

Run = Callable[..., Any]
ONE, TWO, THREE = "NCT00000001", "NCT00000002", "NCT00000003"
COMMAND = [sys.executable, "-m", "ctmonitor"]


@pytest.fixture
def box() -> Mailbox:
    """Where mails arrive."""
    return Mailbox()


@pytest.fixture
def run(tmp_path: Path, box: Mailbox) -> Any:
    """Runs one command in a process of its own; gives its JSON, or its text."""
    with mail_server(box) as smtp_url:
        environ = {
            **{name: value for name, value in os.environ.items() if "CTMONITOR" not in name},
            "CTMONITOR_DATABASE_URL": f"sqlite:///{tmp_path}/kept/store.db",
            "CTMONITOR_SMTP_URL": smtp_url,
            "CTMONITOR_MAIL_FROM": "monitor@hospital.example",
            "CTMONITOR_ZONE": "Europe/Berlin",
        }

        def command(*words: str, code: int = 0, **settings: str) -> Any:
            ended = subprocess.run(
                [*COMMAND, *words],
                env={**environ, **settings},
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert ended.returncode == code, ended.stderr
            return orjson.loads(ended.stdout) if "--json" in words else ended.stdout

        yield command


def release(path: Path, *studies: dict[str, Any]) -> None:
    """Write the studies of one release, a line each."""
    path.write_bytes(b"\n".join(orjson.dumps(study) for study in studies))


def text_of(mail: EmailMessage) -> str:
    """What a mail says in plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_from_a_watch_list_to_a_proof(run: Run, box: Mailbox, tmp_path: Path) -> None:
    """Watch, subscribe, sweep two releases and a page: a mail comes, and questions answer."""
    run("watch", "add", "our trials", "--nct", ONE, TWO)
    run("subscribe", "add", "ada@hospital.example", "--watch", "our trials")
    running = {"overall_status": "RECRUITING", "status_verified_date": "2024-03"}
    first = {**running, "data_date": "2026-02-27", "last_update_posted_date": "2026-02-20"}
    release(tmp_path / "1.ndjson", *(a_study(nct_id=nct_id, **first) for nct_id in (ONE, THREE)))
    (tmp_path / "page.txt").write_text(a_page(nct_id=TWO, status_verified_date="2026-01"))
    report = run("sweep", "1.ndjson", "page.txt", "--today", "2026-02-27", "--json")
    assert (report["new"], report["complete"], box.mails) == (3, True, [])

    stopped = {"overall_status": "TERMINATED", "why_stopped": "Slow accrual"}
    second = {**stopped, "data_date": "2026-03-02", "last_update_posted_date": "2026-02-28"}
    release(tmp_path / "2.ndjson", *(a_study(nct_id=nct_id, **second) for nct_id in (ONE, THREE)))
    report = run("sweep", "2.ndjson", "--today", "2026-03-02", "--json")
    assert (report["changed"], report["alerts"]) == (2, 2)

    [mail] = box.mails
    assert ONE in mail["Subject"]
    assert "Slow accrual" in text_of(mail)
    assert THREE not in text_of(mail)

    [alert] = run("alerts", "--watch", "our trials", "--json")
    run("mark", str(alert["id"]), "assigned", "to", "Bo")
    assert run("alerts", "--nct", ONE, "--json")[0]["marks"][0]["note"] == "to Bo"
    was = run("show", ONE, "--as-of", "2026-03-01", "--json")
    assert was["protocolSection"]["statusModule"]["overallStatus"] == "RECRUITING"
    assert "RECRUITING -> TERMINATED" in run("history", ONE)

    head = re.search(r"Chain head: ([0-9a-f]{12})", text_of(mail))
    assert head is not None
    assert run("verify", head[1], "--json")["intact"] is True


def test_what_falls_due_is_foretold_then_told_once(run: Run, box: Mailbox, tmp_path: Path) -> None:
    """A forecast names the day; `due` tells it when it comes near, and never again."""
    run("watch", "add", "all", "--all")
    run("subscribe", "add", "ada@hospital.example", "--watch", "all", "--rule", "unknown-due")
    silent = {"overall_status": "RECRUITING", "status_verified_date": "2024-04"}
    release(tmp_path / "1.ndjson", a_study(**silent, data_date="2026-02-27"))
    run("sweep", "1.ndjson", "--today", "2026-02-27")
    foretold = run("forecast", "--today", "2026-02-27", "--rule", "unknown-due", "--json")
    assert [(one["nct_id"], one["due_on"]) for one in foretold] == [(ONE, "2026-04-30")]
    for today in ("2026-03-01", "2026-04-29", "2026-04-30", "2026-05-01"):
        run("due", "--today", today)
    [mail] = box.mails
    assert ONE in mail["Subject"]
    assert "2026-04-30" in text_of(mail)


def test_a_mail_server_that_was_down_gets_the_mail_later(
    run: Run, box: Mailbox, tmp_path: Path
) -> None:
    """A sweep succeeds without it, says so, and a later dispatch sends what is owed, once."""
    run("watch", "add", "all", "--all")
    run("subscribe", "add", "ada@hospital.example", "--watch", "all")
    release(tmp_path / "1.ndjson", a_study(overall_status="RECRUITING", data_date="2026-02-27"))
    run("sweep", "1.ndjson", "--today", "2026-02-27")
    release(tmp_path / "2.ndjson", a_study(overall_status="COMPLETED", data_date="2026-03-02"))
    down = {"CTMONITOR_SMTP_URL": f"smtp://127.0.0.1:{free_port()}"}
    assert run("sweep", "2.ndjson", "--today", "2026-03-02", "--json", **down)["alerts"] == 1
    assert box.mails == []
    until(lambda: run("dispatch", "--json")["sent"], "the next try")
    assert run("dispatch", "--json")["sent"] == 0
    assert len(box.mails) == 1
