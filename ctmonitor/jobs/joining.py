"""Watch lists that follow a question: which studies joined and left, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ctmonitor.alerts import Alert
from ctmonitor.jobs.intake import Intake, batches
from ctmonitor.jobs.judging import Outcome
from ctmonitor.jobs.registry_look import RegistryLook
from ctmonitor.rules import Membership, judge_membership
from ctmonitor.store import Store, Transaction, fates, statuses, studies, watching


@dataclass(frozen=True, slots=True)
class Move:
    """What one list's new answer changes, against the one before, which was of `since`."""

    watch_list: str
    answer: frozenset[str]
    left: frozenset[str]
    since: str | None = None


def moves(store: Store, look: RegistryLook) -> list[Move]:
    """The lists whose question was answered in full in this look."""
    with store.reading() as tx:
        lists = {one.name: one for one in watching.all_watch_lists(tx)}
        asked = {name: watching.asked_release(tx, name) for name in look.answers if name in lists}
    found = []
    for name, answer in look.answers.items():
        if name in lists:
            was = lists[name].nct_ids if asked[name] else frozenset()
            found.append(Move(name, answer, was - answer, asked[name]))
    return found


def read_what_left(look: RegistryLook, intake: Intake, nct_ids: Collection[str]) -> None:
    """Read the studies that left a list and were not read yet: their records say why."""
    unread = sorted(intake.unseen(nct_ids, look.resumed))
    for batch in batches(look.numbered(unread)):
        intake.take(batch)


def keep(
    tx: Transaction, moved: Sequence[Move], look: RegistryLook, intake: Intake, at: datetime
) -> list[Alert]:
    """Let the lists be what answered; the alerts about what joined and left.

    What is missing stays on its lists until it is removed or found again: nobody knows yet
    whether it left. Merged and removed studies must be noted before.
    """
    data_date = date.fromisoformat(look.release[:10]) if look.release else None
    alerts: list[Alert] = []
    for move in moved:
        gone = _gone(tx, intake.unseen(move.left, look.resumed))
        stays = frozenset(nct_id for nct_id, why in gone.items() if why is None)
        answer = move.answer | stays
        joined, left = watching.answered(tx, move.watch_list, answer, look.release or "", at)
        turns = statuses.turned(tx, joined | left, move.since)
        held = studies.held(tx, sorted(joined | left))
        for nct_id in sorted(joined | left):
            facts = held[nct_id].facts if nct_id in held else None
            is_joined = nct_id in joined
            usual = _joined_as(nct_id, intake) if is_joined else "no longer matches"
            why = gone.get(nct_id) or turns.get(nct_id) or usual
            membership = Membership(move.watch_list, nct_id, facts, is_joined, why, data_date)
            alerts += judge_membership(membership, intake.tuning)
    return alerts


def _gone(tx: Transaction, nct_ids: Collection[str]) -> dict[str, str | None]:
    """Of studies that were not found, what became of each; None where that is not known yet."""
    gone: dict[str, str | None] = dict.fromkeys(nct_ids, "not found in the registry")
    for one in fates.absent(tx, nct_ids):
        gone[one.nct_id] = "removed from the registry" if one.removed_on else None
    led_to = fates.led_to(tx, nct_ids)
    return gone | {nct_id: f"merged into {into}" for nct_id, into in led_to.items()}


def _joined_as(nct_id: str, intake: Intake) -> str:
    return "new to us" if intake.outcomes.get(nct_id) is Outcome.NEW else "matches now"
