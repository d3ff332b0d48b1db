"""Several dispatchers at once send each digest once, killed on the way or not."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager

import pytest

from tests.soak.life import RELEASE
from tests.soak.mails import slow_mail_server
from tests.soak.nursery import Nursery
from tests.soak.releases import MadeRegistry

pytestmark = pytest.mark.soak
AT_ONCE = 4
OWED = 1_000


@contextmanager
def owing(folder, url):
    """A monitor that owes a digest to each of many, the inbox they go to, and its nursery."""
    with slow_mail_server(longest_wait=0.01, seed=0) as (smtp_url, inbox):
        environ = {"CTMONITOR_SMTP_URL": smtp_url, "CTMONITOR_DATABASE_URL": url}
        with Nursery(folder, environ) as nursery:
            release = MadeRegistry(studies=30, seed=0).next_release()
            release.write(folder / RELEASE)
            nursery.run("watch", "add", "everything", "--all")
            people = (
                f'[[subscribers]]\naddress = "reader{number}@example.org"\nwatch = "everything"\n'
                for number in range(OWED)
            )
            (folder / "ctmonitor.toml").write_text("".join(people), encoding="utf-8")
            assert nursery.run("subscribe", "apply").codes == (0,)
            words = ("sweep", RELEASE, "--today", str(release.day), "--no-dispatch")
            assert nursery.run(*words).codes == (0,)
            yield nursery, inbox


def test_dispatchers_side_by_side_send_each_digest_once(kind, store_url, tmp_path, capsys):
    """Four at once send a thousand digests: as many mails and keys, one to each reader."""
    with owing(tmp_path, store_url) as (nursery, inbox):
        ended = nursery.run("dispatch", times=AT_ONCE)
    doubles = len(inbox.mails) - len({mail.key for mail in inbox.mails})
    with capsys.disabled():
        print(
            f"\n{kind}: {AT_ONCE} dispatchers, {OWED:,} owed: {len(inbox.mails):,} sends, "
            f"{doubles} doubles, {ended.seconds:.1f} s"
        )
    assert set(ended.codes) == {0}, ended.errors
    assert len(inbox.mails) == OWED
    assert len({mail.key for mail in inbox.mails}) == OWED
    assert len({mail.address for mail in inbox.mails}) == OWED


def test_dispatchers_killed_together_leave_at_most_one_repeat_each(store_url, tmp_path):
    """All four are killed with mails under way; four others send what is left, and those again."""
    with owing(tmp_path, store_url) as (nursery, inbox):
        killed = nursery.run("dispatch", times=AT_ONCE, kill_after=1.0)
        sent = len(inbox.mails)
        ended = nursery.run("dispatch", times=AT_ONCE)
    copies = Counter(mail.key for mail in inbox.mails)
    assert killed.was_killed and 0 < sent < OWED
    assert set(ended.codes) == {0}, ended.errors
    assert len(copies) == OWED and len({mail.address for mail in inbox.mails}) == OWED
    assert max(copies.values()) <= 2 and copies.total() - OWED <= AT_ONCE
