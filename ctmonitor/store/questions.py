"""What people ask of the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa

from ctmonitor.changes import Change, Kind, MadeBy, compare
from ctmonitor.formats import facts_of, record_from
from ctmonitor.records import Record
from ctmonitor.rules.telling import BASIS_MARK
from ctmonitor.store.alerts import Raised, raised
from ctmonitor.store.contents import content_at
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import (
    alerts,
    changes,
    field_names,
    marks,
    rejects,
    snapshots,
    sponsors,
    studies,
    sweeps,
)
from ctmonitor.store.sweeps import Sweep, sweep_in
from ctmonitor.store.values import batches, instant, json_value, listed_numbers


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows a question is about; None and empty mean no limit.

    `fields` are catalogue names, each standing for all below it; `since` and `until` are instants
    of our clock; `status` and `sponsor` are the study's as they stand now. Of alerts, `fields` and
    `made_by` ask for the changes they rest on; of changes, `rules` for the alerts that told them.
    """

    nct_ids: Sequence[str] | None = None
    rules: Sequence[str] = ()
    fields: Sequence[str] = ()
    sponsor: str | None = None
    status: str | None = None
    made_by: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    sweep_id: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One change, with when and where it was seen."""

    nct_id: str
    number: int
    change: Change
    seen_at: str
    registry_date: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot, without its content."""

    number: int
    origin: str
    seen_at: str
    registry_date: str | None
    data_date: str | None


_CHANGES = (
    sa.select(
        changes,
        field_names.c.name.label("field"),
        *(snapshots.c[name] for name in ("nct_id", "number", "seen_at", "registry_date")),
    )
    .join(field_names, field_names.c.id == changes.c.field_id)
    .join(snapshots, snapshots.c.id == changes.c.snapshot_id)
)


def changes_seen(tx: Transaction, wanted: Filter) -> list[Seen]:
    """The changes that fit, the latest first."""
    query = _CHANGES
    if wanted.fields:
        query = query.where(changes.c.field_id.in_(_field_ids(tx, wanted.fields)))
    if wanted.made_by:
        query = query.where(changes.c.made_by == wanted.made_by)
    if wanted.since or wanted.until:
        query = query.where(
            changes.c.snapshot_id.between(*kept_between(tx, wanted.since, wanted.until))
        )
    query = _narrowed(tx, query, snapshots, snapshots.c.seen_at, wanted)
    query = query.order_by(snapshots.c.seen_at.desc(), changes.c.id.desc())
    if not wanted.rules:
        return list(_seen(tx, _rows(tx, query.limit(wanted.limit))))
    told = _told_by(tx, wanted.rules)
    rows = (row for row in _rows(tx, query) if (row["nct_id"], row["number"], row["field"]) in told)
    return list(_seen(tx, list(islice(rows, wanted.limit))))


def has_field(tx: Transaction, name: str) -> bool:
    """Whether any change of this field, or of one below it, was ever kept."""
    return bool(_field_ids(tx, [name]))


def alerts_raised(tx: Transaction, wanted: Filter) -> list[Raised]:
    """The alerts that fit, the latest first; a summary's members only when one study is asked."""
    query = alerts.select()
    if wanted.rules:
        query = query.where(alerts.c.rule.in_(wanted.rules))
    if wanted.sweep_id is not None:
        query = query.where(alerts.c.sweep_id == wanted.sweep_id)
    if wanted.nct_ids is None:
        query = query.where(alerts.c.summary_id.is_(None))
    query = _narrowed(tx, query, alerts, alerts.c.raised_at, wanted)
    query = query.order_by(alerts.c.raised_at.desc(), alerts.c.id.desc())
    if wanted.fields or wanted.made_by:
        fitting = (
            row for row in _rows(tx, query) if _rests_on(json_value(row["evidence"]), wanted)
        )
        rows = list(islice(fitting, wanted.limit))
    else:
        rows = list(_rows(tx, query.limit(wanted.limit)))
    beside = _marks(tx, [row["id"] for row in rows])
    return [raised(row, beside.get(row["id"], ())) for row in rows]


