"""What earlier looks over a scope proved, and where one that was cut off can go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import rejects, studies, sweeps
from ctmonitor.store.values import json_value

SETTLED = ("finished", "released", "absorbed")
"""The states of a look whose findings stand."""
_READING = ("full", "status", "incremental", "fast", "deep")
"""The ways of looks that read studies."""
_OF_ARCHIVES = ("fast", "deep")
"""The ways of looks at archives, in which every study is read or proven to be as it was."""
_CUT_OFF = ("interrupted", "partial", "failed")
"""The states of a look that the next one may go on from."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A complete look: the release it read, as the registry says it, and the scope it had."""

    release: str
    scope_digest: str
    listed: int = 0
    """How many studies of its scope it saw."""
    answers: Mapping[str, int] = field(default_factory=dict)
    """How many studies answered each watch list's question."""

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
class End:
    """How a look ended, and the release that it read."""

    state: str
    release: str | None


@dataclass(frozen=True, slots=True)
class Before:
    """What the looks over one scope before this one came to."""

    last: Proven | None = None
    last_full: Proven | None = None
    last_listing: Proven | None = None
    latest_release: str | None = None
    """The latest release that any look at this source read studies of, complete or not."""
    cut_off: CutOff | None = None
    numbers_a_request: dict[str, Any] = field(default_factory=dict)


def before(tx: Transaction, scope: str, source: str) -> Before:
    """What the looks over a scope, and at a source, came to until now."""
    return Before(
        last=_proven(tx, scope, _READING),
        last_full=_proven(tx, scope, ("full", *_OF_ARCHIVES)),
        last_listing=_proven(tx, scope, ("full", "status", *_OF_ARCHIVES)),
        latest_release=_latest_release(tx, source),
        cut_off=_cut_off(tx, scope),
        numbers_a_request=_numbers_a_request(tx, source),
    )


def seen_in(tx: Transaction, sweep_ids: Sequence[int]) -> set[str]:
    """The studies that these looks were the last to see, with those they could not read."""
    seen = sa.select(studies.c.nct_id).where(studies.c.seen_in.in_(sweep_ids))
    unread = sa.select(rejects.c.nct_id).where(
        rejects.c.sweep_id.in_(sweep_ids), rejects.c.nct_id.is_not(None)
    )
    return set(tx.connection.execute(seen.union(unread)).scalars())


def ends(tx: Transaction, scope: str) -> list[End]:
    """How the last two looks over a scope ended, the later first."""
    query = (
        sa.select(sweeps.c.state, sweeps.c.data_timestamp_after)
        .where(sweeps.c.scope == scope, sweeps.c.state != "running")
        .order_by(sweeps.c.id.desc())
        .limit(2)
    )
    return [End(*row) for row in tx.connection.execute(query)]


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
    said = json_value(row.certificate)
    return Proven(
        row.data_timestamp_after,
        said.get("scope_digest", ""),
        said.get("listed", row.received),
        said.get("answers", {}),
    )


def _latest_release(tx: Transaction, source: str) -> str | None:
    read = sa.and_(sweeps.c.source == source, sweeps.c.received > 0)
    shown = sa.select(sa.func.max(sweeps.c.data_timestamp_after)).where(
        read, sweeps.c.way.in_(_READING)
    )
    # A look whose process died left nothing but the place where it was.
    died = (
        sa.select(sweeps.c.place)
        .where(read, sweeps.c.data_timestamp_after.is_(None), sweeps.c.place.is_not(None))
        .order_by(sweeps.c.id.desc())
        .limit(1)
    )
    releases = [tx.connection.execute(shown).scalar_one_or_none()]
    releases += [json_value(one).get("release") for one in tx.connection.execute(died).scalars()]
    return max((one for one in releases if one), default=None)


def _cut_off(tx: Transaction, scope: str) -> CutOff | None:
    """The last look that was cut off since one that was not; those that read nothing between."""
    done = sa.select(sa.func.max(sweeps.c.id)).where(
        sweeps.c.scope == scope, sweeps.c.state.in_((*SETTLED, "held"))
    )
    query = (
        sa.select(sweeps.c.id, sweeps.c.place)
        .where(sweeps.c.scope == scope, sweeps.c.state.in_(_CUT_OFF), sweeps.c.place.is_not(None))
        .where(sweeps.c.id > sa.func.coalesce(done.scalar_subquery(), 0))
        .order_by(sweeps.c.id.desc())
        .limit(1)
    )
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        return None
    place = json_value(row.place)
    return CutOff(place, (*place.get("sweeps", ()), row.id))


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
