"""When the power is cut, no mail that left lacks what it tells of, and no file is torn.

`CUTS=200 make soak` cuts it more often.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.soak.life import Life, live
from tests.soak.mails import Mail

pytestmark = pytest.mark.soak
CUTS = int(os.environ.get("CUTS", "25"))
AT_FIRST_SIGHT = {"unknown-stale"}
"""The rules that tell of a study which never changed."""


@pytest.fixture
def disk(tmp_path):
    """A disk that forgets what was not synced."""
    if not os.access("/dev/fuse", os.W_OK) or os.geteuid() or sys.platform != "linux":
        pytest.skip("nobody but root may mount a disk, where there is FUSE")
    try:
        import mfusepy  # noqa: F401
    except (ImportError, OSError):
        pytest.skip("there is no mfusepy, or no libfuse")
    from tests.soak.lazy_disk import LazyDisk

    with LazyDisk(tmp_path, seed=0) as disk:
        yield disk


class _Cuts:
    """Cuts the power after each kill, and looks at what is left."""

    def __init__(self, disk) -> None:
        self.disk = disk
        self.count = 0
        self.with_loss = 0
        self.unmarked = 0
        self.faults: list[object] = []

    def __call__(self, life: Life) -> None:
        """One cut; every mail that was taken until then must be accounted for."""
        before = _file_bytes(self.disk.mount)
        self.disk.cut()
        self.count += 1
        self.with_loss += before != _file_bytes(self.disk.mount)
        with closing(sqlite3.connect(self.disk.mount / "store.db")) as store:
            [sound] = store.execute("PRAGMA integrity_check").fetchall()
            left = _Left(store)
        if sound != ("ok",):
            self.faults.append(sound)
        self.faults += [(mail.key, why) for mail in life.inbox.mails for why in left.lack(mail)]
        self.unmarked += sum(left.state(mail) != "sent" for mail in life.inbox.mails)


class _Left:
    """What is in the store after a cut."""

    def __init__(self, store: sqlite3.Connection) -> None:
        rows = store.execute("SELECT key, state, alert_ids FROM deliveries")
        self.owed = {key: (state, set(json.loads(ids))) for key, state, ids in rows}
        alerts = store.execute("SELECT id, rule, nct_id FROM alerts").fetchall()
        self.alert_ids = {number for number, _, _ in alerts}
        self.told = {(rule, nct_id) for _, rule, nct_id in alerts}
        changes = "SELECT nct_id FROM changes JOIN snapshots ON snapshots.id = snapshot_id"
        self.changed = {nct_id for (nct_id,) in store.execute(changes)}

    def state(self, mail: Mail) -> str:
        """What the outbox says of a mail."""
        return self.owed.get(_key(mail), ("gone", set()))[0]

    def lack(self, mail: Mail) -> Iterator[str]:
        """What a mail tells, or is, of which there is no record."""
        if _key(mail) not in self.owed:
            yield "nobody is owed it"
        elif not self.owed[_key(mail)][1] <= self.alert_ids:
            yield "some of its alerts are gone"
        for fact in mail.facts():
            nct_id = int(fact.nct_id.removeprefix("NCT")) if fact.nct_id else None
            if (fact.rule, nct_id) not in self.told:
                yield f"{fact} is no alert"
            if nct_id and fact.rule not in AT_FIRST_SIGHT and nct_id not in self.changed:
                yield f"{fact} came of no change"


def _key(mail: Mail) -> str:
    return mail.key.strip("<").partition("@")[0]


def _file_bytes(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".db-shm"}


def test_no_mail_that_left_lacks_its_record(disk, tmp_path, capsys):
    """What was sent is in the store after every cut, and in the end nothing was lost."""
    cuts = _Cuts(disk)
    url = f"sqlite:///{disk.mount / 'store.db'}"
    figures = live(tmp_path, url, kills=CUTS, studies=110, after_kill=cuts)
    with capsys.disabled():
        print(
            f"\n{cuts.count} power cuts, {cuts.with_loss} of them lost writes that nobody had "
            f"synced; {len(cuts.faults)} faults; {cuts.unmarked} mails stood unmarked; {figures}"
        )
    assert cuts.faults == []
    assert {name: rows for name, rows in figures.faults.items() if rows} == {}
    assert cuts.count == CUTS and cuts.with_loss
    assert figures.most_repeats_for_a_kill <= 1
