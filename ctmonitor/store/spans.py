"""How many studies stood, as of a day and over a time, from the spans of their tracked fields.

An instant asks our own clock: what we knew then. A day asks the registry's: what it said on that
day, by its own dates, as far as we ever saw it; back-filled versions have no spans. A time begins
with its first instant or day, and ends before its last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from ctmonitor.changes import Kind
from ctmonitor.records import DateType, OverallStatus, PartialDate
from ctmonitor.store.engine import Transaction
from ctmonitor.store.questions import kept_between
from ctmonitor.store.schema import (
    changes,
    field_names,
    former_numbers,
    snapshots,
    sponsors,
    states,
    studies,
)
from ctmonitor.store.schema.columns import Status, TypeOfDate, day_said
from ctmonitor.store.values import (
    DATES,
    STATUSES,
    TYPES,
    batches,
    instant,
    json_value,
    listed_ids,
    listed_numbers,
)

SLIPPING = ("primary_completion_date", "completion_date")
"""The dates whose later moves are slips."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """The tracked facts of one study, as one of its snapshots said them first."""

    nct_id: str
    number: int
    overall_status: OverallStatus | None
    last_known_status: OverallStatus | None
    status_verified_date: PartialDate | None
    start_date: PartialDate | None
    start_date_type: DateType | None
    primary_completion_date: PartialDate | None
    primary_completion_date_type: DateType | None
    completion_date: PartialDate | None
    completion_date_type: DateType | None
    enrollment: int | None
    enrollment_type: DateType | None
    lead_sponsor: str | None


@dataclass(frozen=True, slots=True)
class Slip:
    """One move of a planned date to a later day; `days` between the last days that both can mean.

    The sponsor is who leads the study now.
    """

    nct_id: str
    lead_sponsor: str | None
    field: str
    before: PartialDate
    after: PartialDate
    days: int
    seen_at: str
    registry_date: str | None


def facts_as_of(tx: Transaction, nct_ids: Sequence[str], at: datetime | date) -> dict[str, Tracked]:
    """The tracked facts of each of these studies as they were; those not seen by then are left out.

    A number that was merged into another gives what was last said under it.
    """
    among = states.c.nct_id.in_(listed_numbers(nct_ids, is_sqlite=tx.is_sqlite))
    query = (
        sa.select(*_CODES, sponsors.c.name)
        .outerjoin_from(states, sponsors, sponsors.c.id == states.c.sponsor_id)
        .where(among, _stands(at))
    )
    found = {}
    for code, number, *rest, sponsor in tx.connection.execute(query):
        nct_id = f"NCT{code:08}"
        values: list[Any] = [read(value) for read, value in zip(_READ, rest, strict=True)]
        found[nct_id] = Tracked(*[nct_id, number, *values, sponsor])
    return found


def statuses_as_of(
    tx: Transaction, at: datetime | date, nct_ids: Sequence[str] | None = None
) -> Counter[OverallStatus | None]:
    """How many studies had which status, of all or of these; None is of those that said none.

    Not counted are studies that had been removed, or merged into another, by then.
    """
    found = _counted(tx, states.c.overall_status, at, nct_ids)
    return Counter({_status(word): number for word, number in found.items()})


def sponsors_as_of(
    tx: Transaction, at: datetime | date, nct_ids: Sequence[str] | None = None
) -> Counter[str | None]:
    """How many studies had which lead sponsor; of the rest as `statuses_as_of`."""
    found = _counted(tx, states.c.sponsor_id, at, nct_ids)
    names: dict[int | None, str] = {}
    for some in batches([id_ for id_ in found if id_ is not None]):
        query = sa.select(sponsors.c.id, sponsors.c.name).where(sponsors.c.id.in_(some))
        names.update((id_, name) for id_, name in tx.connection.execute(query))
    return Counter({names.get(id_): number for id_, number in found.items()})


def flips_by_sponsor(
    tx: Transaction,
    since: datetime | date | None,
    until: datetime | date | None,
    nct_ids: Sequence[str] | None = None,
) -> list[tuple[str | None, int]]:
    """How many studies, of all or of these, turned UNKNOWN in a time, by who led them then.

    The most come first. A study that was UNKNOWN when it was first seen turned before we knew of
    it, and is not counted.
    """
    before, earlier = states.alias("before"), states.alias("earlier")
    last_before = (
        sa.select(sa.func.max(earlier.c.number))
        .where(earlier.c.nct_id == states.c.nct_id, earlier.c.number < states.c.number)
        .scalar_subquery()
    )
    query = (
        sa.select(sponsors.c.name, sa.func.count())
        .select_from(states)
        .join(before, sa.and_(before.c.nct_id == states.c.nct_id, before.c.number == last_before))
        .outerjoin(sponsors, sponsors.c.id == states.c.sponsor_id)
        .where(states.c.overall_status == str(OverallStatus.UNKNOWN))
        .where(before.c.overall_status.is_distinct_from(str(OverallStatus.UNKNOWN)))
        .group_by(sponsors.c.name)
    )
    if since is not None:
        query = query.where(_begins(since) >= _said(since))
    if until is not None:
        query = query.where(_begins(until) < _said(until))
    if nct_ids is not None:
        among = listed_numbers(nct_ids, is_sqlite=tx.is_sqlite)
        query = query.where(states.c.nct_id.in_(among))
    return sorted(_tally(tx, query).items(), key=lambda one: (-one[1], one[0] or ""))


def slips(
    tx: Transaction,
    sponsor: str | None,
    since: datetime | date | None,
    until: datetime | date | None,
) -> list[Slip]:
    """The completion dates that moved to a later day in a time, the latest move first.

    Of studies whose lead sponsor's name holds a text, or of all; a time without its first or last
    instant, or day, has no beginning or end.
    """
    query = _LATER
    if since is not None:
        query = query.where(_seen(since) >= _said(since))
    if until is not None:
        query = query.where(_seen(until) < _said(until))
    ours = [one if isinstance(one, datetime) else None for one in (since, until)]
    if any(ours):
        query = query.where(changes.c.snapshot_id.between(*kept_between(tx, *ours)))
    if sponsor is not None:
        theirs = listed_ids(_snapshots_of(tx, sponsor), is_sqlite=tx.is_sqlite)
        query = query.where(changes.c.snapshot_id.in_(theirs))
    rows = tx.connection.execute(query)
    found = [_slip(row) for row in rows]
    return sorted(found, key=lambda one: (one.seen_at, one.nct_id, one.field), reverse=True)


_LATER: sa.Select[Any] = (
    sa.select(
        snapshots.c.nct_id,
        sponsors.c.name,
        field_names.c.name,
        changes.c.before,
        changes.c.after,
        snapshots.c.seen_at,
        snapshots.c.registry_date,
    )
    .select_from(changes)
    .join(field_names, field_names.c.id == changes.c.field_id)
    .join(snapshots, snapshots.c.id == changes.c.snapshot_id)
    .join(studies, studies.c.nct_id == snapshots.c.nct_id)
    .outerjoin(sponsors, sponsors.c.id == studies.c.sponsor_id)
    .where(
        changes.c.field_id.in_(sa.select(field_names.c.id).where(field_names.c.name.in_(SLIPPING))),
        changes.c.kind == str(Kind.LATER),
    )
)


def _snapshots_of(tx: Transaction, sponsor: str) -> Sequence[int]:
    """The snapshots, but for the first ones, of the studies that some sponsors lead now.

    Asked by itself: from there one index leads to the changes, and no database takes another way.
    """
    name = sponsors.c.name
    # SQLite's LIKE takes no notice of case by itself, in half the time.
    holds = name.contains if tx.is_sqlite else name.icontains
    named = holds(sponsor, autoescape=True)
    led = studies.c.sponsor_id.in_(sa.select(sponsors.c.id).where(named))
    query = sa.select(snapshots.c.id).where(
        snapshots.c.nct_id.in_(sa.select(studies.c.nct_id).where(led)), snapshots.c.number > 1
    )
    return tx.connection.execute(query).scalars().all()


def _seen(at: datetime | date) -> sa.Column[Any]:
    return snapshots.c.seen_at if isinstance(at, datetime) else snapshots.c.registry_date


def _begins(at: datetime | date) -> sa.Column[Any]:
    return states.c.seen_from if isinstance(at, datetime) else states.c.registry_from


def _said(at: datetime | date) -> str:
    return instant(at) if isinstance(at, datetime) else at.isoformat()


def _stands(at: datetime | date) -> sa.ColumnElement[bool]:
    """Whether a span is the last of its study that had begun at an instant or on a day.

    A span has nearly always ended when the next began. Not where a look was replayed, or where the
    registry named no day or an earlier one; so the later ones are asked where one did not end yet.
    """
    begins, moment = _begins(at), _said(at)
    ends = states.c.seen_until if isinstance(at, datetime) else states.c.registry_until
    later = states.alias("later")
    has_later = (
        sa.exists()
        .where(later.c.nct_id == states.c.nct_id, later.c.number > states.c.number)
        .where(later.c[begins.name] <= moment)
    )
    has_not_ended = sa.or_(ends > moment, ends.is_(None))
    return sa.and_(
        begins <= moment,
        sa.or_(states.c.seen_until.is_(None), sa.and_(has_not_ended, sa.not_(has_later))),
    )


def _counted(
    tx: Transaction, column: sa.Column[Any], at: datetime | date, nct_ids: Sequence[str] | None
) -> Counter[Any]:
    """How many studies stood with each value of a column, without those that were gone."""
    query = sa.select(column, sa.func.count()).where(_stands(at)).group_by(column)
    if nct_ids is None:
        # One index holds all that this needs; whose numbers are out of the way is asked beside it.
        gone = query.where(states.c.nct_id.in_(_gone(at)))
        found = _tally(tx, query)
        found.subtract(_tally(tx, gone))
        return +found
    among = states.c.nct_id.in_(listed_numbers(nct_ids, is_sqlite=tx.is_sqlite))
    query = query.where(among, states.c.nct_id.not_in(_gone(at)))
    return _tally(tx, query)


def _tally(tx: Transaction, query: sa.Select[Any]) -> Counter[Any]:
    return Counter({row[0]: row[1] for row in tx.connection.execute(query)})


def _gone(at: datetime | date) -> sa.CompoundSelect[Any]:
    """The numbers of the studies that had been removed, or merged into others."""
    if isinstance(at, datetime):
        # The first instant of a day is the end of the one before.
        day, last = (at - timedelta(microseconds=1)).date().isoformat(), at
    else:
        day, last = at.isoformat(), datetime.combine(at, time.max, UTC)
    merged = sa.select(former_numbers.c.alias).where(former_numbers.c.seen_at <= instant(last))
    # The index of missing studies is a small part of all.
    removed = sa.select(studies.c.nct_id).where(
        studies.c.missing_since.is_not(None), studies.c.removed_on <= day
    )
    return merged.union(removed)


def _slip(row: Any) -> Slip:
    before, after = (PartialDate.parse(json_value(text)) for text in row[3:5])
    days = (after.last - before.last).days
    return Slip(row[0], row[1], row[2], before, after, days, row[5], row[6])


def _status(word: str | None) -> OverallStatus | None:
    return None if word is None else OverallStatus(word)


def _as_it_is(value: Any) -> Any:
    return value


@cache
def _status_of(code: int | None) -> OverallStatus | None:
    return _status(Status.process_result_value(code, None))


@cache
def _type_of(code: int | None) -> DateType | None:
    word = TypeOfDate.process_result_value(code, None)
    return None if word is None else DateType(word)


@lru_cache(maxsize=20_000)
def _date_of(code: int | None) -> PartialDate | None:
    return None if code is None else PartialDate.parse(day_said(code))


_TRACKED = tuple(one.name for one in fields(Tracked))[2:-1]
_CODES = tuple(
    sa.type_coerce(states.c[name], sa.Integer) for name in ("nct_id", "number", *_TRACKED)
)
"""Of a thousand studies what is kept is read sooner by its codes than column by column."""
_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(STATUSES, _status_of),
    **dict.fromkeys(DATES, _date_of),
    **dict.fromkeys(TYPES, _type_of),
}
_READ = tuple(_READERS.get(name, _as_it_is) for name in _TRACKED)
