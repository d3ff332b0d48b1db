"""The operator is told without a store, by the ways that alerts take."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

from ctmonitor.delivery import Outlets
from ctmonitor.jobs.notice import tell_operator
from tests.looks import SetClock


def test_the_operator_is_told_once_a_run(tmp_path: Path):
    """What happened is the subject, why stands in the text, and a repeat is the same message."""
    outlets, now = Outlets(None, "ctmonitor@hospital.example"), SetClock().now()
    for _ in range(2):
        address = f"file:{tmp_path}"
        tell_operator(outlets, address, "A run failed", "no\nroom " * 999, key="run 1", now=now)
    [path] = tmp_path.glob("*.eml")
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert "A run failed" in mail["Subject"] and "critical" in mail["Subject"]
    assert "no room" in mail.get_body(("plain",)).get_content()