def snapshots_of(tx: Transaction, nct_id: str) -> list[Snapshot]:
    """Every snapshot of one study, the earliest first."""
    query = sa.select(
        snapshots.c.number,
        snapshots.c.origin,
        snapshots.c.seen_at,
        snapshots.c.registry_date,
        snapshots.c.data_date,
    ).where(snapshots.c.nct_id == nct_id)
    rows = tx.connection.execute(query.order_by(snapshots.c.number))
    return [Snapshot(*row) for row in rows]


def changes_of(tx: Transaction, nct_id: str) -> list[Seen]:
    """Every change of one study, the earliest first."""
    query = _CHANGES.where(snapshots.c.nct_id == nct_id).order_by(changes.c.id)
    return list(_seen(tx, _rows(tx, query)))


def number_as_of(tx: Transaction, nct_id: str, at: datetime) -> int | None:
    """The snapshot that was the last we had seen at an instant; None when there was none."""
    query = (
        sa.select(snapshots.c.number)
        .where(snapshots.c.nct_id == nct_id, snapshots.c.seen_at <= instant(at))
        .order_by(snapshots.c.number.desc())
        .limit(1)
    )
    return tx.connection.execute(query).scalar_one_or_none()


def record_at(tx: Transaction, nct_id: str, number: int) -> Record:
    """One snapshot as the record it was."""
    coverage = json_value(
        tx.connection.execute(
            sa.select(snapshots.c.coverage).where(
                snapshots.c.nct_id == nct_id, snapshots.c.number == number
            )
        ).scalar_one()
    )
    canonical = content_at(tx, nct_id, number)
    content = orjson.loads(canonical)
    return record_from(
        content,
        facts=facts_of(content),
        canonical=canonical,
        coverage=None if coverage is None else frozenset(coverage),
    )


def recent_sweeps(tx: Transaction, limit: int | None) -> list[Sweep]:
    """The looks, the latest first."""
    query = sweeps.select().order_by(sweeps.c.id.desc()).limit(limit)
    return [sweep_in(row) for row in tx.connection.execute(query).mappings()]


def rejected(tx: Transaction, sweep_id: int | None, limit: int | None) -> list[dict[str, Any]]:
    """What could not be read, the latest first."""
    names = ("id", "sweep_id", "nct_id", "source", "place", "reason", "payload_bytes", "seen_at")
    query = sa.select(*(rejects.c[name] for name in names)).order_by(rejects.c.id.desc())
    if sweep_id is not None:
        query = query.where(rejects.c.sweep_id == sweep_id)
    return [dict(zip(names, row, strict=True)) for row in tx.connection.execute(query.limit(limit))]


def _field_ids(tx: Transaction, names: Sequence[str]) -> list[int]:
    """The fields of these names, and all below them, that a change was ever kept of."""
    name = field_names.c.name
    below = (name.startswith(f"{one}.", autoescape=True) for one in names)
    query = sa.select(field_names.c.id).where(sa.or_(name.in_(names), *below))
    return list(tx.connection.execute(query).scalars())


def kept_between(
    tx: Transaction, since: datetime | None, until: datetime | None
) -> tuple[int, int]:
    """The first and the last snapshot of the looks that may have seen something in a time."""
    query = sa.select(sa.func.min(sweeps.c.first_snapshot), sa.func.max(sweeps.c.last_snapshot))
    if since:
        query = query.where(sweeps.c.seen_until >= instant(since))
    if until:
        query = query.where(sweeps.c.seen_from < instant(until))
    first, last = tx.connection.execute(query).one()
    return first or 0, last or 0


def _rests_on(evidence: Sequence[dict[str, Any]], wanted: Filter) -> bool:
    """Whether an alert's evidence names a wanted field, in a change made by whom was asked."""
    return any(
        (not wanted.made_by or piece.get("made_by") == wanted.made_by)
        and (not wanted.fields or any(_is_below(name, wanted.fields) for name in _named(piece)))
        for piece in evidence
    )


