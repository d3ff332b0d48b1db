"""The tables: what is kept, one sentence each.

Study numbers, days, instants and the words of short lists are kept as numbers (`columns`), and are
text to whoever reads or writes a column: `NCT01234567`, `2026-03-02` or `2026-03`,
`2026-03-02T09:00:04.123456Z`. Both databases keep and order the very same values. Structured values
are JSON text. Nothing is ever changed in a table of `APPEND_ONLY`.
"""

from ctmonitor.store.schema.columns import metadata
from ctmonitor.store.schema.people import (
    attempts,
    deliveries,
    destinations,
    follow_ups,
    members,
    mutes,
    subscribers,
    subscriptions,
    watch_lists,
)
from ctmonitor.store.schema.records import (
    alerts,
    chain_heads,
    changes,
    dictionaries,
    due_runs,
    field_names,
    former_numbers,
    journal,
    manifest,
    marks,
    pending_alerts,
    rejects,
    snapshots,
    sponsors,
    states,
    studies,
    sweeps,
    versions,
)

APPEND_ONLY = (snapshots, changes, alerts, journal, versions, dictionaries)

__all__ = [
    "APPEND_ONLY",
    "alerts",
    "attempts",
    "chain_heads",
    "changes",
    "deliveries",
    "destinations",
    "dictionaries",
    "due_runs",
    "field_names",
    "follow_ups",
    "former_numbers",
    "journal",
    "manifest",
    "marks",
    "members",
    "metadata",
    "mutes",
    "pending_alerts",
    "rejects",
    "snapshots",
    "sponsors",
    "states",
    "studies",
    "subscribers",
    "subscriptions",
    "sweeps",
    "versions",
    "watch_lists",
]
