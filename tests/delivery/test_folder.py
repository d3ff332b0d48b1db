"""Messages as files in a folder."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from ctmonitor.delivery import Outlets, deliver
from ctmonitor.errors import DeliveryFailed
from tests.delivery.build import SENDER, a_digest, read_back

OUTLETS = Outlets(smtp=None, sender=SENDER)


def test_a_folder_keeps_the_whole_mail(tmp_path):
    """The folder is made, and holds the mail under its time and key, and nothing half written."""
    deliver(a_digest(address=f"file:{tmp_path}/new/mails"), OUTLETS)
    (kept,) = (tmp_path / "new" / "mails").iterdir()
    assert kept.name == "20241122T081500Z-abababababab.eml"
    mail = read_back(kept.read_bytes())
    assert mail["Subject"] == "[ctmonitor] NCT04946669 now UNKNOWN (was RECRUITING)"
    assert mail["To"] == "undisclosed-recipients:;"


def test_a_repeat_is_the_same_file(tmp_path):
    """The same key overwrites, even when the digest was made again later."""
    digest = a_digest(address=f"file:{tmp_path}")
    later = dataclasses.replace(digest, made_at=datetime(2024, 11, 23, tzinfo=UTC))
    for each in (digest, later, dataclasses.replace(digest, key="cd" * 32)):
        deliver(each, OUTLETS)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_a_passing_failure(tmp_path):
    """Where a file stands in the way, the mail stays owed."""
    (tmp_path / "mails").write_text("in the way")
    with pytest.raises(DeliveryFailed, match="mails") as failure:
        deliver(a_digest(address=f"file:{tmp_path}/mails"), OUTLETS)
    assert not failure.value.permanent
