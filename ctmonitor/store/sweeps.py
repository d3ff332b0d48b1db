"""Looks: begun, kept alive, finished, and taken over when their process is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from ctmonitor.changes import MadeBy
from ctmonitor.errors import AlreadyRunning, StoreBusy
from ctmonitor.formats import Reject
from ctmonitor.store.engine import Transaction
from ctmonitor.store.looks import SETTLED
from ctmonitor.store.schema import changes, field_names, rejects, snapshots, sweeps
from ctmonitor.store.values import day, day_of, instant, json_text, json_value, moment

LEASE = timedelta(minutes=5)
MOST_PAYLOAD = 65_536
MOST_SHOWN = 200
"""Study numbers of a certificate that are printed; a whole registry may be lacking."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a look came to, so far."""

    received: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    rejected: int = 0
    older: int = 0
    changes: int = 0
    alerts: int = 0

    def plus(self, **more: int) -> Counts:
        """The counts with some of them grown."""
        return replace(self, **{name: getattr(self, name) + n for name, n in more.items()})


@dataclass(frozen=True, slots=True)
class Proof:
    """What a look can show for itself: what was expected, the data's timestamps, the rest."""

    expected: int | None = None
    before: str | None = None
    after: str | None = None
    way: str | None = None
    certificate: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One look as it is kept."""

    id: int
    scope: str
    source: str
    state: str
    today: date
    data_timestamp: str | None
    expected: int | None
    counts: Counts
    is_complete: bool
    gaps: tuple[str, ...]
    owner: str
    started_at: datetime
    finished_at: datetime | None
    data_timestamp_before: str | None = None
    way: str | None = None
    certificate: Mapping[str, Any] = field(default_factory=dict)


def begin(
    tx: Transaction, scope: str, source: str, *, today: date, owner: str, now: datetime
) -> int:
    """Begin a look over a scope; AlreadyRunning when another one over it is alive."""
    running = tx.connection.execute(
        sweeps.select().where(sweeps.c.scope == scope, sweeps.c.state == "running")
    ).mappings()
    for row in running:
        raise AlreadyRunning(row["id"], scope, f"{row['started_at'][:19]}Z", row["owner"])
    made = tx.connection.execute(
        sweeps.insert().returning(sweeps.c.id),
        {
            "scope": scope,
            "source": source,
            "state": "running",
            "today": today.isoformat(),
            "is_complete": False,
            "owner": owner,
            "alive_until": instant(now + LEASE),
            "started_at": instant(now),
        },
    )
    return int(made.scalar_one())


def keep_alive(
    tx: Transaction,
    sweep_id: int,
    counts: Counts,
    now: datetime,
    *,
    place: Mapping[str, Any] | None = None,
) -> None:
    """Note how far a look has come, and that its process lives; StoreBusy when it was ended.

    `place` is where a next look can go on; None leaves the one noted before.
    """
    values: dict[str, Any] = {"alive_until": instant(now + LEASE), **asdict(counts)}
    if place is not None:
        values["place"] = json_text(place)
    is_mine = sa.and_(sweeps.c.id == sweep_id, sweeps.c.state == "running")
    done = tx.connection.execute(sweeps.update().where(is_mine).values(**values))
    if done.rowcount != 1:
        raise StoreBusy(f"sweep {sweep_id} was taken over by another process; start it again")


def still_alive(tx: Transaction, sweep_id: int, now: datetime) -> bool:
    """Prolong the lease of a look; False when it is no longer running."""
    is_mine = sa.and_(sweeps.c.id == sweep_id, sweeps.c.state == "running")
    longer = sweeps.update().where(is_mine).values(alive_until=instant(now + LEASE))
    return tx.connection.execute(longer).rowcount == 1


def cut_short(tx: Transaction, sweep_id: int) -> list[int]:
    """The looks, by id, over the scope of one look since the last that finished before it."""
    scope = sa.select(sweeps.c.scope).where(sweeps.c.id == sweep_id).scalar_subquery()
    of_scope = sa.and_(sweeps.c.scope == scope, sweeps.c.id < sweep_id)
    finished = sa.select(sa.func.max(sweeps.c.id)).where(of_scope, sweeps.c.state.in_(SETTLED))
    since = tx.connection.execute(finished).scalar_one() or 0
    query = sa.select(sweeps.c.id).where(of_scope, sweeps.c.id > since)
    return list(tx.connection.execute(query).scalars())


def changed_by_registry(
    tx: Transaction, sweep_ids: Sequence[int], data_date: date | None
) -> Counter[str]:
    """In how many studies each field was changed by the registry, in these looks at one release."""
    if not sweep_ids:
        return Counter()
    query = (
        sa.select(field_names.c.name, sa.func.count(snapshots.c.nct_id.distinct()).label("number"))
        .join_from(changes, snapshots, snapshots.c.id == changes.c.snapshot_id)
        .join(field_names, field_names.c.id == changes.c.field_id)
        .where(snapshots.c.sweep_id.in_(sweep_ids), snapshots.c.data_date == day(data_date))
        .where(changes.c.made_by == str(MadeBy.REGISTRY), changes.c.is_noise.is_(False))
        .group_by(field_names.c.name)
    )
    return Counter({row.name: row.number for row in tx.connection.execute(query)})


def data_date_of(tx: Transaction, sweep_id: int) -> date | None:
    """The latest data date of what a look kept; None when it kept nothing that bears one."""
    query = sa.select(sa.func.max(snapshots.c.data_date)).where(snapshots.c.sweep_id == sweep_id)
    return day_of(tx.connection.execute(query).scalar_one())


def finish(
    tx: Transaction,
    sweep_id: int,
    counts: Counts,
    *,
    state: str,
    proof: Proof | None = None,
    gaps: Sequence[str] = (),
    now: datetime,
) -> None:
    """Close a look: `finished`, `partial`, `failed`, `interrupted`, `held` or `stale`.

    A held look is complete, though its findings wait for a decision.
    """
    proof = proof or Proof()
    tx.connection.execute(
        sweeps.update()
        .where(sweeps.c.id == sweep_id)
        .values(
            state=state,
            is_complete=state in ("finished", "held") and not gaps,
            expected=proof.expected,
            data_timestamp_before=proof.before,
            data_timestamp_after=proof.after,
            gaps=json_text(list(gaps)),
            way=proof.way,
            certificate=json_text(dict(proof.certificate)),
            finished_at=instant(now),
            **asdict(counts),
        )
    )


def abandoned(tx: Transaction, is_gone: Callable[[str], bool], now: datetime) -> list[Sweep]:
    """Looks whose process is gone, or that gave no sign of life for longer than their lease."""
    rows = tx.connection.execute(sweeps.select().where(sweeps.c.state == "running")).mappings()
    return [
        sweep_in(row) for row in rows if row["alive_until"] < instant(now) or is_gone(row["owner"])
    ]


def reject(tx: Transaction, sweep_id: int, found: Sequence[Reject], at: datetime) -> None:
    """Set inputs aside that could not be read, with their reasons and first bytes."""
    if found:
        tx.connection.execute(
            rejects.insert(),
            [
                {
                    "sweep_id": sweep_id,
                    "nct_id": one.nct_id,
                    "source": one.source,
                    "place": one.place,
                    "reason": one.reason,
                    "payload": one.payload[:MOST_PAYLOAD],
                    "payload_bytes": len(one.payload),
                    "payload_sha256": sha256(one.payload).hexdigest(),
                    "seen_at": instant(at),
                }
                for one in found
            ],
        )


def shown(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """A certificate as it is printed: of the studies a held look lacked, only the first."""
    if "lacking" not in certificate:
        return dict(certificate)
    return {**certificate, "lacking": certificate["lacking"][:MOST_SHOWN]}


def sweep_in(row: Any) -> Sweep:
    """The look in a row of `sweeps`."""
    return Sweep(
        id=row["id"],
        scope=row["scope"],
        source=row["source"],
        state=row["state"],
        today=date.fromisoformat(row["today"]),
        data_timestamp=row["data_timestamp_after"],
        expected=row["expected"],
        counts=Counts(**{name: row[name] for name in Counts.__slots__}),
        is_complete=row["is_complete"],
        gaps=tuple(json_value(row["gaps"])),
        owner=row["owner"],
        started_at=moment(row["started_at"]),
        finished_at=moment(row["finished_at"]) if row["finished_at"] else None,
        data_timestamp_before=row["data_timestamp_before"],
        way=row["way"],
        certificate=json_value(row["certificate"]),
    )
