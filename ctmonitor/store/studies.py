"""The studies as they stand now: what is known of them, and which are due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ctmonitor.records import Facts, OverallStatus
from ctmonitor.store import manifest
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import former_numbers, snapshots, sponsors, studies
from ctmonitor.store.schema.columns import Day, nct_code
from ctmonitor.store.values import batches, facts_in, instant, json_value, listed_numbers

PRESENT = {
    "missing_since": None,
    "missing_release": None,
    "removed_on": None,
    "is_absorbed": None,
}
"""What is noted of a study that was never missing."""
_OF_FACTS = [studies.c[one.name] for one in fields(Facts) if one.name in studies.c]


@dataclass(frozen=True, slots=True)
class Held:
    """One study as we hold it: its facts, and which snapshot is its last."""

    facts: Facts
    number: int
    depth: int
    fingerprint: bytes
    coverage: frozenset[str] | None
    first_seen_at: str


def standing(*more: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """A question for the studies as they stand now, each with the name of its lead sponsor."""
    named = studies.outerjoin(sponsors, sponsors.c.id == studies.c.sponsor_id)
    return sa.select(studies, sponsors.c.name.label("lead_sponsor"), *more).select_from(named)


def known(tx: Transaction, glances: Sequence[bytes]) -> dict[bytes, str]:
    """Of these digests of pieces, those we hold now, with their study's number."""
    rows = _asked_directly(tx, "glance, nct_id", "glance", glances)
    return {bytes(digest): f"NCT{code:08}" for digest, code in rows}


def held(tx: Transaction, nct_ids: Sequence[str]) -> dict[str, Held]:
    """Of these studies, those we hold, as they stand now."""
    found = {}
    for some in batches(nct_ids):
        query = (
            standing(snapshots.c.depth, snapshots.c.coverage)
            .join(
                snapshots,
                sa.and_(
                    snapshots.c.nct_id == studies.c.nct_id,
                    snapshots.c.number == studies.c.number,
                ),
            )
            .where(studies.c.nct_id.in_(some))
        )
        for row in tx.connection.execute(query).mappings():
            found[row["nct_id"]] = _held(row)
    return _as_shown_last(tx, found)


def _as_shown_last(tx: Transaction, found: dict[str, Held]) -> dict[str, Held]:
    """The same with the data date of a later archive, where one showed them as they are held."""
    seen = manifest.seen_by_archives(tx, found)
    dates = manifest.dates_of(tx, set(seen.values())) if seen else {}
    for nct_id, sweep_id in seen.items():
        one, shown_on = found[nct_id], dates.get(sweep_id)
        held_on = one.facts.data_date
        if shown_on is not None and (held_on is None or shown_on > held_on):
            found[nct_id] = replace(one, facts=replace(one.facts, data_date=shown_on))
    return found


def those_held(tx: Transaction, nct_ids: Sequence[str]) -> set[str]:
    """Of these studies, those we hold."""
    among = studies.c.nct_id.in_(listed_numbers(nct_ids, is_sqlite=tx.is_sqlite))
    return set(tx.connection.execute(sa.select(studies.c.nct_id).where(among)).scalars())


def seen_again(
    tx: Transaction, nct_ids: Sequence[str], released: date | None, at: datetime, *, sweep_id: int
) -> None:
    """Note that these studies were there, unchanged, in a release of some data date."""
    day = None if released is None else sa.literal(released.isoformat(), Day())
    seen: dict[str, Any] = {
        "last_seen_at": instant(at),
        "seen_in": sweep_id,
        **present(day),
    }
    if day is not None:
        seen["data_date"] = sa.case((studies.c.data_date < day, day), else_=studies.c.data_date)
    those = studies.c.nct_id.in_(listed_numbers(nct_ids, is_sqlite=tx.is_sqlite))
    tx.connection.execute(studies.update().where(those).values(**seen))


def present(data_date: sa.ColumnElement[str] | None) -> dict[str, Any]:
    """What is noted of a study that a release of a date showed.

    One that a later release did not have is as missing as before: a file may be old.
    """
    if data_date is None:
        return dict(PRESENT)
    missing_on = sa.func.replace(sa.func.substr(studies.c.missing_release, 1, 10), "-", "")
    is_older = sa.type_coerce(sa.cast(missing_on, sa.Integer), Day()) > data_date
    return {name: sa.case((is_older, studies.c[name]), else_=sa.null()) for name in PRESENT}


def looked_the_same(tx: Transaction, seen: Sequence[tuple[str, bytes, bytes | None]]) -> None:
    """Remember new digests of pieces, and of rows, whose content is what we hold."""
    if seen:
        tx.connection.execute(
            studies.update()
            .where(studies.c.nct_id == sa.bindparam("of"))
            .values(glance=sa.bindparam("now"), row_digest=sa.bindparam("row")),
            [{"of": nct_id, "now": glance, "row": row} for nct_id, glance, row in seen],
        )


