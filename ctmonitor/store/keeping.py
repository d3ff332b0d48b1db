"""Keep what a look found: snapshots, changes and the alerts they gave rise to, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ctmonitor.alerts import Alert
from ctmonitor.changes import Change
from ctmonitor.formats import row_digest
from ctmonitor.records import Record
from ctmonitor.store import chain
from ctmonitor.store.adding import add
from ctmonitor.store.alerts import await_settling
from ctmonitor.store.contents import KEYFRAME, content_at, packed
from ctmonitor.store.dictionaries import latest
from ctmonitor.store.engine import Transaction
from ctmonitor.store.first_sights import FirstSight, Occasion, first_sight, keep_first
from ctmonitor.store.names import numbered
from ctmonitor.store.schema import changes as changes_table
from ctmonitor.store.schema import field_names, snapshots, sponsors, states, studies, sweeps
from ctmonitor.store.schema.columns import Day, Instant
from ctmonitor.store.studies import Held, present
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
    occasion = Occasion(sweep_id, instant(at), latest(tx))
    first = [_first(kept, occasion) for kept in batch if kept.held is None]
    keep_first_sights(tx, sweep_id, first, at)
    again = [kept for kept in batch if kept.held is not None]
    if not again:
        return
    rows = [_snapshot(tx, kept, occasion) for kept in again]
    ids = chain.append(tx, snapshots, rows)
    _widen(tx, sweep_id, ids, at)
    _tell_changes(tx, zip(again, ids, strict=True), at)
    sponsored = numbered(tx, sponsors, (kept.record.facts.lead_sponsor for kept in again))
    _stand(tx, sweep_id, again, sponsored, at)
    _span(tx, again, sponsored, at)
    await_settling(tx, sweep_id, [alert for kept in again for alert in kept.alerts], at)


def keep_first_sights(
    tx: Transaction, sweep_id: int, seen: Sequence[FirstSight], at: datetime
) -> None:
    """Write studies that are not held yet, each at most once."""
    if seen:
        _widen(tx, sweep_id, keep_first(tx, seen), at)


def _first(kept: Kept, occasion: Occasion) -> FirstSight:
    return first_sight(kept.record, kept.glance, kept.alerts, occasion)


def _widen(tx: Transaction, sweep_id: int, ids: Sequence[int], at: datetime) -> None:
    """Let a look say which snapshots are its own, and when they were seen."""
    seen = sa.literal(instant(at), Instant())
    mine = sweeps.update().where(sweeps.c.id == sweep_id)
    tx.connection.execute(
        mine.values(
            first_snapshot=sa.func.coalesce(sweeps.c.first_snapshot, ids[0]),
            last_snapshot=ids[-1],
            seen_from=sa.case((sweeps.c.seen_from < seen, sweeps.c.seen_from), else_=seen),
            seen_until=sa.case((sweeps.c.seen_until > seen, sweeps.c.seen_until), else_=seen),
        )
    )


def _tell_changes(tx: Transaction, kept: Iterable[tuple[Kept, int]], at: datetime) -> None:
    told = [
        _change(one, snapshot_id, change, at) for one, snapshot_id in kept for change in one.changes
    ]
    fields = numbered(tx, field_names, (row["field"] for row in told))
    chain.append(tx, changes_table, [{**row, "field_id": fields[row["field"]]} for row in told])


def _snapshot(tx: Transaction, kept: Kept, occasion: Occasion) -> dict[str, Any]:
    record, held = kept.record, kept.held
    assert held is not None
    depth = (held.depth + 1) % KEYFRAME
    previous = kept.previous if depth else None
    if depth and previous is None:
        previous = content_at(tx, record.nct_id, held.number)
    common = occasion.common if previous is None else None
    return {
        "nct_id": record.nct_id,
        "number": kept.number,
        "sweep_id": occasion.sweep_id,
        "origin": "sweep",
        "seen_at": occasion.at,
        "registry_date": day(kept.registry_date),
        "data_date": day(record.facts.data_date),
        "coverage": None if record.coverage is None else json_text(sorted(record.coverage)),
        "depth": depth,
        "dictionary_id": common.id if common else None,
        "content": packed(record.canonical, previous, common),
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


def _stand(
    tx: Transaction,
    sweep_id: int,
    batch: Sequence[Kept],
    sponsored: Mapping[str, int],
    at: datetime,
) -> None:
    """Let `studies` say what each study is now."""
    rows = [_study(sweep_id, kept, sponsored, at) for kept in batch]
    renewed: dict[str, Any] = {
        name: sa.bindparam(f"its_{name}") for name in rows[0] if name != "nct_id"
    }
    renewed |= present(sa.bindparam("its_data_date", type_=Day()))
    tx.connection.execute(
        studies.update().where(studies.c.nct_id == sa.bindparam("its_nct_id")).values(renewed),
        [{f"its_{name}": value for name, value in row.items()} for row in rows],
    )


def _study(sweep_id: int, kept: Kept, sponsored: Mapping[str, int], at: datetime) -> dict[str, Any]:
    facts = kept.record.facts
    return {
        "nct_id": facts.nct_id,
        "aliases": json_text(kept.record.aliases),
        **columns_of(facts),
        "sponsor_id": sponsored.get(facts.lead_sponsor or ""),
        "number": kept.number,
        "fingerprint": kept.record.fingerprint,
        "glance": kept.glance,
        "last_seen_at": instant(at),
        "seen_in": sweep_id,
        "row_digest": row_digest(kept.record),
    }


def _span(
    tx: Transaction, batch: Sequence[Kept], sponsored: Mapping[str, int], at: datetime
) -> None:
    """Close the span of the tracked fields that ended, and open the new one."""
    moved = [
        kept
        for kept in batch
        if kept.held is not None
        and any(
            getattr(kept.held.facts, name) != getattr(kept.record.facts, name) for name in TRACKED
        )
    ]
    ended = [{"of": kept.record.nct_id, "said_on": day(kept.registry_date)} for kept in moved]
    if ended:
        tx.connection.execute(
            states.update()
            .where(states.c.nct_id == sa.bindparam("of"), states.c.seen_until.is_(None))
            .values(seen_until=instant(at), registry_until=sa.bindparam("said_on")),
            ended,
        )
    add(tx, states, [_state(kept, sponsored, at) for kept in moved])


def _state(kept: Kept, sponsored: Mapping[str, int], at: datetime) -> dict[str, Any]:
    facts = kept.record.facts
    columns = columns_of(facts)
    return {
        "nct_id": facts.nct_id,
        "number": kept.number,
        "sponsor_id": sponsored.get(facts.lead_sponsor or ""),
        "seen_from": instant(at),
        "registry_from": day(kept.registry_date),
        **{name: columns[name] for name in TRACKED if name in columns},
    }
