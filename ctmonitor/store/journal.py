"""Who did what: one row an act, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ctmonitor.store import chain
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import journal
from ctmonitor.store.values import instant, json_text


def note(tx: Transaction, act: str, detail: dict[str, Any], *, who: str, at: datetime) -> None:
    """Write down one act; `who` is a person or a job, `detail` what was done, in plain values."""
    row = {"at": instant(at), "who": who, "act": act, "detail": json_text(detail)}
    chain.append(tx, journal, [row])
