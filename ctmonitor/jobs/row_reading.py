"""Rows of a listing held against what we hold of their studies."""

from __future__ import annotations

from collections.abc import Sequence

from ctmonitor.formats import Row
from ctmonitor.store import Store, studies
from ctmonitor.store.contents import content_at


def compared(store: Store, rows: Sequence[Row]) -> list[tuple[Row, bool, bool]]:
    """Each row, whether it says what we hold, and whether its digest is new to us."""
    with store.reading() as tx:
        digests = studies.row_digests(tx, [row.nct_id for row in rows])
        unlike = [row for row in rows if digests.get(row.nct_id) != row.digest]
        held = studies.held(tx, [row.nct_id for row in unlike if row.nct_id in digests])
        saying_same = {
            row.nct_id
            for row in unlike
            if (of := held.get(row.nct_id)) is not None
            and of.coverage is None
            and row.says(content_at(tx, row.nct_id, of.number))
        }
    differing = {row.nct_id for row in unlike} - saying_same
    return [(row, row.nct_id not in differing, row.nct_id in saying_same) for row in rows]
