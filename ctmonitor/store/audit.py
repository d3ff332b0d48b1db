"""Prove that what is kept is what was written."""

from __future__ import annotations

import sqlalchemy as sa

from ctmonitor.errors import ChainBroken
from ctmonitor.formats import fingerprint_of
from ctmonitor.store import chain
from ctmonitor.store.contents import content_at
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import APPEND_ONLY, snapshots, studies


def verify(tx: Transaction) -> dict[str, int]:
    """Recompute every chain, rebuild every content; rows by table, or ChainBroken at the first.

    The present is held against history too: each study must stand where its last snapshot does.
    """
    counts = {table.name: chain.verify(tx, table) for table in APPEND_ONLY}
    _verify_contents(tx)
    _verify_studies(tx)
    return counts


def _verify_contents(tx: Transaction) -> None:
    query = sa.select(snapshots.c.id, snapshots.c.nct_id, snapshots.c.number)
    for id_, nct_id, number in tx.connection.execute(query.order_by(snapshots.c.id)).all():
        wanted = tx.connection.execute(
            sa.select(snapshots.c.fingerprint).where(snapshots.c.id == id_)
        ).scalar_one()
        if fingerprint_of(content_at(tx, nct_id, number)) != bytes(wanted):
            raise ChainBroken(f"snapshots: row {id_} ({nct_id}) rebuilds to another content")


def _verify_studies(tx: Transaction) -> None:
    last = (
        sa.select(snapshots.c.nct_id, sa.func.max(snapshots.c.number).label("number"))
        .group_by(snapshots.c.nct_id)
        .subquery()
    )
    query = (
        sa.select(last.c.nct_id)
        .join(
            studies,
            sa.and_(studies.c.nct_id == last.c.nct_id, studies.c.number == last.c.number),
            isouter=True,
        )
        .where(studies.c.nct_id.is_(None))
        .order_by(last.c.nct_id)
        .limit(1)
    )
    astray = tx.connection.execute(query).scalar_one_or_none()
    if astray is not None:
        raise ChainBroken(f"studies: {astray} does not stand where its last snapshot does")
