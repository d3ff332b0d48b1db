"""Back-filled versions: each listing and each content of one, as it was given, never changed.

A row is one telling of one version. What is known of a version is put together from its rows: the
latest that bears a listing's facts, and the latest that bears a content.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import orjson
import sqlalchemy as sa
import zstandard

from ctmonitor.errors import ChainBroken
from ctmonitor.formats import facts_of, fingerprint_of, record_from
from ctmonitor.formats.history import Version
from ctmonitor.records import Record
from ctmonitor.store import chain
from ctmonitor.store.contents import packed, unpacked
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import versions
from ctmonitor.store.values import batches, day, instant, json_text, json_value

_PLAIN = tuple(column for column in versions.columns if column.name != "content")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one version of one study, without its content.

    `modules` names what it changed; None where no listing told, so that nothing is known of
    `is_qc_failed` either. `content_id` is the row that bears the content; None: there is none.
    """

    nct_id: str
    version: int
    submitted_date: str
    registry_date: str
    overall_status: str | None
    modules: tuple[str, ...] | None
    is_qc_failed: bool
    source: str
    seen_at: str
    content_id: int | None = None
    fingerprints: frozenset[bytes] = field(default=frozenset(), repr=False)
    """Of every content that was ever given for it."""


@dataclass(frozen=True, slots=True)
class Added:
    """What was new among some versions: rows, and how many of them bear a content."""

    rows: int = 0
    contents: int = 0


def keep(tx: Transaction, found: Sequence[tuple[Version, str]], at: datetime) -> Added:
    """Add what these versions, each with its source, tell that was not known; in their order."""
    known = {
        (one.nct_id, one.version): one
        for one in known_versions(tx, {version.nct_id for version, _ in found})
    }
    rows: list[dict[str, Any]] = []
    for version, source in found:
        place = (version.nct_id, version.version)
        row = _row(version, known.get(place), source, at)
        if row is not None:
            rows.append(row)
            # Its id is not known yet; that there is a content is all that matters here.
            known[place] = _told(known.get(place), {**row, "id": 0})
    chain.append(tx, versions, rows)
    return Added(len(rows), sum(row["content"] is not None for row in rows))


def known_versions(tx: Transaction, nct_ids: Iterable[str]) -> list[Known]:
    """Every version of these studies, by study and number."""
    found: dict[tuple[str, int], Known] = {}
    for some in batches(sorted(nct_ids)):
        query = sa.select(*_PLAIN).where(versions.c.nct_id.in_(some)).order_by(versions.c.id)
        for row in tx.connection.execute(query).mappings():
            place = (row["nct_id"], row["version"])
            found[place] = _told(found.get(place), row)
    return [found[place] for place in sorted(found)]


def record_of(tx: Transaction, known: Known) -> Record | None:
    """The content of a version as the record it was; None where it was only listed."""
    if known.content_id is None:
        return None
    query = sa.select(versions.c.id, versions.c.content, versions.c.nct_id)
    canonical = _canonical(
        tx.connection.execute(query.where(versions.c.id == known.content_id)).one()
    )
    content = orjson.loads(canonical)
    return record_from(content, facts=facts_of(content), canonical=canonical)


def verify_contents(tx: Transaction) -> None:
    """Rebuild every content; ChainBroken at the first that is not what its fingerprint says."""
    names = ("id", "nct_id", "content", "fingerprint")
    for row in _each(tx, sa.select(*(versions.c[name] for name in names))):
        if (row.content is None) is not (row.fingerprint is None):
            raise ChainBroken(f"versions: row {row.id} ({row.nct_id}) has lost its content")
        if row.content is not None and fingerprint_of(_canonical(row)) != bytes(row.fingerprint):
            raise ChainBroken(f"versions: row {row.id} ({row.nct_id}) rebuilds to another content")


def _each(tx: Transaction, query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
    """Rows by their ids, some at a time: contents are large."""
    last = 0
    while rows := tx.connection.execute(
        query.where(versions.c.id > last).order_by(versions.c.id).limit(100)
    ).all():
        yield from rows
        last = rows[-1].id


def _canonical(row: Any) -> bytes:
    try:
        return unpacked([bytes(row.content)])
    except zstandard.ZstdError as problem:
        raise ChainBroken(f"versions: row {row.id} ({row.nct_id}): {problem}") from problem


def _row(version: Version, known: Known | None, source: str, at: datetime) -> dict[str, Any] | None:
    """The row that a telling of a version makes; None when nothing in it is new."""
    record = version.record
    if record is not None and known is not None:
        is_known = record.fingerprint in known.fingerprints
        # A record that only stood beside a listing is no better than a version's own.
        if is_known or (version.is_borrowed and known.content_id is not None):
            record = None
    version = replace(version, record=record)
    if record is None and (version.module_labels is None or _is_listed_so(version, known)):
        return None
    if version.module_labels is None and known is not None and known.modules is not None:
        version = replace(
            version,
            submitted_date=date.fromisoformat(known.submitted_date),
            overall_status=known.overall_status,
            module_labels=known.modules,
            is_qc_failed=known.is_qc_failed,
        )
    return {
        "nct_id": version.nct_id,
        "version": version.version,
        "submitted_date": day(version.submitted_date),
        "registry_date": day(version.registry_date),
        "overall_status": version.overall_status,
        "module_labels": json_text(version.module_labels),
        "is_qc_failed": version.is_qc_failed,
        "source": source,
        "seen_at": instant(at),
        "content": None if record is None else packed(record.canonical, None),
        "fingerprint": None if record is None else record.fingerprint,
    }


def _is_listed_so(version: Version, known: Known | None) -> bool:
    return known is not None and (
        known.submitted_date,
        known.overall_status,
        known.modules,
        known.is_qc_failed,
    ) == (
        day(version.submitted_date),
        version.overall_status,
        version.module_labels,
        version.is_qc_failed,
    )


def _told(before: Known | None, row: Any) -> Known:
    """What is known of a version after one more row of it."""
    labels = json_value(row["module_labels"])
    fingerprint = row["fingerprint"]
    now = Known(
        nct_id=row["nct_id"],
        version=row["version"],
        submitted_date=row["submitted_date"],
        registry_date=row["registry_date"],
        overall_status=row["overall_status"],
        modules=None if labels is None else tuple(labels),
        is_qc_failed=bool(row["is_qc_failed"]),
        source=row["source"],
        seen_at=row["seen_at"],
        content_id=None if fingerprint is None else row["id"],
        fingerprints=frozenset() if fingerprint is None else frozenset({bytes(fingerprint)}),
    )
    if before is None:
        return now
    fingerprints = before.fingerprints | now.fingerprints
    if now.content_id is None:
        # When it was posted is known from the content alone, and only of the day it names.
        is_same_day = before.submitted_date == now.submitted_date
        dated = before.registry_date if is_same_day else now.registry_date
        now = replace(now, content_id=before.content_id, registry_date=dated)
    return replace(now, fingerprints=fingerprints)
