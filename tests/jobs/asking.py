"""What the store says after some looks, in values short enough for an assert."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from ctmonitor.alerts import Severity
from ctmonitor.store import Store, studies, subscribing, watching
from ctmonitor.store.alerts import Raised
from ctmonitor.store.questions import Filter, alerts_raised, changes_of
from ctmonitor.store.schema import alerts, deliveries, pending_alerts
from ctmonitor.store.values import json_value
from ctmonitor.watches import Cadence, WatchList
from tests.builders import NUMBER

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ANN = "ann@clinic.example"


def told(store: Store) -> list[tuple[str | None, str]]:
    """Study and rule of every alert that was told, in the order they were raised."""
    with store.reading() as tx:
        raised = alerts_raised(tx, Filter())
    return [(one.alert.nct_id, one.alert.rule) for one in sorted(raised, key=lambda one: one.id)]


def every_alert(store: Store, *nct_ids: str) -> list[Raised]:
    """Every alert of these studies, members of summaries included."""
    with store.reading() as tx:
        return alerts_raised(tx, Filter(nct_ids=nct_ids))


def changed(store: Store, nct_id: str = NUMBER) -> list[tuple[str, object, object]]:
    """Field, before and after of every change of a study, in the order they were seen."""
    with store.reading() as tx:
        seen = changes_of(tx, nct_id)
    return [(one.change.field, one.change.before, one.change.after) for one in seen]


def number_held(store: Store, nct_id: str = NUMBER) -> int:
    """How many snapshots there are of a study."""
    with store.reading() as tx:
        return studies.held(tx, [nct_id])[nct_id].number


def alerts_waiting(store: Store) -> int:
    """How many alerts wait for their sweep to end."""
    with store.reading() as tx:
        query = sa.select(sa.func.count()).select_from(pending_alerts)
        return tx.connection.execute(query).scalar_one()


def owed(store: Store) -> list[tuple[str, list[tuple[str | None, str]], list[str]]]:
    """Address, alerts and lists of every digest ever owed."""
    with store.reading() as tx:
        rows = tx.connection.execute(deliveries.select().order_by(deliveries.c.id)).mappings().all()
        named = {
            row.id: (row.nct_id, row.rule)
            for row in tx.connection.execute(sa.select(alerts.c.id, alerts.c.nct_id, alerts.c.rule))
        }
    return [
        (
            row["address"],
            [named[id_] for id_ in json_value(row["alert_ids"])],
            json_value(row["lists"]),
        )
        for row in rows
    ]


def watch(store: Store, name: str = "everything", *nct_ids: str) -> WatchList:
    """A watch list of these studies, or of all when none is named."""
    made = WatchList(name, is_all=not nct_ids, nct_ids=frozenset(nct_ids))
    with store.writing() as tx:
        watching.add_watch_list(tx, made, NOW)
    return made


def subscribe(
    store: Store,
    name: str = "everything",
    *,
    address: str = ANN,
    rules: tuple[str, ...] = (),
    min_severity: Severity = Severity.LOW,
) -> None:
    """Let someone hear of a watch list."""
    with store.writing() as tx:
        subscribing.subscribe(
            tx,
            address,
            name,
            rules=rules,
            min_severity=min_severity,
            cadence=Cadence(),
            at=NOW,
        )
