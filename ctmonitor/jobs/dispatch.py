"""Send what is owed: claim, send, mark; again later when it did not leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ctmonitor.delivery import Occasion, Outlets, deliver, keeping
from ctmonitor.errors import DeliveryFailed, ServerUnreachable
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.composing import Composer
from ctmonitor.jobs.failures import MAIL_SERVER, Telling, again_at
from ctmonitor.jobs.following import follow_up, owe_again
from ctmonitor.jobs.owner import is_gone, me
from ctmonitor.jobs.settle import take_over_abandoned
from ctmonitor.rules import Tuning
from ctmonitor.store import (
    Store,
    alerts,
    destinations,
    journal,
    outbox,
)
from ctmonitor.store.outbox import Delivery


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
        sending = _Sending(store, kept, clock, telling, Composer(store))
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
    composer: Composer
    report: DispatchReport = field(default_factory=DispatchReport)

    def send(self, delivery: Delivery) -> None:
        """Try one digest, and mark how it went."""
        down = self.report.down
        try:
            if down and _is_mailbox(delivery.address):
                raise ServerUnreachable(delivery.address, down)
            deliver(self.composer.digest(delivery), self.outlets)
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
                # Who was stopped for so long that another took over has nothing more to say.
                if outbox.sent(tx, delivery, self.clock.now()):
                    destinations.worked(tx, delivery.address)
                    if _is_mailbox(delivery.address):
                        destinations.worked(tx, MAIL_SERVER)
            self.report = replace(self.report, sent=self.report.sent + 1)

    def _failed(self, delivery: Delivery, problem: DeliveryFailed) -> None:
        """Mark a failure: to be tried again, or over; and what it says of the way out."""
        now = self.clock.now()
        again = again_at(delivery, problem, now)
        with self.store.writing() as tx:
            is_ours = outbox.failed(tx, delivery, problem.why, again, now)
            # That the server is down counts once, not for every mail that it keeps from leaving.
            is_known = isinstance(problem, ServerUnreachable) and self.report.down is not None
            if is_ours and not is_known:
                self.telling.failed(tx, problem)
            if is_ours and again is None:
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
    """Let what is owed to a way out be tried at once; False when nothing was wrong with it."""
    with store.writing() as tx:
        was_broken = destinations.worked(tx, address)
        if was_broken:
            outbox.hasten(tx, address, clock.now())
            journal.note(tx, "resumed", {"address": address}, who=who, at=clock.now())
    return was_broken
