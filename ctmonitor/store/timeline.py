"""The one history of a study: what we saw of it, and the registry's versions, on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa

from ctmonitor.changes import Change, compare
from ctmonitor.formats.submitted import as_submitted
from ctmonitor.records import Record
from ctmonitor.store import versions
from ctmonitor.store.engine import Transaction
from ctmonitor.store.questions import Snapshot, record_at, snapshots_of
from ctmonitor.store.schema import former_numbers
from ctmonitor.store.values import batches, instant
from ctmonitor.store.versions import Known


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one study: the one it has now, those it had before and since when we know.

    `asked` is the one that somebody named.
    """

    asked: str
    now: str
    former: tuple[tuple[str, str], ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        """All of them, the one it has now first."""
        return (self.now, *(alias for alias, _ in self.former))


@dataclass(frozen=True, slots=True)
class Moment:
    """One state of a study, as we saw it or as the registry numbers it: one of the two."""

    nct_id: str
    snapshot: Snapshot | None = None
    version: Known | None = None

    @property
    def seen_at(self) -> str:
        """When we saw it, or back-filled it."""
        return self._it.seen_at

    @property
    def registry_date(self) -> str | None:
        """The registry's own day for it."""
        return self._it.registry_date

    @property
    def number(self) -> int:
        """The snapshot's number, or the version's."""
        return self.snapshot.number if self.snapshot else self._version.version

    @property
    def name(self) -> str:
        """What people call it: `snapshot 3`, `version 12`."""
        return f"{'snapshot' if self.snapshot else 'version'} {self.number}"

    @property
    def has_content(self) -> bool:
        """Whether the record as it was is kept, and not only that it was."""
        return self.snapshot is not None or self._version.content_id is not None

    @property
    def is_public(self) -> bool:
        """Whether the registry showed it, as far as is known."""
        return self.snapshot is not None or not self._version.is_qc_failed

    @property
    def _it(self) -> Snapshot | Known:
        return self.snapshot or self._version

    @property
    def _version(self) -> Known:
        assert self.version is not None
        return self.version


def numbers_of(tx: Transaction, nct_id: str) -> Numbers:
    """The numbers of a study of which one is named; records are merged, and merged again."""
    now, seen = nct_id, {nct_id}
    while (into := _merged_into(tx, now)) is not None and into not in seen:
        now = into
        seen.add(into)
    found: dict[str, str] = {}
    waiting = [now]
    while waiting:
        rows = _merged_from(tx, waiting)
        waiting = [alias for alias in rows if alias not in found and alias != now]
        found.update((alias, rows[alias]) for alias in waiting)
    return Numbers(nct_id, now, tuple(sorted(found.items())))


def timeline(tx: Transaction, nct_ids: Sequence[str]) -> list[Moment]:
    """Every state of these studies in the order of the registry's clock, then of ours."""
    moments = [
        Moment(nct_id, snapshot=one) for nct_id in nct_ids for one in snapshots_of(tx, nct_id)
    ]
    moments += [Moment(one.nct_id, version=one) for one in versions.known_versions(tx, nct_ids)]
    return sorted(
        moments, key=lambda one: (one.registry_date or one.seen_at[:10], one.seen_at, one.number)
    )


def latest(moments: Sequence[Moment], numbers: Numbers) -> Moment | None:
    """The last state that we saw, of the number the study has now; None when there is none."""
    seen = [one for one in moments if one.snapshot]
    mine = [one for one in seen if one.nct_id == numbers.now] or seen
    return max(mine, key=lambda one: (one.nct_id, one.number), default=None)


def as_of(moments: Sequence[Moment], numbers: Numbers, at: datetime) -> Moment | None:
    """The last state that we had seen at an instant; None when there was none."""
    until = instant(at)
    seen = [one for one in moments if one.snapshot and one.seen_at <= until]
    return max(
        _of_the_number(seen, numbers, until),
        key=lambda one: (one.seen_at, one.number),
        default=None,
    )


def as_registered(moments: Sequence[Moment], numbers: Numbers, on: date) -> Moment | None:
    """The last state that the registry showed on a day, by its own dates; None before the first.

    Versions that failed quality control were not shown. Of one day, what we saw ourselves goes
    before a version: it holds what the registry adds, as the turn to UNKNOWN.
    """
    until = on.isoformat()
    shown = [
        one for one in moments if one.is_public and one.registry_date and one.registry_date <= until
    ]
    return max(
        _of_the_number(shown, numbers, f"{until}~"),
        key=lambda one: (one.registry_date, one.snapshot is not None, one.number, one.seen_at),
        default=None,
    )


def record_of(tx: Transaction, moment: Moment) -> Record | None:
    """The record as it was; None where only a listing told of it."""
    if moment.snapshot is not None:
        return record_at(tx, moment.nct_id, moment.number)
    return versions.record_of(tx, moment._version)


def differences(one: tuple[Moment, Record], other: tuple[Moment, Record]) -> tuple[Change, ...]:
    """Every change between two states; what a version cannot hold is no change against one."""
    (before, old), (after, new) = one, other
    if before.snapshot and after.snapshot:
        return compare(old, new)
    if before.version and after.version:
        # Two versions are two submissions, also when they were posted on one day.
        undated = replace(old.facts, last_update_posted_date=None)
        return compare(replace(old, facts=undated), new)
    return compare(as_submitted(old), as_submitted(new))


def changes_by_version(
    tx: Transaction, moments: Sequence[Moment]
) -> dict[tuple[str, int], tuple[int, tuple[Change, ...]]]:
    """By study and version: the version before it that has a content, and what changed since."""
    found: dict[tuple[str, int], tuple[int, tuple[Change, ...]]] = {}
    before: tuple[Moment, Record] | None = None
    versioned = [one for one in moments if one.version and one.has_content]
    for moment in sorted(versioned, key=lambda one: (one.nct_id, one.number)):
        record = record_of(tx, moment)
        assert record is not None
        now = (moment, record)
        if before is not None and before[0].nct_id == moment.nct_id:
            place = (moment.nct_id, moment.number)
            found[place] = (before[0].number, differences(before, now))
        before = now
    return found


def _of_the_number(found: list[Moment], numbers: Numbers, until: str) -> list[Moment]:
    """The states of the number that stood for the study by then, or of any when it has none.

    Until we knew of a merger two numbers were two studies; since then one stands for both.
    """
    is_merged = any(since <= until for _, since in numbers.former)
    wanted = numbers.now if is_merged else numbers.asked
    return [one for one in found if one.nct_id == wanted] or found


def _merged_into(tx: Transaction, nct_id: str) -> str | None:
    query = sa.select(former_numbers.c.nct_id).where(former_numbers.c.alias == nct_id)
    return tx.connection.execute(query).scalar_one_or_none()


def _merged_from(tx: Transaction, nct_ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in batches(nct_ids):
        query = sa.select(former_numbers.c.alias, former_numbers.c.seen_at)
        rows = tx.connection.execute(query.where(former_numbers.c.nct_id.in_(some)))
        found.update((alias, seen_at) for alias, seen_at in rows)
    return found
