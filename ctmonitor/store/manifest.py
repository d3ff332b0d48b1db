"""What the archives of the registry looked like: enough to tell from a directory what is unchanged.

One row, packed, in the order of the studies' numbers: a store of 600,000 studies has 600,000 of
them. What it says of a study holds for its content as it was held at one snapshot; a study that
changed since, or that is missing, is looked at again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import former_numbers, manifest, snapshots, studies, sweeps
from ctmonitor.store.schema.columns import nct_code
from ctmonitor.store.values import day, day_of

UNPROVEN = 0xFFFFFFFF
"""The tail of a study of which a directory proves nothing."""
COLUMNS = ("numbers", "sizes", "crcs", "tails", "seen_in", "read_in")
_WIDTH = 4


@dataclass(frozen=True, slots=True)
class Manifest:
    """The columns side by side, each of unsigned 32-bit numbers in the machine's own order.

    `proof` holds the columns of `COLUMNS` one after the other: the study's eight digits, its bytes,
    its CRC-32 with the release date zeroed, the bytes behind that date, and the sweeps that saw it
    last and read it last; `glances` the digests of the pieces.
    """

    snapshot_id: int
    sweep_id: int
    data_date: date
    count: int
    proof: bytes = field(repr=False)
    glances: bytes = field(repr=False)

    def column(self, name: str) -> memoryview:
        """One of the columns."""
        at, width = COLUMNS.index(name), self.count * _WIDTH
        return memoryview(self.proof)[at * width : (at + 1) * width].cast("I")

    def seen_in(self, nct_id: str) -> int | None:
        """The last sweep of an archive that saw a study; None where none did."""
        numbers, code = self.column("numbers"), nct_code(nct_id)
        at = bisect_left(numbers, code)
        return self.column("seen_in")[at] if at < self.count and numbers[at] == code else None


_LAST: WeakKeyDictionary[sa.Engine, Manifest] = WeakKeyDictionary()


def remembered(tx: Transaction) -> Manifest | None:
    """The manifest as it stands; None where no archive was looked at yet."""
    sweep_id = tx.connection.execute(sa.select(manifest.c.sweep_id)).scalar_one_or_none()
    if sweep_id is None:
        return None
    last = _LAST.get(tx.connection.engine)
    if last is None or last.sweep_id != sweep_id:
        row = tx.connection.execute(manifest.select()).mappings().one()
        data_date = day_of(row["data_date"])
        assert data_date is not None
        last = Manifest(
            row["snapshot_id"],
            row["sweep_id"],
            data_date,
            row["count"],
            bytes(row["proof"]),
            bytes(row["glances"]),
        )
        _LAST[tx.connection.engine] = last
    return last


def remember(tx: Transaction, made: Manifest) -> None:
    """Put a manifest in the place of the one before."""
    row = {
        "snapshot_id": made.snapshot_id,
        "sweep_id": made.sweep_id,
        "data_date": day(made.data_date),
        "count": made.count,
        "proof": made.proof,
        "glances": made.glances,
    }
    if not tx.connection.execute(manifest.update().values(row)).rowcount:
        tx.connection.execute(manifest.insert().values(id=1, **row))


def last_snapshot(tx: Transaction) -> int:
    """The number of the latest snapshot of all."""
    return tx.connection.execute(sa.select(sa.func.max(snapshots.c.id))).scalar_one() or 0


def changed_since(
    tx: Transaction, snapshot_id: int, *, but_in: int | None = None
) -> frozenset[str]:
    """The studies that have a later snapshot than this one; `but_in` leaves one sweep's out."""
    # By their sweeps: else a first load would read all that it wrote, to find nothing.
    later = sa.select(sweeps.c.id).where(sweeps.c.last_snapshot > snapshot_id)
    if but_in is not None:
        later = later.where(sweeps.c.id != but_in)
    query = sa.select(snapshots.c.nct_id).distinct().where(snapshots.c.sweep_id.in_(later))
    query = query.where(snapshots.c.id > snapshot_id)
    return frozenset(tx.connection.execute(query).scalars())


def not_there(tx: Transaction) -> frozenset[str]:
    """The studies that were missing, or led to another, when they were last looked for."""
    missing = sa.select(studies.c.nct_id).where(studies.c.missing_since.is_not(None))
    query = missing.union(sa.select(former_numbers.c.alias))
    return frozenset(tx.connection.execute(query).scalars())


def seen_by_archives(tx: Transaction, nct_ids: Iterable[str]) -> dict[str, int]:
    """Of these studies, those that an archive showed, with the last sweep of one that did."""
    last = remembered(tx)
    if last is None:
        return {}
    seen = ((nct_id, last.seen_in(nct_id)) for nct_id in nct_ids)
    return {nct_id: sweep_id for nct_id, sweep_id in seen if sweep_id is not None}


def dates_of(tx: Transaction, sweep_ids: Collection[int]) -> dict[int, date]:
    """The data dates of the releases that these sweeps read."""
    query = sa.select(sweeps.c.id, sweeps.c.data_timestamp_after).where(sweeps.c.id.in_(sweep_ids))
    rows = tx.connection.execute(query.where(sweeps.c.data_timestamp_after.is_not(None)))
    return {id_: date.fromisoformat(text[:10]) for id_, text in rows}
