"""Turn what was found into alerts and debts, once, in the transaction that ends a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ctmonitor.alerts import Alert, Told, fold
from ctmonitor.errors import CommandWrong
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.owner import is_gone
from ctmonitor.rules import HeldBack, Looked, Tally, Tuning, judge_held, why_held
from ctmonitor.store import (
    Store,
    Transaction,
    fates,
    follow_ups,
    holding,
    journal,
    outbox,
    subscribing,
    sweeps,
)
from ctmonitor.store import alerts as alerts_kept
from ctmonitor.watches import Subscription, route

FLOOD_LIMIT = 1_000
MOST_STUDIES_NAMED = 10_000
"""So many studies of forgotten alerts stand in the journal; their changes are kept in any case."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What brought some alerts: a sweep by its id, or a day's due run."""

    name: str
    sweep_id: int | None = None
    data_date: date | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the alerts of a held sweep: raised when released, forgotten when absorbed."""

    sweep: int
    state: str
    by_rule: Mapping[str, int]
    reason: str
    missing: int = 0
    """Studies that the sweep did not find, and that count as missing since its release now."""

    @property
    def alerts(self) -> int:
        """How many were raised or forgotten."""
        return sum(self.by_rule.values())

    def plain(self) -> dict[str, Any]:
        """What was done, as an object of JSON."""
        return {
            "sweep": self.sweep,
            "state": self.state,
            "alerts": self.alerts,
            "by_rule": dict(self.by_rule),
            "missing": self.missing,
            "reason": self.reason,
        }


def raise_found(
    tx: Transaction,
    found: Sequence[Alert],
    occasion: Occasion,
    *,
    flood_limit: int,
    clock: Clock,
    hearers: Sequence[Subscription] | None = None,
) -> tuple[Told, ...]:
    """Raise those never raised before, folding floods, and write who is owed what.

    `hearers` None means every subscription as it stands now.
    """
    new = alerts_kept.not_raised(tx, found)
    told = fold(new, flood_limit=flood_limit, occasion=occasion.name)
    if not told:
        return ()
    at = clock.at()
    ids = alerts_kept.raise_alerts(tx, told, occasion.sweep_id, at)
    detail = {"occasion": occasion.name, "alerts": len(ids)}
    sealed = journal.note(tx, "raised alerts", detail, who="ctmonitor", at=clock.now())
    hearers = subscribing.all_subscriptions(tx) if hearers is None else hearers
    owed = route(told, hearers, clock.today)
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
    follow_ups.plan(tx, owed, ids, clock.now())
    return told


def release(
    store: Store, sweep_id: int, *, reason: str, who: str, flood_limit: int, clock: Clock
) -> Settled:
    """Raise the alerts of a held sweep after all, and owe them to who wants them.

    CommandWrong for a sweep that is not there or not held, and without a reason.
    """
    reason = _given(reason, "why the alerts of the sweep are to be raised")
    with store.writing() as tx:
        sweep = holding.held_sweep(tx, sweep_id)
        occasion = Occasion(f"sweep {sweep_id}", sweep_id, _data_date(tx, sweep))
        pending = alerts_kept.pending(tx, sweep_id)
        told = raise_found(tx, pending, occasion, flood_limit=flood_limit, clock=clock)
        alerts_kept.settle(tx, sweep_id)
        missing = _accept(tx, sweep, clock)
        holding.set_state(tx, sweep_id, "released", alerts=len(told), missing=missing)
        by_rule = Counter(sorted(one.alert.rule for one in told))
        settled = Settled(sweep_id, "released", by_rule, reason, missing)
        journal.note(tx, "released a sweep", settled.plain(), who=who, at=clock.now())
    return settled


def absorb(store: Store, sweep_id: int, *, reason: str, who: str, clock: Clock) -> Settled:
    """Forget the alerts of a held sweep; what it kept of the studies stays.

    Nobody is told of the studies that it lacked either, should they turn out to be removed.
    The journal says how many of which rules, and of which studies. CommandWrong for a sweep that
    is not there or not held, and without a reason.
    """
    reason = _given(reason, "why the alerts of the sweep are to be forgotten")
    with store.writing() as tx:
        sweep = holding.held_sweep(tx, sweep_id)
        by_rule = alerts_kept.pending_by_rule(tx, sweep_id)
        nct_ids = alerts_kept.pending_studies(tx, sweep_id)
        alerts_kept.settle(tx, sweep_id)
        missing = _accept(tx, sweep, clock, is_absorbed=True)
        holding.set_state(tx, sweep_id, "absorbed", missing=missing)
        settled = Settled(sweep_id, "absorbed", by_rule, reason, missing)
        named = {"studies": len(nct_ids), "nct_ids": nct_ids[:MOST_STUDIES_NAMED]}
        journal.note(tx, "absorbed a sweep", settled.plain() | named, who=who, at=clock.now())
    return settled


def take_over_abandoned(
    store: Store, *, flood_limit: int, clock: Clock, tuning: Tuning | None = None
) -> int:
    """End looks whose process is gone: raise what they found, and call them interrupted.

    Gives how many there were. What they kept stays; the next look goes on from there. What looks
    like a bad day of the registry is held as if the look had come to its end; `tuning` None
    judges that as no operator changed it.
    """
    tuning = tuning or Tuning()
    with store.reading() as tx:
        if not sweeps.abandoned(tx, is_gone, clock.now()):
            return 0
    with store.writing() as tx:
        found = sweeps.abandoned(tx, is_gone, clock.now())
        for sweep in found:
            then = Clock(zone=clock.zone, day=sweep.today)
            released = sweeps.data_date_of(tx, sweep.id)
            occasion = Occasion(f"sweep {sweep.id}", sweep.id, released)
            held = _why_held(tx, sweep, released, tuning)
            if held:
                news = judge_held(HeldBack(sweep.id, held, sweep.data_timestamp), tuning)
            else:
                news = tuple(alerts_kept.pending(tx, sweep.id))
                alerts_kept.settle(tx, sweep.id)
            told = raise_found(tx, news, occasion, flood_limit=flood_limit, clock=then)
            state = "held" if held else "interrupted"
            counts = sweep.counts.plus(alerts=len(told))
            gap = "its process ended before it had read everything"
            sweeps.finish(tx, sweep.id, counts, state=state, gaps=[gap], now=clock.now())
            detail = {"sweep": sweep.id, "owner": sweep.owner, "alerts": len(told)}
            journal.note(tx, "took over a sweep", detail, who="ctmonitor", at=clock.now())
    return len(found)


def _why_held(
    tx: Transaction, sweep: sweeps.Sweep, released: date | None, tuning: Tuning
) -> tuple[str, ...]:
    """Why what a look found until its process ended is not to be told, if it is not."""
    counts = sweep.counts
    by_registry = sweeps.changed_by_registry(tx, [sweep.id], released)
    compared = counts.changed + counts.unchanged - counts.older
    tally = Tally(max(compared, *by_registry.values(), 0), by_registry, released)
    return why_held(Looked(counts.received, None, 0, tally, False, None, None), tuning)


def _given(reason: str, what: str) -> str:
    if not reason.strip():
        raise CommandWrong(f"the reason is empty; say {what}")
    return reason.strip()


def _accept(
    tx: Transaction, sweep: sweeps.Sweep, clock: Clock, *, is_absorbed: bool = False
) -> int:
    """Believe a look that its studies are gone, so that none is held for them again."""
    lacking = sweep.certificate.get("lacking", ())
    return fates.miss(
        tx,
        lacking,
        sweep.data_timestamp,
        clock.at(),
        sweep_id=sweep.id,
        is_absorbed=is_absorbed,
    )


def _data_date(tx: Transaction, sweep: sweeps.Sweep) -> date | None:
    if sweep.data_timestamp:
        return date.fromisoformat(sweep.data_timestamp[:10])
    return sweeps.data_date_of(tx, sweep.id)
