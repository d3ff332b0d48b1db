"""Take in mails that came back: what was in them is owed again, and who is gone is left alone."""

from __future__ import annotations

from dataclasses import dataclass

from ctmonitor.delivery.bounce import Returned
from ctmonitor.errors import DeliveryFailed
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.failures import Telling, again_at
from ctmonitor.rules import Tuning
from ctmonitor.store import Store, journal, outbox


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one mail that came back, to which address it had gone."""

    address: str
    state: str
    why: str


def take_in(
    store: Store, returned: Returned, *, operator: str | None, tuning: Tuning, clock: Clock
) -> Taken | None:
    """Owe what came back once more, as one that did not leave; None when nothing is to be done.

    The same mail taken in twice changes nothing the second time.
    """
    now = clock.now()
    with store.writing() as tx:
        delivery = outbox.sent_with(tx, returned.key) if returned.failed else None
        if delivery is None:
            return None
        problem = DeliveryFailed(
            delivery.address, returned.why, permanent=False, is_gone=returned.is_gone
        )
        again = again_at(delivery, problem, now)
        outbox.came_back(tx, delivery, returned.why, again, now)
        telling = Telling(operator, tuning, clock)
        telling.failed(tx, problem)
        if again is None:
            telling.gave_up(tx, delivery, returned.why)
        state = "dead" if again is None else "suspended" if returned.is_gone else "retrying"
        detail = {"address": delivery.address, "message": delivery.id, "why": returned.why}
        journal.note(tx, "a mail came back", detail, who="ctmonitor", at=now)
    return Taken(delivery.address, state, returned.why)
