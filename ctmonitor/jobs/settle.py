"""Turn what was found into alerts and debts, once, in the transaction that ends a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ctmonitor.alerts import Alert, Told, fold
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.owner import is_gone
from ctmonitor.store import Store, Transaction, journal, outbox, sweeps, watching
from ctmonitor.store import alerts as alerts_kept
from ctmonitor.watches import route

FLOOD_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Occasion:
    """What brought some alerts: a sweep by its id, or a day's due run."""

    name: str
    sweep_id: int | None = None
    data_date: date | None = None


def raise_found(
    tx: Transaction, found: Sequence[Alert], occasion: Occasion, *, flood_limit: int, clock: Clock
) -> tuple[Told, ...]:
    """Raise those never raised before, folding floods, and write who is owed what."""
    new = alerts_kept.not_raised(tx, found)
    told = fold(new, flood_limit=flood_limit, occasion=occasion.name)
    if not told:
        return ()
    at = clock.at()
    ids = alerts_kept.raise_alerts(tx, told, occasion.sweep_id, at)
    detail = {"occasion": occasion.name, "alerts": len(ids)}
    sealed = journal.note(tx, "raised alerts", detail, who="ctmonitor", at=clock.now())
    owed = route(told, watching.all_subscriptions(tx), clock.today)
    outbox.owe(
        tx,
        owed,
        ids,
        sweep_id=occasion.sweep_id,
        data_date=occasion.data_date,
        chain_head=sealed,
        at=at,
        now=clock.now(),
    )
    return told


def take_over_abandoned(store: Store, *, flood_limit: int, clock: Clock) -> int:
    """End looks whose process is gone: raise what they found, and call them interrupted.

    Gives how many there were. What they kept stays; the next look goes on from there.
    """
    with store.reading() as tx:
        if not sweeps.abandoned(tx, is_gone, clock.now()):
            return 0
    with store.writing() as tx:
        found = sweeps.abandoned(tx, is_gone, clock.now())
        for sweep in found:
            then = Clock(zone=clock.zone, day=sweep.today)
            released = sweeps.data_date_of(tx, sweep.id)
            occasion = Occasion(f"sweep {sweep.id}", sweep.id, released)
            pending = alerts_kept.pending(tx, sweep.id)
            told = raise_found(tx, pending, occasion, flood_limit=flood_limit, clock=then)
            alerts_kept.settle(tx, sweep.id)
            counts = sweep.counts.plus(alerts=len(told))
            gap = "its process ended before it had read everything"
            sweeps.finish(tx, sweep.id, counts, state="interrupted", gaps=[gap], now=clock.now())
            detail = {"sweep": sweep.id, "owner": sweep.owner, "alerts": len(told)}
            journal.note(tx, "took over a sweep", detail, who="ctmonitor", at=clock.now())
    return len(found)
