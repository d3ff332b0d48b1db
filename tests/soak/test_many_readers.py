"""Very many readers are told in time, and a mail server that is slow holds up no sweep."""

from __future__ import annotations

import statistics
import time
from contextlib import contextmanager

import orjson
import pytest

from tests.builders import a_study
from tests.soak.post_office import begun, post_office

pytestmark = pytest.mark.soak
READERS = 5_000
ROWS = 25
"""Studies that each digest tells of."""
LONGEST = 90.0
SWEPT = 400
"""Studies in each sweep that runs beside a slow server."""
SLOW = 1.0
"""Seconds that the slow server takes for each mail."""


def _release(folder, studies: int, day: str, **fields) -> str:
    """A file of made studies as of a day; its name."""
    rows = (
        a_study(
            nct_id=f"NCT{10_000_000 + number}",
            brief_title=f"A made study, the {number}th of its kind",
            data_date=day,
            **fields,
        )
        for number in range(studies)
    )
    name = f"release-{day}.ndjson"
    (folder / name).write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return name


@contextmanager
def _monitor(folder, url, *, readers: int, studies: int, seconds: float = 0.0):
    """A monitor with so many readers and studies, and its mail server; gives how to run it."""
    people = (
        f'[[subscribers]]\naddress = "reader{number}@example.org"\nwatch = ["everything"]\n'
        for number in range(readers)
    )
    (folder / "ctmonitor.toml").write_text("".join(people), encoding="utf-8")
    with post_office(folder, seconds=seconds) as office:
        environ = {"CTMONITOR_DATABASE_URL": url, "CTMONITOR_SMTP_URL": office.url}

        def run(*words: str) -> float:
            started = time.monotonic()
            code = begun(folder, environ, *words).wait(600)
            assert code == 0, (folder / "begun").read_text()
            return time.monotonic() - started

        run("watch", "add", "everything", "--all")
        run("subscribe", "apply")
        first = _release(folder, studies, "2026-03-02", overall_status="RECRUITING")
        run("sweep", first, "--today", "2026-03-02", "--no-dispatch")
        yield office, run, environ


def _stop(folder, run, studies: int) -> float:
    """Sweep a release in which every study stopped; gives the seconds."""
    fields = {"overall_status": "SUSPENDED", "why_stopped": "the drug did not come"}
    name = _release(folder, studies, "2026-03-03", **fields)
    return run("sweep", name, "--today", "2026-03-03", "--no-dispatch")


def test_five_thousand_digests_leave_in_ninety_seconds(kind, store_url, tmp_path, capsys):
    """Each reader gets one digest of 25 studies, and the outbox says so when the time is over."""
    with _monitor(tmp_path, store_url, readers=READERS, studies=ROWS) as (office, run, _):
        swept = _stop(tmp_path, run, ROWS)
        seconds = run("dispatch")
        mails = office.mails()
    with capsys.disabled():
        print(
            f"\n{kind}: {len(mails):,} digests of {ROWS} studies in {seconds:.1f} s, "
            f"{len(mails) / seconds:.0f} a second; {swept:.1f} s to sweep and owe them"
        )
    assert len(mails) == len({mail.address for mail in mails}) == READERS
    assert len({mail.key for mail in mails}) == READERS
    assert {mail.content.count(b"NCT10000024") > 0 for mail in mails} == {True}
    assert seconds <= LONGEST


def test_a_slow_mail_server_holds_up_no_sweep(kind, store_url, tmp_path, capsys):
    """While a dispatch waits a second for each mail, a sweep takes as long as without it."""
    alone, beside = [], []
    with _monitor(tmp_path, store_url, readers=60, studies=SWEPT, seconds=SLOW) as monitor:
        office, run, environ = monitor
        _stop(tmp_path, run, SWEPT)
        for number in range(3):
            alone.append(_retitled(tmp_path, run, 2 * number))
        sender = begun(tmp_path, environ, "dispatch")
        while not office.count():
            time.sleep(0.05)
        for number in range(3):
            beside.append(_retitled(tmp_path, run, 2 * number + 1))
        was_sending, sent = sender.poll() is None, office.count()
        sender.kill()
        sender.wait()
    usual, slowed = statistics.median(alone), statistics.median(beside)
    with capsys.disabled():
        print(
            f"\n{kind}: a sweep of {SWEPT} studies takes {usual:.2f} s alone and {slowed:.2f} s "
            f"beside a dispatch to a server that takes {SLOW} s for each of its {sent} mails"
        )
    assert was_sending and sent
    assert slowed <= 1.5 * usual + 0.5
    # All that the sweeps waited for mails is less than the time of one.
    assert slowed - usual < SLOW


def _retitled(folder, run, number: int) -> float:
    day = f"2026-04-{number + 1:02d}"
    fields = {"overall_status": "SUSPENDED", "official_title": f"As on {day}"}
    name = _release(folder, SWEPT, day, **fields)
    return run("sweep", name, "--today", day, "--no-dispatch")
