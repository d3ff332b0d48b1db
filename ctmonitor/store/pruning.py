"""Let go of what nobody needs to prove anything: each kind with what stays of it.

Never touched: snapshots, changes, alerts, the journal, versions, dictionaries, spans, what was told
to whom and when, and every look, with its counts.

- *Rejects* keep their place, reason, length and digest; their bytes go.
- *Tries* to send go where the message was sent; its delivery says when, to whom, what, and after
  how many tries. Of what never left, every try stays.
- *Mutes* go once they have ended; the journal has them.
- *Certificates* keep what they prove; of a list of more than a page's worth of entries the first
  ones stay, with how many there were. Looks that found the same release again keep no more than
  their row, which says so. What the next look goes by stays whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ctmonitor.store import journal
from ctmonitor.store.engine import Transaction
from ctmonitor.store.looks import SETTLED
from ctmonitor.store.schema import attempts, deliveries, mutes, rejects, sweeps
from ctmonitor.store.sweeps import MOST_SHOWN
from ctmonitor.store.values import batches, day, instant, json_text, json_value

CUT = "cut"
"""Where a certificate says how long its lists were that were cut."""
_IDLE = "nothing-new"
_ENDS = 2
"""How many ends of looks over a scope are read to tell whether looking fails again and again."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much was let go: rows or lists of each kind, and bytes of rejects and of looks."""

    rejects: int = 0
    attempts: int = 0
    mutes: int = 0
    looks: int = 0
    bytes: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether there was nothing left to let go."""
        return self == Pruned()

    def plain(self) -> dict[str, int]:
        """The counts as an object of JSON."""
        return asdict(self)


def prunable(tx: Transaction, before: datetime) -> Pruned:
    """What `prune` would let go."""
    old = _old_payloads(before)
    looks = list(_slimmer(tx, before))
    size = sa.func.coalesce(sa.func.sum(sa.func.length(rejects.c.payload)), 0)
    count, payloads = tx.connection.execute(sa.select(sa.func.count(), size).where(old)).one()
    return Pruned(
        rejects=count,
        attempts=_count(tx, attempts, _of_sent(before)),
        mutes=_count(tx, mutes, _ended(before)),
        looks=len(looks),
        bytes=int(payloads) + sum(one.freed for one in looks),
    )


def prune(tx: Transaction, before: datetime, *, who: str, at: datetime) -> Pruned:
    """Let go of what is older than an instant; one row of the journal says how much it was.

    Once is as good as twice: the second time nothing is left, and nothing is noted.
    """
    found = prunable(tx, before)
    if found.is_nothing:
        return found
    for one in _slimmer(tx, before):
        its = sweeps.update().where(sweeps.c.id == one.sweep_id)
        tx.connection.execute(its.values(certificate=one.certificate, place=one.place))
    tx.connection.execute(rejects.update().where(_old_payloads(before)).values(payload=b""))
    tx.connection.execute(attempts.delete().where(_of_sent(before)))
    tx.connection.execute(mutes.delete().where(_ended(before)))
    detail = {**found.plain(), "before": instant(before)}
    journal.note(tx, "pruned the store", detail, who=who, at=at)
    return found


def _old_payloads(before: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(rejects.c.seen_at < instant(before), sa.func.length(rejects.c.payload) > 0)


def _of_sent(before: datetime) -> sa.ColumnElement[bool]:
    sent = sa.and_(deliveries.c.state == "sent", deliveries.c.sent_at < instant(before))
    return attempts.c.delivery_id.in_(sa.select(deliveries.c.id).where(sent))


def _ended(before: datetime) -> sa.ColumnElement[bool]:
    return mutes.c.until < day(before.date())


def _count(tx: Transaction, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(which)
    return tx.connection.execute(query).scalar_one()


@dataclass(frozen=True, slots=True)
class _Slimmed:
    """What stays of one look's certificate and place, and the bytes that go."""

    sweep_id: int
    certificate: str
    place: str | None
    freed: int


def _slimmer(tx: Transaction, before: datetime) -> Iterator[_Slimmed]:
    """Old looks of which something can go, with what stays."""
    whole = _gone_by(tx)
    done = _last_settled(tx)
    names = ("id", "scope", "state", "way", "certificate", "place", "data_timestamp_after")
    old = sa.and_(sweeps.c.today < day(before.date()), sweeps.c.state.not_in(("running", "held")))
    ids = tx.connection.execute(sa.select(sweeps.c.id).where(old).order_by(sweeps.c.id)).scalars()
    for some in batches(ids.all()):
        query = sa.select(*(sweeps.c[name] for name in names)).where(sweeps.c.id.in_(some))
        for row in tx.connection.execute(query.order_by(sweeps.c.id)).mappings().all():
            is_over = row["id"] < done.get(row["scope"], 0) and row["data_timestamp_after"]
            place = None if is_over else row["place"]
            certificate = _slim(row, is_kept=row["id"] in whole)
            size = len(row["certificate"]) + len(row["place"] or "")
            freed = size - len(certificate) - len(place or "")
            if freed > 0:
                yield _Slimmed(row["id"], certificate, place, freed)


def _slim(row: Any, *, is_kept: bool) -> str:
    """A certificate without what nobody needs any more."""
    text: str = row["certificate"]
    if row["way"] == _IDLE and row["state"] == "finished" and not is_kept:
        return "{}"
    said = json_value(text)
    long = {
        name: len(value)
        for name, value in said.items()
        if isinstance(value, list) and len(value) > MOST_SHOWN
    }
    if not long:
        return text
    shorter = {name: said[name][:MOST_SHOWN] for name in long}
    return json_text({**said, **shorter, CUT: {**said.get(CUT, {}), **long}})


def _gone_by(tx: Transaction) -> set[int]:
    """The looks whose certificates the next look at their source or scope may read."""
    told = sweeps.c.certificate.contains("numbers_a_request")
    last = sa.select(sa.func.max(sweeps.c.id)).where(told).group_by(sweeps.c.source)
    return set(tx.connection.execute(last).scalars())


def _last_settled(tx: Transaction) -> dict[str, int]:
    """By scope the last look that settled: no look goes on from one before it."""
    query = sa.select(sweeps.c.scope, sa.func.max(sweeps.c.id)).where(
        sweeps.c.state.in_((*SETTLED, "held"))
    )
    rows = tx.connection.execute(query.group_by(sweeps.c.scope))
    return {row[0]: row[1] for row in rows}
