"""Watch lists that follow a question: which studies joined and left, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ctmonitor.alerts import Alert
from ctmonitor.jobs.intake import Intake, batches
from ctmonitor.jobs.registry_look import RegistryLook
from ctmonitor.rules import Membership, judge_membership
from ctmonitor.store import Store, Transaction, studies, watching


@dataclass(frozen=True, slots=True)
class Move:
    """What one list's new answer changes, against the one before."""

    watch_list: str
    answer: frozenset[str]
    left: frozenset[str]


def moves(store: Store, look: RegistryLook) -> list[Move]:
    """The lists whose question was answered in full in this look."""
    with store.reading() as tx:
        lists = {one.name: one for one in watching.all_watch_lists(tx)}
        asked = {name: watching.asked_release(tx, name) for name in look.answers if name in lists}
    found = []
    for name, answer in look.answers.items():
        if name in lists:
            was = lists[name].nct_ids if asked[name] else frozenset()
            found.append(Move(name, answer, was - answer))
    return found


def read_what_left(look: RegistryLook, intake: Intake, nct_ids: Collection[str]) -> None:
    """Read the studies that left a list and were not read yet: their records say why."""
    unread = sorted(set(nct_ids) - intake.found - look.resumed)
    for batch in batches(look.numbered(unread)):
        intake.take(batch)


def keep(
    tx: Transaction,
    moved: Sequence[Move],
    look: RegistryLook,
    intake: Intake,
    *,
    gone: Mapping[str, str],
    at: datetime,
) -> list[Alert]:
    """Let the lists be what answered; the alerts about what joined and left.

    `gone` says of the studies that the registry no longer has what became of them.
    """
    data_date = date.fromisoformat(look.release[:10]) if look.release else None
    alerts: list[Alert] = []
    for move in moved:
        joined, left = watching.answered(tx, move.watch_list, move.answer, look.release or "", at)
        held = studies.held(tx, sorted(joined | left))
        for nct_id in sorted(joined | left):
            facts = held[nct_id].facts if nct_id in held else None
            is_joined = nct_id in joined
            why = _why_joined(nct_id, intake) if is_joined else _why_left(nct_id, intake, gone)
            membership = Membership(move.watch_list, nct_id, facts, is_joined, why, data_date)
            alerts += judge_membership(membership, intake.tuning)
    return alerts


def _why_joined(nct_id: str, intake: Intake) -> str:
    turn = intake.turns.get(nct_id)
    if turn is not None:
        return f"status changed from {turn[0]} to {turn[1]}"
    return "new to us" if str(intake.outcomes.get(nct_id)) == "new" else "matches now"


def _why_left(nct_id: str, intake: Intake, gone: Mapping[str, str]) -> str:
    turn = intake.turns.get(nct_id)
    if nct_id in gone:
        return gone[nct_id]
    if turn is not None:
        return f"status changed from {turn[0]} to {turn[1]}"
    return "no longer matches"
