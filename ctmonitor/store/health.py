"""What tells whether the watch goes on: the last looks, what is owed, the last proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from ctmonitor.store.engine import Store, Transaction
from ctmonitor.store.looks import SETTLED
from ctmonitor.store.outbox import WAITING
from ctmonitor.store.schema import deliveries, destinations, journal, sweeps, watch_lists
from ctmonitor.store.values import moment

PROVED = "verified"
"""What the journal calls a proof that everything kept is what was written."""


@dataclass(frozen=True, slots=True)
class Made:
    """A watch list: its name, whether it is of everything, and since when it is there."""

    name: str
    is_all: bool
    at: datetime


def last_looks(tx: Transaction) -> dict[str, datetime]:
    """By scope, when the last look at it ended that was complete and whose findings stood."""
    query = (
        sa.select(sweeps.c.scope, sa.func.max(sweeps.c.finished_at).label("last"))
        .where(sweeps.c.state.in_(SETTLED), sweeps.c.is_complete)
        .where(sweeps.c.finished_at.is_not(None))
        .group_by(sweeps.c.scope)
    )
    return {row.scope: moment(row.last) for row in tx.connection.execute(query)}


def lists_made(tx: Transaction) -> list[Made]:
    """Every watch list, by name, with when it was made."""
    columns = watch_lists.c.name, watch_lists.c.is_all, watch_lists.c.made_at
    rows = tx.connection.execute(sa.select(*columns).order_by(watch_lists.c.name))
    return [Made(row.name, bool(row.is_all), moment(row.made_at)) for row in rows]


def oldest_due(tx: Transaction) -> datetime | None:
    """The earliest instant at which anything was to leave that has not; None when nothing is.

    What waits for an address that is not sent to is no delay.
    """
    shut = sa.select(destinations.c.address).where(_is_shut())
    query = sa.select(sa.func.min(deliveries.c.next_try_at)).where(
        deliveries.c.state.in_(WAITING), deliveries.c.address.not_in(shut)
    )
    found = tx.connection.execute(query).scalar_one()
    return moment(found) if found else None


def dead_letters(tx: Transaction) -> int:
    """How many deliveries were given up."""
    query = sa.select(sa.func.count()).where(deliveries.c.state == "dead")
    return int(tx.connection.execute(query.select_from(deliveries)).scalar_one())


def not_working(tx: Transaction) -> list[str]:
    """The addresses that nothing is sent to for now: paused, or suspended."""
    query = sa.select(destinations.c.address).where(_is_shut())
    return list(tx.connection.execute(query.order_by(destinations.c.address)).scalars())


def last_proof(tx: Transaction) -> datetime | None:
    """When everything kept was last proved to be what was written; None when it never was."""
    return _noted(tx, sa.func.max(journal.c.at), journal.c.act == PROVED)


def first_act(tx: Transaction) -> datetime | None:
    """When the first act was written into the journal; None when none was."""
    return _noted(tx, sa.func.min(journal.c.at), sa.true())


def _is_shut() -> sa.ColumnElement[bool]:
    # One that failed, though not yet often enough to be paused, is tried as ever.
    return destinations.c.state != "failing"


def _noted(
    tx: Transaction, wanted: sa.ColumnElement[str], among: sa.ColumnElement[bool]
) -> datetime | None:
    found = tx.connection.execute(sa.select(wanted).where(among)).scalar_one()
    return moment(found) if found else None


def file_of(store: Store) -> Path | None:
    """The file that holds a store; None when a database server does, or the memory."""
    database = store.engine.url.database
    is_file = store.engine.dialect.name == "sqlite" and database not in (None, "", ":memory:")
    return Path(str(database)).absolute() if is_file else None
