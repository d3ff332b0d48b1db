"""How studies stand, and how that turned."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import changes, field_names, snapshots
from ctmonitor.store.values import batches, json_value


def turned(tx: Transaction, nct_ids: Collection[str], since: str | None) -> dict[str, str]:
    """Of these studies, whose overall status is another one than in a release: both, in words.

    The change may have come with any look since then. None knows no such release, and no turn.
    """
    if since is None:
        return {}
    turns: dict[str, tuple[str, str]] = {}
    for some in batches(sorted(nct_ids)):
        query = (
            sa.select(snapshots.c.nct_id, changes.c.before, changes.c.after)
            .join(snapshots, snapshots.c.id == changes.c.snapshot_id)
            .join(field_names, field_names.c.id == changes.c.field_id)
            .where(snapshots.c.nct_id.in_(some), field_names.c.name == "overall_status")
            .where(snapshots.c.data_date > since[:10])
            .order_by(changes.c.id)
        )
        for nct_id, *values in tx.connection.execute(query):
            before, after = (str(json_value(one)) for one in values)
            turns[nct_id] = (turns.get(nct_id, (before, after))[0], after)
    return {
        nct_id: f"status changed from {before} to {after}"
        for nct_id, (before, after) in turns.items()
        if before != after
    }
