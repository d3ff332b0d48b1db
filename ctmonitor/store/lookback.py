"""What was held when: how studies stood over some days, as every look then found them.

A day is the one that a look believed in. Nothing here says when a study was missing and came back:
of that only how it stands now is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from ctmonitor.formats import facts_of, record_kept
from ctmonitor.records import Facts, OverallStatus, Record
from ctmonitor.store.contents import contents_between
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import (
    changes,
    field_names,
    former_numbers,
    snapshots,
    sponsors,
    states,
    studies,
    sweeps,
)
from ctmonitor.store.studies import standing
from ctmonitor.store.values import day, day_of, facts_in, json_value, listed_ids

_UNTOLD = frozenset({"held", "absorbed"})
_OF_FACTS = [studies.c[one.name] for one in fields(Facts) if one.name in studies.c]
_SPONSOR = sponsors.c.name.label("lead_sponsor")
_OF_STATE = [snapshots.c[name] for name in ("sweep_id", "data_date", "coverage", "fingerprint")]


@dataclass(frozen=True, slots=True)
class Look:
    """A look, by the day that it believed in; of one that `is_untold` the alerts reached nobody.

    All that one `is_first_sight` kept are studies that were not held before.
    """

    id: int
    today: date
    is_untold: bool
    is_first_sight: bool


@dataclass(frozen=True, slots=True)
class State:
    """One content of one study, with the look that found it."""

    nct_id: str
    number: int
    sweep_id: int
    record: Record


def looks_since(tx: Transaction, since: date) -> dict[int, Look]:
    """Every look on a day or later that kept something, by its id."""
    names = ("id", "today", "state", "new", "first_snapshot", "last_snapshot")
    query = sa.select(*(sweeps.c[name] for name in names))
    query = query.where(sweeps.c.today >= day(since), sweeps.c.first_snapshot.is_not(None))
    return {row.id: _look(row) for row in tx.connection.execute(query)}


def found_again(
    tx: Transaction, looks: Iterable[Look], changed: Collection[str] = ()
) -> dict[str, list[int]]:
    """The snapshots that these looks made of studies held before: their numbers by study.

    `changed` leaves only those in which one of these fields changed.
    """
    # A first load is most of what is kept, and has none: it is not read to find that out.
    sweep_ids = [look.id for look in looks if not look.is_first_sight]
    query = sa.select(snapshots.c.nct_id, snapshots.c.number)
    query = query.where(_of_looks(tx, sweep_ids), snapshots.c.number > 1)
    if changed:
        ids = sa.select(field_names.c.id).where(field_names.c.name.in_(changed))
        first, last = _between(tx, sweep_ids)
        query = query.join(changes, changes.c.snapshot_id == snapshots.c.id).distinct()
        query = query.where(changes.c.field_id.in_(ids), changes.c.snapshot_id.between(first, last))
    found: dict[str, list[int]] = {}
    for nct_id, number in tx.connection.execute(query):
        found.setdefault(nct_id, []).append(number)
    return found


def without_status(tx: Transaction) -> set[str]:
    """The studies that once stood without any status, as where a format did not say it."""
    query = sa.select(states.c.nct_id).where(states.c.overall_status.is_(None)).distinct()
    return set(tx.connection.execute(query).scalars())


def successive(
    tx: Transaction, wanted: Mapping[str, Collection[int]]
) -> Iterator[tuple[State, State]]:
    """Each of these snapshots after the one before it; their numbers are given by study."""
    spans = {nct_id: (min(some) - 1, max(some)) for nct_id, some in wanted.items()}
    before: State | None = None
    for row, canonical in contents_between(tx, spans, *_OF_STATE):
        numbers = wanted[row.nct_id]
        is_after = row.number in numbers
        if not is_after and row.number + 1 not in numbers:
            continue
        now = _state(row, canonical)
        if is_after and before is not None:
            yield before, now
        before = now


def states_between(tx: Transaction, spans: Mapping[str, tuple[int, int]]) -> Iterator[State]:
    """Of some studies every state from one number to another, study by study, in order."""
    for row, canonical in contents_between(tx, spans, *_OF_STATE):
        yield _state(row, canonical)


def first_seen(tx: Transaction, sweep_ids: Collection[int]) -> Iterator[tuple[Facts, int]]:
    """Each study that these looks saw for the first time, as it stood then, and the look."""
    seen = (
        standing()
        .with_only_columns(
            *(column for column in _OF_FACTS if column.name != "data_date"),
            _SPONSOR,
            snapshots.c.data_date,
            snapshots.c.sweep_id,
            studies.c.number,
        )
        .join(snapshots, snapshots.c.nct_id == studies.c.nct_id)
        .where(_of_looks(tx, sweep_ids), snapshots.c.number == 1)
    )
    again = {}
    for row in tx.connection.execute(seen).mappings():
        if row["number"] > 1:
            again[row["nct_id"]] = (1, 1)
        else:
            yield facts_in(row), row["sweep_id"]
    for state in states_between(tx, again):
        yield state.record.facts, state.sweep_id


def due_by(tx: Transaction, field: str, until: date) -> Iterator[tuple[Facts, int | None]]:
    """The studies whose day in a column comes by `until`, as they stand, and their first look.

    `field` is a property of `Facts`. What is UNKNOWN already does not turn so.
    """
    first = sa.and_(snapshots.c.nct_id == studies.c.nct_id, snapshots.c.number == 1)
    query = (
        standing()
        .with_only_columns(*_OF_FACTS, _SPONSOR, snapshots.c.sweep_id)
        .join(snapshots, first)
        .where(studies.c[field] <= day(until))
    )
    if field == "unknown_due_on":
        query = query.where(studies.c.overall_status.is_distinct_from(str(OverallStatus.UNKNOWN)))
    for row in tx.connection.execute(query).mappings():
        yield facts_in(row), row["sweep_id"]


def gone(tx: Transaction) -> dict[str, str]:
    """The studies that the registry lacks, or shows under another number: since which instant."""
    missing = sa.select(studies.c.nct_id, studies.c.missing_since)
    rows = tx.connection.execute(missing.where(studies.c.missing_since.is_not(None))).all()
    led = tx.connection.execute(sa.select(former_numbers.c.alias, former_numbers.c.seen_at)).all()
    found: dict[str, str] = {}
    for nct_id, since in (*rows, *led):
        found[nct_id] = min(since, found.get(nct_id, since))
    return found


def _look(row: Any) -> Look:
    # Other looks may have kept some of the snapshots between the two; then there are more.
    kept = row.last_snapshot - row.first_snapshot + 1
    today = date.fromisoformat(row.today)
    return Look(row.id, today, row.state in _UNTOLD, is_first_sight=kept == row.new)


def _state(row: Any, canonical: bytes) -> State:
    said = json_value(row.coverage)
    facts = replace(facts_of(orjson.loads(canonical)), data_date=day_of(row.data_date))
    record = record_kept(
        canonical,
        facts=facts,
        fingerprint=bytes(row.fingerprint),
        coverage=None if said is None else frozenset(said),
    )
    return State(row.nct_id, row.number, row.sweep_id, record)


def _of_looks(tx: Transaction, sweep_ids: Collection[int]) -> sa.ColumnElement[bool]:
    return snapshots.c.sweep_id.in_(listed_ids(sweep_ids, is_sqlite=tx.is_sqlite))


def _between(tx: Transaction, sweep_ids: Collection[int]) -> tuple[int, int]:
    query = sa.select(sa.func.min(sweeps.c.first_snapshot), sa.func.max(sweeps.c.last_snapshot))
    among = sweeps.c.id.in_(listed_ids(sweep_ids, is_sqlite=tx.is_sqlite))
    first, last = tx.connection.execute(query.where(among)).one()
    return first or 0, last or 0
