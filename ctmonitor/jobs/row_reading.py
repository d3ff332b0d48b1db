"""Rows of a listing held against what we hold of their studies."""

from __future__ import annotations

from collections.abc import Sequence

from ctmonitor.formats import Row
from ctmonitor.store import Store, studies


def unlike(store: Store, rows: Sequence[Row]) -> set[str]:
    """The studies whose row says something that we do not hold."""
    with store.reading() as tx:
        digests = studies.row_digests(tx, [row.nct_id for row in rows])
    return {row.nct_id for row in rows if digests.get(row.nct_id) != row.digest}
