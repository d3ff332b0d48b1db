"""What is to be done about an alert when its time has come and nobody has marked it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from ctmonitor.alerts import Severity
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import follow_ups, marks, subscribers
from ctmonitor.store.values import instant
from ctmonitor.watches import Owed

REPEAT, ESCALATE = "repeat", "escalate"
MOST_REPEATS = 8
_ANSWERS = ("seen", "acknowledged", "snoozed", "assigned")
"""The marks by which somebody took an alert on."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One alert to be told again to its subscriber, or for the first time to another address."""

    id: int
    alert_id: int
    subscriber_id: int
    address: str
    kind: str
    nth: int
    repeat_days: int | None
    escalate_to: str | None


def plan(tx: Transaction, owed: Sequence[Owed], ids: Mapping[str, int], now: datetime) -> None:
    """Write down what is to follow on what was owed, by the wish of those it is owed to."""
    wishes = _wishes(tx, [one.subscriber_id for one in owed])
    rows = []
    for one in owed:
        repeat_days, hours = wishes.get(one.subscriber_id, (None, None))
        grave = [alert for alert in one.alerts if alert.severity.rank <= Severity.HIGH.rank]
        for alert in grave:
            row = {"alert_id": ids[alert.key], "subscriber_id": one.subscriber_id, "nth": 1}
            if repeat_days:
                at = instant(now + timedelta(days=repeat_days))
                rows.append({**row, "kind": REPEAT, "at": at})
            if hours:
                at = instant(now + timedelta(hours=hours))
                rows.append({**row, "kind": ESCALATE, "at": at})
    if rows:
        tx.connection.execute(follow_ups.insert(), rows)


def is_planned_for(tx: Transaction, subscriber_id: int) -> bool:
    """Whether something follows what a subscriber is told and nobody marks."""
    return any(_wishes(tx, [subscriber_id]).get(subscriber_id, ()))


def due(tx: Transaction, now: datetime) -> list[FollowUp]:
    """Those whose time has come, of alerts that nobody has taken on."""
    answered = sa.select(marks.c.alert_id).where(marks.c.act.in_(_ANSWERS))
    query = (
        sa.select(
            *(follow_ups.c[name] for name in ("id", "alert_id", "subscriber_id", "kind", "nth")),
            *(subscribers.c[name] for name in ("address", "repeat_days", "escalate_to")),
        )
        .join(subscribers, subscribers.c.id == follow_ups.c.subscriber_id)
        .where(follow_ups.c.at <= instant(now), follow_ups.c.alert_id.not_in(answered))
        .order_by(follow_ups.c.id)
    )
    return [FollowUp(**row) for row in tx.connection.execute(query).mappings()]


def done(tx: Transaction, now: datetime) -> None:
    """Forget those whose time has come: they were carried out, or were not to be."""
    tx.connection.execute(follow_ups.delete().where(follow_ups.c.at <= instant(now)))


def again(tx: Transaction, one: FollowUp, at: datetime) -> None:
    """Plan the next repeat of an alert, as long as there are not too many."""
    if one.nth < MOST_REPEATS:
        tx.connection.execute(
            follow_ups.insert(),
            {
                "alert_id": one.alert_id,
                "subscriber_id": one.subscriber_id,
                "kind": one.kind,
                "nth": one.nth + 1,
                "at": instant(at),
            },
        )


def _wishes(
    tx: Transaction, subscriber_ids: Sequence[int]
) -> dict[int, tuple[int | None, int | None]]:
    """Of those who wish for any, after how many days to repeat, and hours to escalate."""
    query = sa.select(
        subscribers.c.id, subscribers.c.repeat_days, subscribers.c.escalate_hours
    ).where(sa.or_(subscribers.c.repeat_days > 0, subscribers.c.escalate_hours > 0))
    wanted = set(subscriber_ids)
    return {
        id_: (days, hours) for id_, days, hours in tx.connection.execute(query) if id_ in wanted
    }
