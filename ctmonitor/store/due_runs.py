"""When the calendar rules were last asked, and of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import due_runs
from ctmonitor.store.values import json_text, json_value


@dataclass(frozen=True, slots=True)
class DueRun:
    """The day and the tuning by which the calendar rules were asked, and the last snapshot then.

    `passed_over` are the studies that were due, and that the registry lacked.
    """

    today: date
    snapshot_id: int
    tuning: str
    passed_over: Sequence[str]


def last(tx: Transaction) -> DueRun | None:
    """The last run; None before there was one."""
    row = tx.connection.execute(sa.select(due_runs)).mappings().one_or_none()
    if row is None:
        return None
    day = date.fromisoformat(row["today"])
    return DueRun(day, row["snapshot_id"], row["tuning"], json_value(row["passed_over"]))


def remember(tx: Transaction, run: DueRun) -> None:
    """Let a run be the last one."""
    tx.connection.execute(due_runs.delete())
    tx.connection.execute(
        due_runs.insert().values(
            id=1,
            today=run.today.isoformat(),
            snapshot_id=run.snapshot_id,
            tuning=run.tuning,
            passed_over=json_text(list(run.passed_over)),
        )
    )
