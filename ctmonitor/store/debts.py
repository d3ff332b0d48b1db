"""What became of one alert: to whom it was owed, and how that went; and what waits to be told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import alerts, deliveries, journal, pending_alerts, rejects, sweeps
from ctmonitor.store.sweeps import Sweep, sweep_in
from ctmonitor.store.values import json_value


@dataclass(frozen=True, slots=True)
class Debt:
    """One message that was to bear some alerts to one subscriber, and how it stands."""

    id: int
    address: str
    state: str
    made_at: str
    next_try_at: str
    sent_at: str | None
    tries: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that a look found, and that is not raised: of a look under way, or held."""

    sweep_id: int
    headline: str


def owed_for(tx: Transaction, alert_ids: Collection[int]) -> list[Debt]:
    """The messages that were ever to bear any of these alerts, in the order they were made."""
    names = ("id", "address", "state", "made_at", "next_try_at", "sent_at", "tries", "reason")
    query = sa.select(*(deliveries.c[name] for name in names), deliveries.c.alert_ids)
    # A list of numbers as text: one that has the digits may bear it, and is read.
    may_bear = (deliveries.c.alert_ids.contains(str(id_)) for id_ in alert_ids)
    rows = tx.connection.execute(query.where(sa.or_(*may_bear)).order_by(deliveries.c.id))
    wanted = set(alert_ids)
    return [Debt(*row[:-1]) for row in rows if not wanted.isdisjoint(json_value(row.alert_ids))]


def waiting(tx: Transaction, rule: str, nct_id: str) -> list[Waiting]:
    """The alerts of a rule about a study that looks found, and that are not raised."""
    query = sa.select(pending_alerts.c.sweep_id, pending_alerts.c.headline)
    query = query.where(pending_alerts.c.rule == rule, pending_alerts.c.nct_id == nct_id)
    return [Waiting(*row) for row in tx.connection.execute(query.order_by(pending_alerts.c.id))]


def is_raised(tx: Transaction, key: str) -> int | None:
    """The id of the alert of this key; None when it was never raised."""
    return tx.connection.execute(
        sa.select(alerts.c.id).where(alerts.c.key == key)
    ).scalar_one_or_none()


def members_of(tx: Transaction, summary_id: int) -> int:
    """How many alerts a summary stands for."""
    query = sa.select(sa.func.count()).where(alerts.c.summary_id == summary_id)
    return tx.connection.execute(query).scalar_one()


def look(tx: Transaction, sweep_id: int) -> Sweep:
    """One look, by its id."""
    rows = tx.connection.execute(sweeps.select().where(sweeps.c.id == sweep_id))
    return sweep_in(rows.mappings().one())


def why_settled(tx: Transaction, sweep_id: int) -> str | None:
    """The reason that an operator gave for what became of a held look; None when there is none."""
    acts = ("released a sweep", "absorbed a sweep")
    query = sa.select(journal.c.detail).where(journal.c.act.in_(acts)).order_by(journal.c.id)
    said = (json_value(detail) for detail in tx.connection.execute(query).scalars())
    reasons = [one["reason"] for one in said if one["sweep"] == sweep_id]
    return str(reasons[-1]) if reasons else None


def rejected_of(tx: Transaction, nct_id: str) -> int:
    """How many inputs about a study could not be read."""
    query = sa.select(sa.func.count()).where(rejects.c.nct_id == nct_id)
    return tx.connection.execute(query).scalar_one()
