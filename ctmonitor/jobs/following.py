"""Tell again what is still so, and tell somebody else what nobody has taken on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from ctmonitor.delivery import Occasion
from ctmonitor.jobs.clock import Clock
from ctmonitor.rules import RuleKind, Tuning, judge_due, judge_first_sight
from ctmonitor.store import (
    Store,
    Transaction,
    alerts,
    follow_ups,
    journal,
    outbox,
    studies,
    subscribing,
)
from ctmonitor.store.alerts import Raised
from ctmonitor.store.follow_ups import REPEAT, FollowUp
from ctmonitor.watches import Cadence, most_at_once

_OF_A_STATE = (RuleKind.CALENDAR, RuleKind.STATE)
"""Rules that tell how a study stands, which can still be so; a change has simply been."""


def follow_up(store: Store, *, tuning: Tuning, clock: Clock) -> int:
    """Owe what is to follow by now; gives how many messages that makes.

    An alert that somebody marked, or that is not so any more, is followed by nothing.
    """
    now = clock.now()
    with store.reading() as tx:
        if not follow_ups.due(tx, now):
            return 0
    with store.writing() as tx:
        due = follow_ups.due(tx, now)
        raised = {one.id: one for one in alerts.alerts_by_id(tx, [one.alert_id for one in due])}
        follow_ups.done(tx, now)
        gathered: dict[tuple[str, str], list[Raised]] = defaultdict(list)
        for one in due:
            found = raised[one.alert_id]
            if one.kind == REPEAT:
                if not _is_still_so(tx, found, tuning, clock):
                    continue
                follow_ups.again(tx, one, now + timedelta(days=one.repeat_days or 1))
            to = one.address if one.kind == REPEAT else one.escalate_to
            if to:
                gathered[to, _about(one)].append(found)
        for (to, about), those in gathered.items():
            owe_again(tx, to, about, those, clock)
    return len(gathered)


def owe_again(tx: Transaction, to: str, about: str, raised: Sequence[Raised], clock: Clock) -> None:
    """Owe alerts that were raised before, to be sent outside the hours of quiet of an address."""
    most = most_at_once(to) or len(raised)
    if len(raised) > most:
        for at in range(0, len(raised), most):
            owe_again(tx, to, about, raised[at : at + most], clock)
        return
    now, ids = clock.now(), sorted(one.id for one in raised)
    detail = {"address": to, "about": about, "alerts": ids}
    sealed = journal.note(tx, "owed again", detail, who="ctmonitor", at=now)
    subscriber_id = subscribing.subscriber(tx, to, now)
    worst = min((one.alert.severity for one in raised), key=lambda one: one.rank)
    leaves_at = subscribing.manner_of(tx, subscriber_id).leaves_at(Cadence(), worst, now)
    outbox.owe_again(
        tx,
        subscriber_id,
        to,
        ids,
        about=about,
        chain_head=sealed,
        leaves_at=leaves_at,
        now=now,
    )


def _about(one: FollowUp) -> str:
    if one.kind == REPEAT:
        return f"{Occasion.REMINDER} {one.nth}"
    return f"{Occasion.ESCALATION}: nobody has marked it; first told to {one.address}"


def _is_still_so(tx: Transaction, raised: Raised, tuning: Tuning, clock: Clock) -> bool:
    """Whether the rule would tell the same today of how the study stands."""
    alert = raised.alert
    rule = tuning.rule_named(alert.rule)
    if rule is None or rule.kind not in _OF_A_STATE or alert.nct_id is None:
        return False
    held = studies.held(tx, [alert.nct_id]).get(alert.nct_id)
    if held is None:
        return False
    judge = judge_due if rule.kind is RuleKind.CALENDAR else judge_first_sight
    return alert.key in {one.key for one in judge(held.facts, clock.today, tuning)}
