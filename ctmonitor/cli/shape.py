"""The JSON shapes that commands print, as plain objects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ctmonitor.records import field_named

if TYPE_CHECKING:
    from ctmonitor.store.alerts import Raised
    from ctmonitor.store.questions import Seen
    from ctmonitor.store.sweeps import Sweep

CHANGE_COLUMNS = (
    "nct_id",
    "field",
    "label",
    "item",
    "kind",
    "before",
    "after",
    "made_by",
    "seen_at",
    "registry_date",
    "snapshot",
)
ALERT_COLUMNS = (
    "id",
    "rule",
    "severity",
    "nct_id",
    "headline",
    "raised_at",
    "registry_date",
    "sweep",
    "inhibited_by",
)


def change_object(seen: Seen) -> dict[str, Any]:
    """One change, as `changes --json` prints it."""
    change = seen.change
    field = field_named(change.field)
    return {
        "nct_id": seen.nct_id,
        "field": change.field,
        "label": field.label if field else change.field,
        "item": change.item,
        "kind": str(change.kind),
        "before": change.before,
        "after": change.after,
        "made_by": str(change.made_by),
        "seen_at": seen.seen_at,
        "registry_date": seen.registry_date,
        "snapshot": seen.number,
        "path": field.path if field else None,
        "noise": change.is_noise,
    }


def alert_object(raised: Raised) -> dict[str, Any]:
    """One alert, as `alerts --json` prints it."""
    alert = raised.alert
    return {
        "id": raised.id,
        "rule": alert.rule,
        "severity": str(alert.severity),
        "nct_id": alert.nct_id,
        "headline": alert.headline,
        "inhibited_by": alert.inhibited_by,
        "raised_at": raised.raised_at,
        "registry_date": alert.registry_date.isoformat() if alert.registry_date else None,
        "sweep": raised.sweep_id,
        "evidence": list(alert.evidence),
        "marks": list(raised.marks),
        "summary": raised.summary_id,
        "key": alert.key,
    }


def sweep_object(sweep: Sweep) -> dict[str, Any]:
    """One look, as `sweeps --json` prints it."""
    from ctmonitor.store.sweeps import shown

    counts = sweep.counts
    return {
        "sweep": sweep.id,
        "scope": sweep.scope,
        "source": sweep.source,
        "state": sweep.state,
        "complete": sweep.is_complete,
        "today": sweep.today.isoformat(),
        "way": sweep.way,
        "data_timestamp_before": sweep.data_timestamp_before,
        "data_timestamp": sweep.data_timestamp,
        "expected": sweep.expected,
        "received": counts.received,
        "new": counts.new,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "missing": counts.missing,
        "rejected": counts.rejected,
        "older": counts.older,
        "changes": counts.changes,
        "alerts": counts.alerts,
        "gaps": list(sweep.gaps),
        "started_at": _instant(sweep.started_at),
        "finished_at": _instant(sweep.finished_at) if sweep.finished_at else None,
        "certificate": shown(sweep.certificate),
    }


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
