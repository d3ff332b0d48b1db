"""Send what is owed: claim, send, mark; again later when it did not leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ctmonitor.alerts import Alert, folded
from ctmonitor.delivery import Digest, Occasion, Outlets, Row, deliver, keeping
from ctmonitor.errors import DeliveryFailed, ServerUnreachable, StoreError
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.failures import MAIL_SERVER, Telling, again_at
from ctmonitor.jobs.following import follow_up, owe_again
from ctmonitor.jobs.owner import is_gone, me
from ctmonitor.jobs.quiet import quiet_alert
from ctmonitor.jobs.settle import take_over_abandoned
from ctmonitor.rules import Tuning
from ctmonitor.store import (
    Store,
    alerts,
    destinations,
    follow_ups,
    journal,
    outbox,
    studies,
    watching,
)
from ctmonitor.store.outbox import Delivery
from ctmonitor.watches import WatchList


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
    operator: str | None = None,
) -> DispatchReport:
    """Send every digest that is owed now; any number of these may run side by side.

    Each is tried once: behind a server that hangs, what failed first would be due again at once.
    `operator` is the address that is told of ways out which do not work.
    """
    take_over_abandoned(store, flood_limit=flood_limit, clock=clock, tuning=tuning)
    follow_up(store, tuning=tuning or Tuning(), clock=clock)
    owner, begun = me(), clock.now()
    with store.writing() as tx:
        outbox.free_claims_of(tx, is_gone, begun)
    with keeping(outlets) as kept:
        telling = Telling(operator, tuning or Tuning(), clock)
        sending = _Sending(store, kept, clock, telling)
        while True:
            with store.writing() as tx:
                delivery = outbox.claim_next(tx, owner, clock.now(), due_by=begun)
            if delivery is None:
                return sending.report
            sending.send(delivery)


@dataclass(slots=True)
class _Sending:
    """One dispatch: what it sends by, and what it came to until now."""

    store: Store
    outlets: Outlets
    clock: Clock
    telling: Telling
    report: DispatchReport = field(default_factory=DispatchReport)

    def send(self, delivery: Delivery) -> None:
        """Try one digest, and mark how it went."""
        down = self.report.down
        try:
            if down and _is_mailbox(delivery.address):
                raise ServerUnreachable(delivery.address, down)
            deliver(_digest(self.store, delivery), self.outlets)
        except ServerUnreachable as problem:
            self._failed(delivery, problem)
            self.report = replace(self.report, down=problem.why)
        except DeliveryFailed as problem:
            self._failed(delivery, problem)
        except Exception as problem:  # one that cannot be made must not hold up the others
            why = f"the message could not be made ({type(problem).__name__}: {problem})"
            self._failed(delivery, DeliveryFailed(delivery.address, why, permanent=False))
        else:
            with self.store.writing() as tx:
                outbox.sent(tx, delivery, self.clock.now())
                destinations.worked(tx, delivery.address)
                if _is_mailbox(delivery.address):
                    destinations.worked(tx, MAIL_SERVER)
            self.report = replace(self.report, sent=self.report.sent + 1)

    def _failed(self, delivery: Delivery, problem: DeliveryFailed) -> None:
        """Mark a failure: to be tried again, or over; and what it says of the way out."""
        now = self.clock.now()
        again = again_at(delivery, problem, now)
        with self.store.writing() as tx:
            outbox.failed(tx, delivery, problem.why, again, now)
            # That the server is down counts once, not for every mail that it keeps from leaving.
            if not (isinstance(problem, ServerUnreachable) and self.report.down):
                self.telling.failed(tx, problem)
            if again is None:
                self.telling.gave_up(tx, delivery, problem.why)
        report = replace(self.report, problems=(*self.report.problems, str(problem)))
        if again is None:
            self.report = replace(report, dead=report.dead + 1)
        else:
            self.report = replace(report, waiting=report.waiting + 1)


def _is_mailbox(address: str) -> bool:
    # Every other way out names its kind before a colon, which no mailbox bears.
    return ":" not in address


def replay(store: Store, messages: Sequence[Mapping[str, Any]], *, who: str, clock: Clock) -> int:
    """Owe messages once more, each marked as what it is; gives how many."""
    with store.writing() as tx:
        for one in messages:
            raised = alerts.alerts_by_id(tx, one["alert_ids"])
            about = f"{Occasion.REPLAY} of message {one['id']}, made {one['made_at'][:10]}"
            owe_again(tx, one["address"], about, raised, clock)
        detail = {"messages": [one["id"] for one in messages]}
        journal.note(tx, "replayed messages", detail, who=who, at=clock.now())
    return len(messages)


def resume(store: Store, address: str, *, who: str, clock: Clock) -> bool:
    """Let what is owed to a way out be tried again; False when nothing was wrong with it."""
    with store.writing() as tx:
        was_broken = destinations.worked(tx, address)
        if was_broken:
            journal.note(tx, "resumed", {"address": address}, who=who, at=clock.now())
    return was_broken


def _digest(store: Store, delivery: Delivery) -> Digest:
    """The digest that a delivery owes, built anew from the facts it names."""
    with store.reading() as tx:
        raised = alerts.alerts_by_id(tx, delivery.alert_ids)
        if len(raised) != len(set(delivery.alert_ids)):
            raise StoreError(f"delivery {delivery.id}: some of its alerts are gone")
        nct_ids = sorted({one.alert.nct_id for one in raised if one.alert.nct_id})
        titles = studies.titles(tx, nct_ids)
        lists = [one for one in watching.all_watch_lists(tx) if one.name in delivery.lists]
        is_followed = follow_ups.is_planned_for(tx, delivery.subscriber_id)
    ids = {one.alert.key: one.id for one in raised}
    rows = tuple(
        Row(
            alert,
            titles.get(alert.nct_id or ""),
            _lists_of(alert, lists) or delivery.lists,
            ids[alert.key],
        )
        for alert in folded(one.alert for one in raised)
    )
    about = delivery.about or Occasion.RAISED
    if not delivery.alert_ids:  # the message of a week without any
        rows, about = (Row(quiet_alert(about, delivery.key)),), Occasion.QUIET
    occasion = _occasion(about)
    return Digest(
        key=delivery.key,
        address=delivery.address,
        lists=delivery.lists,
        rows=rows,
        made_at=delivery.made_at,
        data_date=delivery.data_date,
        chain_head=delivery.chain_head,
        occasion=occasion,
        about=delivery.about,
        subscriber_id=delivery.subscriber_id,
        asks_for_marks=is_followed or occasion is Occasion.ESCALATION,
    )


def _occasion(about: str) -> Occasion:
    """The occasion by which what is said of a message begins."""
    first = about.partition(" ")[0].rstrip(":,")
    return Occasion(first) if first in list(Occasion) else Occasion.RAISED


def _lists_of(alert: Alert, lists: list[WatchList]) -> tuple[str, ...]:
    """The lists that brought an alert; one that a study left holds it no more."""
    if alert.watch_list is not None:
        return (alert.watch_list,)
    return tuple(one.name for one in lists if one.holds(alert.nct_id))
