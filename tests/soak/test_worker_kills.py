"""A real Prefect worker, killed in the middle of its runs, loses nothing.

`WORKER_KILLS=100 make soak` kills it more often.
"""

from __future__ import annotations

import os
import time

import pytest

from tests.soak.canaries import CANARIES, heard
from tests.soak.life import RELEASE, Life, beginning
from tests.soak.prefect_home import PrefectHome
from tests.soak.releases import Release

pytestmark = pytest.mark.soak
KILLS = int(os.environ.get("WORKER_KILLS", "20"))
OVER = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def _take(life: Life, prefect: PrefectHome, release: Release, *, is_killed: bool) -> None:
    """Sweep a release by a run, killed or not; then by runs until one ends well."""
    release.write(life.folder / RELEASE)
    life.changes += release.changes
    life.facts |= release.facts
    life.figures.releases += 1
    wanted = {"sources": [str(life.folder / RELEASE)], "today": str(release.day)}
    if is_killed:
        prefect.start_worker()
        under_way = life.inbox.opened - life.inbox.closed
        prefect.wait_for(prefect.run(**wanted), "RUNNING", *OVER)
        time.sleep(life.rng.uniform(0, life.usual))
        is_in_a_mail = life.inbox.opened - life.inbox.closed > under_way
        # Every other time the machine goes down; else only the worker does, and its run goes on.
        prefect.kill_worker(with_runs=life.figures.kills % 4 != 3)
        life.figures.kills += 1
        life.figures.in_a_mail += is_in_a_mail
    while True:
        prefect.start_worker()
        run = prefect.run(**wanted)
        prefect.wait_for(run, "RUNNING", *OVER)
        begun = time.monotonic()
        state = prefect.wait_for(run, *OVER)
        # The look of a run whose worker alone was killed may still be under way.
        if state["name"] != "AlreadyRunning":
            break
    assert state["type"] == "COMPLETED", state
    life.usual = time.monotonic() - begun


def test_a_killed_worker_loses_nothing(tmp_path, capsys):
    """No change and no alert is lost, and Prefect's records hold none of the secrets."""
    started = time.monotonic()
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with beginning(tmp_path, url, 400, 0) as life:
        life.inbox.longest_wait = 0.2
        secrets = {
            "CTMONITOR_SMTP_PASSWORD": CANARIES["smtp-password"],
            "CTMONITOR_WEB_SECRET": CANARIES["web-secret"],
            "CTMONITOR_PING_URL": f"http://127.0.0.1:1/{CANARIES['ping-url']}",
            "CTMONITOR_OPERATOR": f"{CANARIES['operator']}@example.org",
        }
        with PrefectHome(tmp_path, {**life.nursery.environ, **secrets}) as prefect:
            _take(life, prefect, life.registry.next_release(), is_killed=False)
            while life.figures.kills < KILLS:
                _take(life, prefect, life.registry.next_release(), is_killed=True)
                if life.figures.releases % 3 == 0:
                    life.let_hours_pass()
            _take(life, prefect, life.registry.next_release(), is_killed=False)
        life.compare()
    figures = life.figures
    figures.repeats = len(life.inbox.mails) - len({mail.key for mail in life.inbox.mails})
    figures.seconds = time.monotonic() - started
    with capsys.disabled():
        print(f"\nPrefect's worker: {figures}")
    assert {name: rows for name, rows in figures.faults.items() if rows} == {}
    assert figures.repeats <= KILLS
    assert figures.kills == KILLS and figures.in_sweep + figures.in_a_mail
    kept = [path for path in (tmp_path / "prefect").rglob("*") if path.is_file()]
    kept.append(tmp_path / "prefect.log")
    assert {str(path): heard(path.read_bytes()) for path in kept if heard(path.read_bytes())} == {}