def _named(piece: dict[str, Any]) -> Iterable[str]:
    """The fields that a piece of evidence is about: of one change, or several facts by name."""
    return (str(piece["field"]),) if "field" in piece else piece


def _is_below(name: str, fields: Sequence[str]) -> bool:
    return any(f"{name}.".startswith(f"{field}.") for field in fields)


def _told_by(tx: Transaction, rules: Sequence[str]) -> set[tuple[str, int, str]]:
    """The study, snapshot and field of every change that an alert of these rules rests on."""
    names = ("nct_id", "basis", "evidence")
    query = sa.select(*(alerts.c[name] for name in names)).where(alerts.c.rule.in_(rules))
    found = set()
    for row in _rows(tx, query):
        number = row["basis"].rpartition(BASIS_MARK)[2]
        for piece in json_value(row["evidence"]):
            if "field" in piece and number.isdigit():
                found.add((row["nct_id"], int(number), piece["field"]))
    return found


def _rows(tx: Transaction, query: sa.Select[Any]) -> Sequence[sa.RowMapping]:
    return tx.connection.execute(query).mappings().all()


def _narrowed(
    tx: Transaction, query: sa.Select[Any], table: sa.Table, at: sa.Column[str], wanted: Filter
) -> sa.Select[Any]:
    if wanted.nct_ids is not None:
        query = query.where(
            table.c.nct_id.in_(listed_numbers(wanted.nct_ids, is_sqlite=tx.is_sqlite))
        )
    if wanted.since:
        query = query.where(at >= instant(wanted.since))
    if wanted.until:
        query = query.where(at < instant(wanted.until))
    if wanted.sponsor or wanted.status:
        of_them = sa.select(studies.c.nct_id)
        if wanted.sponsor:
            named = sponsors.c.name.icontains(wanted.sponsor, autoescape=True)
            of_them = of_them.where(studies.c.sponsor_id.in_(sa.select(sponsors.c.id).where(named)))
        if wanted.status:
            of_them = of_them.where(studies.c.overall_status == wanted.status)
        query = query.where(table.c.nct_id.in_(of_them))
    return query


def _seen(tx: Transaction, rows: Sequence[sa.RowMapping]) -> Iterator[Seen]:
    whole: dict[tuple[str, int], list[Change]] = {}
    for row in rows:
        change = Change(
            field=row["field"],
            item=row["item"],
            before=json_value(row["before"]),
            after=json_value(row["after"]),
            kind=Kind(row["kind"]),
            made_by=MadeBy(row["made_by"]),
            is_noise=row["is_noise"],
        )
        if row["is_cut"]:
            change = _rebuilt(tx, whole, row["nct_id"], row["number"], change)
        yield Seen(row["nct_id"], row["number"], change, row["seen_at"], row["registry_date"])


def _rebuilt(
    tx: Transaction,
    whole: dict[tuple[str, int], list[Change]],
    nct_id: str,
    number: int,
    cut: Change,
) -> Change:
    """A change with its long values back, by comparing the two snapshots again."""
    key = (nct_id, number)
    if key not in whole:
        found = compare(record_at(tx, nct_id, number - 1), record_at(tx, nct_id, number))
        whole[key] = list(found)
    for at, change in enumerate(whole[key]):
        if (change.field, change.item, change.kind) == (cut.field, cut.item, cut.kind):
            return whole[key].pop(at)
    return cut


def _marks(tx: Transaction, alert_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for some in batches(alert_ids):
        query = marks.select().where(marks.c.alert_id.in_(some)).order_by(marks.c.id)
        for row in tx.connection.execute(query).mappings():
            plain = {name: row[name] for name in ("act", "by", "at", "note")}
            found.setdefault(row["alert_id"], []).append(plain)
    return found
