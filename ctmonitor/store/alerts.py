"""Alerts: those that wait for their sweep to end, and those that were raised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ctmonitor.alerts import Alert, Severity, Told
from ctmonitor.store import chain
from ctmonitor.store.adding import Row, add_rows, form_of
from ctmonitor.store.engine import Transaction
from ctmonitor.store.schema import alerts, marks, pending_alerts
from ctmonitor.store.values import batches, day, day_of, instant, json_text, json_value

WAITING = ("id",)
"""What the database itself gives to an alert that waits."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert as it was raised, with what people did about it since."""

    id: int
    alert: Alert
    raised_at: str
    sweep_id: int | None
    summary_id: int | None
    marks: tuple[dict[str, Any], ...] = ()


def await_settling(tx: Transaction, sweep_id: int, found: Sequence[Alert], at: datetime) -> None:
    """Keep the alerts that a sweep found until it ends, in the transaction that found them."""
    said = instant(at)
    rows = [waiting_row(alert, sweep_id, said) for alert in found]
    add_rows(tx, pending_alerts, rows, without=WAITING)


def waiting_row(alert: Alert, sweep_id: int, at: str) -> Row:
    """An alert as it waits for its sweep to end, in the table's form."""
    return form_of(pending_alerts, without=WAITING).row(
        {**_columns(alert, at), "sweep_id": sweep_id}
    )


def pending(tx: Transaction, sweep_id: int) -> list[Alert]:
    """The alerts that a sweep found and nobody was told of yet, each key once."""
    query = pending_alerts.select().where(pending_alerts.c.sweep_id == sweep_id)
    query = query.order_by(pending_alerts.c.id).execution_options(yield_per=1_000)
    rows = tx.connection.execute(query).mappings()
    return list({row["key"]: _alert(row) for row in rows}.values())


def pending_by_rule(tx: Transaction, sweep_id: int) -> dict[str, int]:
    """How many alerts of each rule wait for a sweep's end, each key once."""
    one_rule, keys = pending_alerts.c.rule, pending_alerts.c.key
    query = sa.select(one_rule, sa.func.count(keys.distinct()).label("number"))
    query = query.where(pending_alerts.c.sweep_id == sweep_id).group_by(one_rule).order_by(one_rule)
    return {row.rule: row.number for row in tx.connection.execute(query)}


def pending_studies(tx: Transaction, sweep_id: int) -> list[str]:
    """The studies, by number, that the alerts waiting for a sweep's end are about."""
    nct_id = pending_alerts.c.nct_id
    query = sa.select(nct_id).distinct().where(pending_alerts.c.sweep_id == sweep_id)
    return list(tx.connection.execute(query.where(nct_id.is_not(None)).order_by(nct_id)).scalars())


def not_raised(tx: Transaction, found: Iterable[Alert]) -> list[Alert]:
    """Those of these alerts that were never raised before."""
    by_key = {alert.key: alert for alert in found}
    for some in batches(list(by_key)):
        query = sa.select(alerts.c.key).where(alerts.c.key.in_(some))
        for key in tx.connection.execute(query).scalars():
            del by_key[key]
    return list(by_key.values())


def raise_alerts(
    tx: Transaction, told: Sequence[Told], sweep_id: int | None, at: datetime
) -> dict[str, int]:
    """Raise alerts, each summary before its members; gives every alert's id by its key."""
    ids: dict[str, int] = {}
    for one in (one for one in told if one.members):
        [summary] = _raise(tx, [one.alert], sweep_id, None, at).values()
        ids[one.alert.key] = summary
        # A flood may be of a hundred thousand.
        for some in batches(one.members):
            ids |= _raise(tx, some, sweep_id, summary, at)
    return ids | _raise(tx, [one.alert for one in told if not one.members], sweep_id, None, at)


def _raise(
    tx: Transaction,
    found: Sequence[Alert],
    sweep_id: int | None,
    summary_id: int | None,
    at: datetime,
) -> dict[str, int]:
    rows = [_row(alert, sweep_id, summary_id, instant(at)) for alert in found]
    return dict(zip((row["key"] for row in rows), chain.append(tx, alerts, rows), strict=True))


def settle(tx: Transaction, sweep_id: int) -> None:
    """Forget the pending alerts of a sweep, once they were raised or are never to be."""
    tx.connection.execute(pending_alerts.delete().where(pending_alerts.c.sweep_id == sweep_id))


def alerts_by_id(tx: Transaction, ids: Sequence[int]) -> list[Raised]:
    """These alerts, in the order of their ids."""
    found: list[Raised] = []
    for some in batches(ids):
        query = alerts.select().where(alerts.c.id.in_(some))
        found += [raised(row) for row in tx.connection.execute(query).mappings()]
    return sorted(found, key=lambda one: one.id)


def mark(tx: Transaction, alert_id: int, act: str, *, by: str, note: str, at: datetime) -> None:
    """Write an act of a person beside an alert."""
    row = {"alert_id": alert_id, "act": act, "by": by, "at": instant(at), "note": note or None}
    tx.connection.execute(marks.insert(), row)


def raised(row: Any, of_it: Sequence[dict[str, Any]] = ()) -> Raised:
    """The alert in a row of `alerts`, with its marks."""
    return Raised(
        id=row["id"],
        alert=_alert(row),
        raised_at=row["raised_at"],
        sweep_id=row["sweep_id"],
        summary_id=row["summary_id"],
        marks=tuple(of_it),
    )


def _row(alert: Alert, sweep_id: int | None, summary_id: int | None, at: str) -> dict[str, Any]:
    return {**_columns(alert, at), "sweep_id": sweep_id, "summary_id": summary_id}


def _columns(alert: Alert, at: str) -> dict[str, Any]:
    return {
        "key": alert.key,
        "rule": alert.rule,
        "severity": str(alert.severity),
        "nct_id": alert.nct_id,
        "headline": alert.headline,
        "evidence": json_text(alert.evidence),
        "basis": alert.basis,
        "registry_date": day(alert.registry_date),
        "raised_at": at,
    }


def _alert(row: Any) -> Alert:
    return Alert(
        rule=row["rule"],
        nct_id=row["nct_id"],
        headline=row["headline"],
        severity=Severity(row["severity"]),
        basis=row["basis"],
        evidence=tuple(json_value(row["evidence"])),
        registry_date=day_of(row["registry_date"]),
    )
