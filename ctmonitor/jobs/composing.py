"""Make the message that is owed: anew from the facts it names, and the same at every try."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ctmonitor.alerts import Alert, folded
from ctmonitor.delivery import Digest, Occasion, Row
from ctmonitor.errors import StoreError
from ctmonitor.jobs.quiet import quiet_alert
from ctmonitor.store import Store, Transaction, alerts, follow_ups, studies, watching
from ctmonitor.store.outbox import Delivery
from ctmonitor.store.questions import Filter, changes_seen
from ctmonitor.watches import WatchList

_TITLE = ("brief_title",)
_TICK = timedelta(microseconds=1)


class Composer:
    """Makes digests for one dispatch; what many subscribers are told alike is read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lists: Sequence[WatchList] | None = None
        self._last: tuple[object, tuple[Row, ...]] | None = None

    def digest(self, delivery: Delivery) -> Digest:
        """The digest that a delivery owes; StoreError when what it names is gone."""
        with self._store.reading() as tx:
            rows = self._rows(tx, delivery)
            is_followed = follow_ups.is_planned_for(tx, delivery.subscriber_id)
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

    def _rows(self, tx: Transaction, delivery: Delivery) -> tuple[Row, ...]:
        told = (delivery.alert_ids, delivery.lists, delivery.made_at)
        if self._last is None or self._last[0] != told:
            if self._lists is None:
                self._lists = watching.all_watch_lists(tx)
            self._last = told, _read_rows(tx, delivery, self._lists)
        return self._last[1]


def _read_rows(tx: Transaction, delivery: Delivery, every: Sequence[WatchList]) -> tuple[Row, ...]:
    raised = alerts.alerts_by_id(tx, delivery.alert_ids)
    if len(raised) != len(set(delivery.alert_ids)):
        raise StoreError(f"delivery {delivery.id}: some of its alerts are gone")
    nct_ids = sorted({one.alert.nct_id for one in raised if one.alert.nct_id})
    titles = _titles(tx, nct_ids, delivery.made_at)
    lists = [one for one in every if one.name in delivery.lists]
    ids = {one.alert.key: one.id for one in raised}
    return tuple(
        Row(
            alert,
            titles.get(alert.nct_id or ""),
            _lists_of(alert, lists) or delivery.lists,
            ids[alert.key],
        )
        for alert in folded(one.alert for one in raised)
    )


def _titles(tx: Transaction, nct_ids: Sequence[str], at: datetime) -> dict[str, str | None]:
    """The titles of studies as they were at an instant, however late the message leaves."""
    found = studies.titles(tx, nct_ids)
    since = Filter(nct_ids=nct_ids, fields=_TITLE, since=at + _TICK)
    if nct_ids:
        found |= {one.nct_id: one.change.before for one in changes_seen(tx, since)}
    return found


def _occasion(about: str) -> Occasion:
    """The occasion by which what is said of a message begins."""
    first = about.partition(" ")[0].rstrip(":,")
    return Occasion(first) if first in list(Occasion) else Occasion.RAISED


def _lists_of(alert: Alert, lists: Sequence[WatchList]) -> tuple[str, ...]:
    """The lists that brought an alert; one that a study left holds it no more."""
    if alert.watch_list is not None:
        return (alert.watch_list,)
    return tuple(one.name for one in lists if one.holds(alert.nct_id))
