"""The tables: what is kept, one sentence each.

Instants are text in UTC (`2026-03-02T09:00:04.123456Z`), days and registry dates are text
(`2026-03-02`, `2026-03`), so that both databases keep and order the very same values. Structured
values are JSON text. Nothing is ever changed in a table of `APPEND_ONLY`.
"""

from ctmonitor.store.schema.columns import metadata
from ctmonitor.store.schema.people import (
    attempts,
    deliveries,
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
    former_numbers,
    journal,
    marks,
    pending_alerts,
    rejects,
    snapshots,
    states,
    studies,
    sweeps,
    versions,
)

APPEND_ONLY = (snapshots, changes, alerts, journal, versions)

__all__ = [
    "APPEND_ONLY",
    "alerts",
    "attempts",
    "chain_heads",
    "changes",
    "deliveries",
    "former_numbers",
    "journal",
    "marks",
    "members",
    "metadata",
    "mutes",
    "pending_alerts",
    "rejects",
    "snapshots",
    "states",
    "studies",
    "subscribers",
    "subscriptions",
    "sweeps",
    "versions",
    "watch_lists",
]
