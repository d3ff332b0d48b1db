"""Prove that what is kept is what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa

from ctmonitor.errors import ChainBroken
from ctmonitor.formats import facts_of, fingerprint_of
from ctmonitor.store import chain, versions
from ctmonitor.store.contents import every_content
from ctmonitor.store.engine import Transaction
from ctmonitor.store.journal import SEALED, seals
from ctmonitor.store.schema import journal, snapshots, studies
from ctmonitor.store.studies import standing
from ctmonitor.store.values import AT_ONCE, columns_of, day_of


def verify(tx: Transaction) -> dict[str, int]:
    """Recompute every chain, rebuild every content; rows by table, or ChainBroken at the first.

    Every seal in the journal is held against the chains, and the present against history: each
    study must be what its last snapshot says.
    """
    # The journal comes first: what it sealed is known only if it is as it was written.
    counts = {str(journal.name): chain.verify(tx, journal)}
    sealed = _seals(tx)
    counts |= {str(table.name): chain.verify(tx, table, sealed[table.name]) for table in SEALED}
    _verify_contents(tx)
    versions.verify_contents(tx)
    _verify_studies(tx)
    return counts


def sealed_at(tx: Transaction, link: str) -> str:
    """The instant of the journal's row whose link begins so; ChainBroken when there is none."""
    rows = tx.connection.execute(sa.select(journal.c.at, journal.c.chain))
    found = next((at for at, whole in rows if whole.startswith(link)), None)
    if found is None:
        raise ChainBroken(f"journal: no row has the link {link}; what it sealed is gone")
    return str(found)


def _seals(tx: Transaction) -> dict[str, dict[int, tuple[int, str]]]:
    """By table and row, the journal's row and the link that it sealed."""
    wanted: dict[str, dict[int, tuple[int, str]]] = {table.name: {} for table in SEALED}
    for row, _at, name, count, head in seals(tx):
        if count:
            wanted[name][count] = (row, head)
    return wanted


def _verify_contents(tx: Transaction) -> None:
    proven = _proven(tx)
    while some := list(islice(proven, AT_ONCE)):
        among = studies.c.nct_id.in_(sorted({row.nct_id for row, _ in some}))
        rows = tx.connection.execute(standing().where(among)).mappings()
        stand = {(row["nct_id"], row["number"]): row for row in rows}
        for row, canonical in some:
            # Nothing is asked of the snapshots before the last one.
            stands = stand.get((row.nct_id, row.number))
            if stands is not None:
                _verify_facts(stands, row, canonical)


def _proven(tx: Transaction) -> Iterator[tuple[Any, bytes]]:
    """Every snapshot with its content, which is what its fingerprint says."""
    names = ("id", "data_date", "coverage", "fingerprint")
    for row, canonical in every_content(tx, *(snapshots.c[name] for name in names)):
        if fingerprint_of(canonical) != bytes(row.fingerprint):
            raise ChainBroken(f"snapshots: row {row.id} ({row.nct_id}) rebuilds to another content")
        yield row, canonical


def _verify_facts(stands: sa.RowMapping, row: Any, canonical: bytes) -> None:
    """Hold a study against its last snapshot."""
    facts = replace(
        facts_of(orjson.loads(canonical)),
        # A later release may have shown the same content again.
        data_date=max(
            filter(None, (day_of(row.data_date), day_of(stands["data_date"]))), default=None
        ),
        is_partial=row.coverage is not None,
    )
    wanted = {
        **columns_of(facts),
        "lead_sponsor": facts.lead_sponsor,
        "fingerprint": bytes(row.fingerprint),
    }
    other = [name for name, value in wanted.items() if stands[name] != value]
    if other:
        raise ChainBroken(f"studies: {row.nct_id} is not as its last snapshot says: {other[0]}")


def _verify_studies(tx: Transaction) -> None:
    """Each study must stand at its last snapshot, and none without one."""
    last = sa.select(snapshots.c.nct_id, sa.func.max(snapshots.c.number).label("number"))
    query = last.group_by(snapshots.c.nct_id).order_by(snapshots.c.nct_id)
    numbers = sa.select(studies.c.nct_id, studies.c.number)
    stands = {row.nct_id: row.number for row in tx.connection.execute(numbers)}
    for nct_id, number in tx.connection.execute(query):
        if stands.pop(nct_id, None) != number:
            raise ChainBroken(f"studies: {nct_id} does not stand where its last snapshot does")
    for nct_id in stands:
        raise ChainBroken(f"studies: {nct_id} has no snapshot")