def row_digests(tx: Transaction, nct_ids: Sequence[str]) -> dict[str, bytes | None]:
    """Of these studies, those we hold, each with the digest of the row that would say the same."""
    codes = [nct_code(nct_id) for nct_id in nct_ids]
    rows = _asked_directly(tx, "nct_id, row_digest", "nct_id", codes)
    return {f"NCT{code:08}": digest for code, digest in rows}


def _asked_directly(
    tx: Transaction, columns: str, among: str, values: Sequence[Any]
) -> Iterator[tuple[Any, Any]]:
    """Two columns of the studies that a column's values name.

    Asked of every study of every look: by the driver itself it costs a fifth.
    """
    place = "?" if tx.is_sqlite else "%s"
    for some in batches(values):
        places = ", ".join([place] * len(some))
        text = f"SELECT {columns} FROM studies WHERE {among} IN ({places})"
        for row in tx.connection.exec_driver_sql(text, tuple(some)).all():
            yield row[0], row[1]


def due(
    tx: Transaction,
    field: str,
    until: date,
    nct_ids: Iterable[str] | None,
    *,
    after: date | None = None,
) -> Iterator[Facts]:
    """The studies whose day in a column has come by `until`, but not by `after`, earliest first.

    `field` is a property of `Facts` (`unknown_due_on`); `nct_ids` None means every study. One that
    is UNKNOWN already does not turn so: most whose day to turn has passed are, and cost nothing.
    """
    column = studies.c[field]
    query = _present_facts().where(_has_come(field, until)).order_by(column, studies.c.nct_id)
    if after is not None:
        query = query.where(column > after.isoformat())
    wanted = None if nct_ids is None else frozenset(nct_ids)
    for row in tx.connection.execute(query).mappings():
        if wanted is None or row["nct_id"] in wanted:
            yield facts_in(row)


def due_anew(
    tx: Transaction, untils: Mapping[str, date], *, snapshot_id: int, nct_ids: Iterable[str]
) -> Iterator[Facts]:
    """The studies that are due by a day in any of some columns, and may not have been before.

    They have a snapshot after the one named, or are among `nct_ids`.
    """
    # Asked in one question, a database would begin with all that is due.
    later = sa.select(snapshots.c.nct_id).where(snapshots.c.id > snapshot_id).distinct()
    changed = {*tx.connection.execute(later).scalars(), *nct_ids}
    has_come = sa.or_(*(_has_come(field, until) for field, until in untils.items()))
    for some in batches(sorted(changed)):
        query = _present_facts().where(studies.c.nct_id.in_(some), has_come)
        for row in tx.connection.execute(query.order_by(studies.c.nct_id)).mappings():
            yield facts_in(row)


def due_but_gone(tx: Transaction, untils: Mapping[str, date]) -> list[str]:
    """The studies that are due by a day in any of some columns, and that the registry lacks."""
    query = sa.select(studies.c.nct_id).where(studies.c.missing_since.is_not(None))
    gone = sorted(tx.connection.execute(query).scalars())
    has_come = sa.or_(*(_has_come(field, until) for field, until in untils.items()))
    found: list[str] = []
    for some in batches(gone):
        due_ones = sa.select(studies.c.nct_id).where(studies.c.nct_id.in_(some), has_come)
        found += tx.connection.execute(due_ones.order_by(studies.c.nct_id)).scalars()
    return found


def _has_come(field: str, until: date) -> sa.ColumnElement[bool]:
    has_come = studies.c[field] <= until.isoformat()
    if field != "unknown_due_on":
        return has_come
    return has_come & studies.c.overall_status.is_distinct_from(str(OverallStatus.UNKNOWN))


def _present_facts() -> sa.Select[Any]:
    """The facts of the studies that the registry shows under their numbers."""
    return (
        standing()
        .with_only_columns(*_OF_FACTS, sponsors.c.name.label("lead_sponsor"))
        .where(studies.c.missing_since.is_(None))
        .where(studies.c.removed_on.is_(None))
        .where(studies.c.nct_id.not_in(sa.select(former_numbers.c.alias)))
    )


def count(tx: Transaction) -> int:
    """How many studies we hold."""
    return tx.connection.execute(sa.select(sa.func.count(studies.c.nct_id))).scalar_one()


def codes(tx: Transaction) -> Iterator[int]:
    """The eight digits of every study we hold."""
    for row in tx.connection.exec_driver_sql("SELECT nct_id FROM studies"):
        yield row[0]


def titles(tx: Transaction, nct_ids: Sequence[str]) -> dict[str, str | None]:
    """The brief titles of these studies."""
    found: dict[str, str | None] = {}
    for some in batches(nct_ids):
        query = sa.select(studies.c.nct_id, studies.c.brief_title)
        rows = tx.connection.execute(query.where(studies.c.nct_id.in_(some)))
        found.update((nct_id, title) for nct_id, title in rows)
    return found


def _held(row: Any) -> Held:
    coverage = json_value(row["coverage"])
    return Held(
        facts=facts_in(row),
        number=row["number"],
        depth=row["depth"],
        fingerprint=bytes(row["fingerprint"]),
        coverage=None if coverage is None else frozenset(coverage),
        first_seen_at=row["first_seen_at"],
    )
