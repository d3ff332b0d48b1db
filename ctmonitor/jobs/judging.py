"""What one look means for one study: new, changed, unchanged or older than what we hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ctmonitor.alerts import Alert
from ctmonitor.changes import Change, Difference, compare
from ctmonitor.formats import record_kept, row_digest
from ctmonitor.formats.overlay import overlay
from ctmonitor.records import Facts, Record
from ctmonitor.rules import Tuning, at_snapshot, judge_difference, judge_first_sight
from ctmonitor.store.keeping import Kept
from ctmonitor.store.studies import Held


class Outcome(StrEnum):
    """How a study comes out of a look."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class Judged:
    """One study after one look; `kept` is None when there is nothing to write."""

    nct_id: str
    outcome: Outcome
    glance: bytes
    kept: Kept | None = None
    row_digest: bytes | None = None
    """Of the row that says the same, for a content that is held already."""


def judge(
    record: Record,
    glance: bytes,
    *,
    held: Held | None,
    canonical: bytes | None,
    today: date,
    tuning: Tuning,
) -> Judged:
    """Hold one record against what we know of its study.

    `canonical` is the content we hold; it may be None where the two are alike.
    """
    if held is None:
        return _first_sight(record, glance, today, tuning)
    if _is_older(record.facts, held.facts):
        return Judged(record.nct_id, Outcome.OLDER, glance)
    if is_alike(record, held):
        return _alike(record, glance)
    assert canonical is not None
    before = _record_held(held, canonical)
    return _against(before, record, glance, held=held, today=today, tuning=tuning)


def judge_successive(
    difference: Difference, number: int, *, today: date, tuning: Tuning
) -> tuple[Alert, ...]:
    """What is told of a study that was held when another content of it came, on a day.

    `number` is the snapshot that the content makes. Whoever asks what was, or would have been,
    told of two contents that follow each other asks here: looks, back-tests, explanations.
    """
    alerts = tuple(at_snapshot(alert, number) for alert in judge_difference(difference, tuning))
    if is_first_sight(difference):
        alerts += judge_first_sight(difference.after, today, tuning)
    return alerts


def is_first_sight(difference: Difference) -> bool:
    """Whether how the study stands is said for the first time, though it was seen before."""
    return difference.before.overall_status is None and difference.of("overall_status") is None


def is_alike(record: Record, held: Held) -> bool:
    """Whether a record says just what is held, in the same fields."""
    return record.fingerprint == held.fingerprint and record.coverage == held.coverage


def _first_sight(record: Record, glance: bytes, today: date, tuning: Tuning) -> Judged:
    alerts = judge_first_sight(record.facts, today, tuning)
    kept = Kept(record, glance, None, (), alerts, record.facts.registry_date)
    return Judged(record.nct_id, Outcome.NEW, glance, kept)


def _against(
    before: Record, record: Record, glance: bytes, *, held: Held, today: date, tuning: Tuning
) -> Judged:
    changes = compare(before, record)
    if record.coverage is not None:
        record = overlay(before, record, {change.field for change in changes})
    if not changes and (record.coverage == held.coverage):
        # Other bytes for the same content: members in another order, or a thinner format.
        return _alike(record, glance)
    difference = Difference(held.facts, record.facts, changes)
    alerts = judge_successive(difference, held.number + 1, today=today, tuning=tuning)
    said_on = _said_on(held.facts, record.facts, changes)
    kept = Kept(record, glance, held, changes, alerts, said_on, before.canonical)
    outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
    return Judged(record.nct_id, outcome, glance, kept)


def _alike(record: Record, glance: bytes) -> Judged:
    """Other bytes for what is held."""
    return Judged(record.nct_id, Outcome.UNCHANGED, glance, row_digest=row_digest(record))


def _is_older(now: Facts, held: Facts) -> bool:
    """Whether a record is of an older release than what we hold, as far as it can be told."""
    if now.data_date and held.data_date and now.data_date != held.data_date:
        return now.data_date < held.data_date
    posted, was = now.last_update_posted_date, held.last_update_posted_date
    return posted is not None and was is not None and posted.last < was.last


def _record_held(held: Held, canonical: bytes) -> Record:
    return record_kept(
        canonical, facts=held.facts, fingerprint=held.fingerprint, coverage=held.coverage
    )


def _said_on(before: Facts, after: Facts, changes: tuple[Change, ...]) -> date | None:
    """The registry's own day for what changed: posted, or else the release it came with."""
    if not changes:
        return after.registry_date
    posted = after.last_update_posted_date
    if posted is not None and posted != before.last_update_posted_date:
        return posted.last
    return after.data_date
