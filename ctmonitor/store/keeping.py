"""Keep what a look found: snapshots, changes and the alerts they gave rise to, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ctmonitor.alerts import Alert
from ctmonitor.changes import Change
from ctmonitor.formats import row_digest
from ctmonitor.records import Record
from ctmonitor.store import chain
from ctmonitor.store.alerts import await_settling
from ctmonitor.store.contents import KEYFRAME, content_at, packed
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import changes as changes_table
from ctmonitor.store.schema import snapshots, states, studies
from ctmonitor.store.studies import PRESENT, Held, present
from ctmonitor.store.values import TRACKED, columns_of, day, instant, json_text

LONGEST_VALUE = 300
"""Characters of a value's JSON that a row of `changes` repeats; longer ones are rebuilt."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One study to be kept: its record now, what it was, and what that gave rise to."""

    record: Record
    glance: bytes
    held: Held | None
    changes: tuple[Change, ...]
    alerts: tuple[Alert, ...]
    registry_date: date | None
    previous: bytes | None = None
    """The canonical bytes of what is held, when they are at hand."""

    @property
    def number(self) -> int:
        """The number of the snapshot this makes, from 1."""
        return 1 if self.held is None else self.held.number + 1


def keep(tx: Transaction, sweep_id: int, batch: Sequence[Kept], at: datetime) -> None:
    """Write a batch of studies, each at most once in it, with all that belongs to them."""
    if not batch:
        return
    rows = [_snapshot(tx, sweep_id, kept, at) for kept in batch]
    ids = chain.append(tx, snapshots, rows)
    told = [
        _change(kept, snapshot_id, change, at)
        for kept, snapshot_id in zip(batch, ids, strict=True)
        for change in kept.changes
    ]
    chain.append(tx, changes_table, told)
    _stand(tx, sweep_id, batch, at)
    _span(tx, batch, at)
    await_settling(tx, sweep_id, [alert for kept in batch for alert in kept.alerts], at)


def _snapshot(tx: Transaction, sweep_id: int, kept: Kept, at: datetime) -> dict[str, Any]:
    record, held = kept.record, kept.held
    depth = 0 if held is None else (held.depth + 1) % KEYFRAME
    previous = kept.previous
    if held is None or not depth:
        previous = None
    elif previous is None:
        previous = content_at(tx, record.nct_id, held.number)
    return {
        "nct_id": record.nct_id,
        "number": kept.number,
        "sweep_id": sweep_id,
        "origin": "sweep",
        "seen_at": instant(at),
        "registry_date": day(kept.registry_date),
        "data_date": day(record.facts.data_date),
        "coverage": None if record.coverage is None else json_text(sorted(record.coverage)),
        "depth": depth,
        "content": packed(record.canonical, previous),
        "fingerprint": record.fingerprint,
    }


def _change(kept: Kept, snapshot_id: int, change: Change, at: datetime) -> dict[str, Any]:
    before, after = json_text(change.before), json_text(change.after)
    is_cut = max(len(before), len(after)) > LONGEST_VALUE
    return {
        "snapshot_id": snapshot_id,
        "nct_id": kept.record.nct_id,
        "number": kept.number,
        "field": change.field,
        "item": change.item,
        "kind": str(change.kind),
        "made_by": str(change.made_by),
        "is_noise": change.is_noise,
        "before": None if is_cut or change.before is None else before,
        "after": None if is_cut or change.after is None else after,
        "is_cut": is_cut,
        "seen_at": instant(at),
        "registry_date": day(kept.registry_date),
    }


def _stand(tx: Transaction, sweep_id: int, batch: Sequence[Kept], at: datetime) -> None:
    """Let `studies` say what each study is now."""
    rows = [
        {
            "nct_id": kept.record.nct_id,
            "aliases": json_text(kept.record.aliases),
            **columns_of(kept.record.facts),
            "number": kept.number,
            "fingerprint": kept.record.fingerprint,
            "glance": kept.glance,
            "first_seen_at": kept.held.first_seen_at if kept.held else instant(at),
            "last_seen_at": instant(at),
            "seen_in": sweep_id,
            "row_digest": row_digest(kept.record),
            **PRESENT,
        }
        for kept in batch
    ]
    insert = tx.insert(studies)
    renewed = {name: insert.excluded[name] for name in rows[0] if name != "nct_id"}
    renewed |= present(insert.excluded.data_date)
    tx.connection.execute(
        insert.on_conflict_do_update(index_elements=["nct_id"], set_=renewed), rows
    )


def _span(tx: Transaction, batch: Sequence[Kept], at: datetime) -> None:
    """Close the span of the tracked fields that ended, and open the new one."""
    moved = [
        kept
        for kept in batch
        if kept.held is None
        or any(
            getattr(kept.held.facts, name) != getattr(kept.record.facts, name) for name in TRACKED
        )
    ]
    ended = [
        {"of": kept.record.nct_id, "said_on": day(kept.registry_date)}
        for kept in moved
        if kept.held is not None
    ]
    if ended:
        tx.connection.execute(
            states.update()
            .where(states.c.nct_id == sa.bindparam("of"), states.c.seen_until.is_(None))
            .values(seen_until=instant(at), registry_until=sa.bindparam("said_on")),
            ended,
        )
    if moved:
        tx.connection.execute(states.insert(), [_state(kept, at) for kept in moved])


def _state(kept: Kept, at: datetime) -> dict[str, Any]:
    columns = columns_of(kept.record.facts)
    return {
        "nct_id": kept.record.nct_id,
        "number": kept.number,
        "seen_from": instant(at),
        "registry_from": day(kept.registry_date),
        **{name: columns[name] for name in TRACKED},
    }
