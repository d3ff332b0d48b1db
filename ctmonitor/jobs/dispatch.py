"""Send what is owed: claim, send, mark; again later when it did not leave."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import timedelta

from ctmonitor.alerts import Alert, folded
from ctmonitor.delivery import Digest, Outlets, Row, deliver, is_folder
from ctmonitor.errors import DeliveryFailed, ServerUnreachable, StoreError
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.owner import is_gone, me
from ctmonitor.jobs.settle import take_over_abandoned
from ctmonitor.rules import Tuning
from ctmonitor.store import Store, outbox, studies, watching
from ctmonitor.store.alerts import alerts_by_id
from ctmonitor.store.outbox import Delivery
from ctmonitor.watches import WatchList

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between the ten tries; the schedule of the Standard Webhooks specification."""


@dataclass(frozen=True, slots=True)
class DispatchReport:
    """What a dispatch came to: digests sent, to be tried again, given up; and what went wrong."""

    sent: int = 0
    waiting: int = 0
    dead: int = 0
    problems: tuple[str, ...] = ()
    down: str | None = None
    """Why the mail server cannot be used, once it was found so; then no other mail is tried."""

    def plain(self) -> dict[str, object]:
        """The report as an object of JSON."""
        return {
            "sent": self.sent,
            "waiting": self.waiting,
            "dead": self.dead,
            "problems": list(self.problems),
        }


def dispatch(
    store: Store,
    outlets: Outlets,
    *,
    flood_limit: int,
    clock: Clock,
    tuning: Tuning | None = None,
) -> DispatchReport:
    """Send every digest that is owed now; any number of these may run side by side.

    Each is tried once: behind a server that hangs, what failed first would be due again at once.
    """
    take_over_abandoned(store, flood_limit=flood_limit, clock=clock, tuning=tuning)
    owner = me()
    report = DispatchReport()
    begun = clock.now()
    with store.writing() as tx:
        outbox.free_claims_of(tx, is_gone, clock.now())
    while True:
        with store.writing() as tx:
            delivery = outbox.claim_next(tx, owner, clock.now(), due_by=begun)
        if delivery is None:
            return report
        report = _send(store, delivery, outlets, clock, report)


def _send(
    store: Store, delivery: Delivery, outlets: Outlets, clock: Clock, report: DispatchReport
) -> DispatchReport:
    try:
        if report.down and not is_folder(delivery.address):
            raise ServerUnreachable(delivery.address, report.down)
        deliver(_digest(store, delivery), outlets)
    except ServerUnreachable as problem:
        down = replace(report, down=problem.why)
        return _failed(store, delivery, problem, clock, down)
    except DeliveryFailed as problem:
        return _failed(store, delivery, problem, clock, report)
    except Exception as problem:  # one digest that cannot be made must not hold up the others
        why = f"the message could not be made ({type(problem).__name__}: {problem})"
        unmade = DeliveryFailed(delivery.address, why, permanent=False)
        return _failed(store, delivery, unmade, clock, report)
    with store.writing() as tx:
        outbox.sent(tx, delivery, clock.now())
    return replace(report, sent=report.sent + 1)


def _failed(
    store: Store,
    delivery: Delivery,
    problem: DeliveryFailed,
    clock: Clock,
    report: DispatchReport,
) -> DispatchReport:
    is_over = problem.permanent or delivery.tries >= len(WAITS)
    now = clock.now()
    again = None if is_over else now + WAITS[delivery.tries] * random.uniform(0.5, 1)
    with store.writing() as tx:
        outbox.failed(tx, delivery, problem.why, again, now)
    problems = (*report.problems, str(problem))
    if is_over:
        return replace(report, dead=report.dead + 1, problems=problems)
    return replace(report, waiting=report.waiting + 1, problems=problems)


def _digest(store: Store, delivery: Delivery) -> Digest:
    """The digest that a delivery owes, built anew from the facts it names."""
    with store.reading() as tx:
        raised = alerts_by_id(tx, delivery.alert_ids)
        if len(raised) != len(set(delivery.alert_ids)):
            raise StoreError(f"delivery {delivery.id}: some of its alerts are gone")
        nct_ids = sorted({one.alert.nct_id for one in raised if one.alert.nct_id})
        titles = studies.titles(tx, nct_ids)
        lists = [one for one in watching.all_watch_lists(tx) if one.name in delivery.lists]
    rows = tuple(
        Row(
            alert,
            titles.get(alert.nct_id or ""),
            _lists_of(alert, lists) or delivery.lists,
        )
        for alert in folded(one.alert for one in raised)
    )
    return Digest(
        key=delivery.key,
        address=delivery.address,
        lists=delivery.lists,
        rows=rows,
        made_at=delivery.made_at,
        data_date=delivery.data_date,
        chain_head=delivery.chain_head,
    )


def _lists_of(alert: Alert, lists: list[WatchList]) -> tuple[str, ...]:
    """The lists that brought an alert; one that a study left holds it no more."""
    if alert.watch_list is not None:
        return (alert.watch_list,)
    return tuple(one.name for one in lists if one.holds(alert.nct_id))
