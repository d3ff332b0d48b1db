"""What earlier looks over a scope proved, and where one that was cut off can go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import studies, sweeps
from ctmonitor.store.values import json_value

SETTLED = ("finished", "released", "absorbed")
"""The states of a look whose findings stand."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A complete look: the release it read, as the registry says it, and the scope it had."""

    release: str
    scope_digest: str
    received: int = 0

    @property
    def data_date(self) -> date:
        """The day of its release."""
        return date.fromisoformat(self.release[:10])


@dataclass(frozen=True, slots=True)
class CutOff:
    """A look that ended before it was complete: where it stopped, and the looks it continued."""

    place: dict[str, Any]
    sweep_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """What the looks over one scope before this one came to."""

    last: Proven | None = None
    last_full: Proven | None = None
    last_listing: Proven | None = None
    latest_release: str | None = None
    """The latest release that any complete look at this source read."""
    cut_off: CutOff | None = None
    last_state: str | None = None
    numbers_a_request: dict[str, Any] = field(default_factory=dict)


def before(tx: Transaction, scope: str, source: str) -> Before:
    """What the looks over a scope, and at a source, came to until now."""
    return Before(
        last=_proven(tx, scope, ("full", "status", "incremental")),
        last_full=_proven(tx, scope, ("full",)),
        last_listing=_proven(tx, scope, ("full", "status")),
        latest_release=_latest_release(tx, source),
        cut_off=_cut_off(tx, scope),
        last_state=_last_state(tx, scope),
        numbers_a_request=_numbers_a_request(tx, source),
    )


def seen_in(tx: Transaction, sweep_ids: Sequence[int]) -> set[str]:
    """The studies that these looks were the last to see."""
    query = sa.select(studies.c.nct_id).where(studies.c.seen_in.in_(sweep_ids))
    return set(tx.connection.execute(query).scalars())


def _proven(tx: Transaction, scope: str, ways: Sequence[str]) -> Proven | None:
    query = (
        sa.select(sweeps.c.data_timestamp_after, sweeps.c.certificate, sweeps.c.received)
        .where(sweeps.c.scope == scope, sweeps.c.state.in_(SETTLED), sweeps.c.is_complete)
        .where(sweeps.c.way.in_(ways), sweeps.c.data_timestamp_after.is_not(None))
        .order_by(sweeps.c.id.desc())
        .limit(1)
    )
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        return None
    return Proven(row[0], json_value(row[1]).get("scope_digest", ""), row[2])


def _latest_release(tx: Transaction, source: str) -> str | None:
    query = sa.select(sa.func.max(sweeps.c.data_timestamp_after)).where(
        sweeps.c.source == source, sweeps.c.is_complete, sweeps.c.way.is_not(None)
    )
    return tx.connection.execute(query).scalar_one_or_none()


def _cut_off(tx: Transaction, scope: str) -> CutOff | None:
    query = (
        sa.select(sweeps.c.id, sweeps.c.state, sweeps.c.place)
        .where(sweeps.c.scope == scope, sweeps.c.state != "running")
        .order_by(sweeps.c.id.desc())
        .limit(1)
    )
    row = tx.connection.execute(query).one_or_none()
    if row is None or row.place is None or row.state in SETTLED:
        return None
    place = json_value(row.place)
    return CutOff(place, (*place.get("sweeps", ()), row.id))


def _last_state(tx: Transaction, scope: str) -> str | None:
    query = sa.select(sweeps.c.state).where(sweeps.c.scope == scope, sweeps.c.state != "running")
    return tx.connection.execute(query.order_by(sweeps.c.id.desc()).limit(1)).scalar_one_or_none()


def _numbers_a_request(tx: Transaction, source: str) -> dict[str, Any]:
    """How many numbers the registry took in one address, as the last look found."""
    query = (
        sa.select(sweeps.c.certificate)
        .where(sweeps.c.source == source, sweeps.c.certificate.contains("numbers_a_request"))
        .order_by(sweeps.c.id.desc())
        .limit(1)
    )
    text = tx.connection.execute(query).scalar_one_or_none()
    found = json_value(text).get("numbers_a_request") if text else None
    return found if isinstance(found, dict) else {}
