"""What a reader does by a link in a message: stop, or say that an alert is in hand."""

from __future__ import annotations

from dataclasses import dataclass

from ctmonitor.delivery.tokens import Act, Link, list_digest
from ctmonitor.jobs.clock import Clock
from ctmonitor.store import Store, Transaction, alerts, journal, outbox, readers, subscribing
from ctmonitor.store.readers import Reader

ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link asks for, as its page says it; `is_done` when nothing is left to do."""

    act: Act
    about: str
    is_done: bool


def asked(store: Store, link: Link) -> Asked | None:
    """What a link would do now, without doing it; None when nobody is there to do it for."""
    with store.reading() as tx:
        return _asked(tx, link)


def obey(store: Store, link: Link, clock: Clock) -> Asked | None:
    """Do what a link asks for, once; what it asked for, or None as `asked` gives it."""
    with store.writing() as tx:
        wanted, found = _asked(tx, link), readers.reader(tx, link.subscriber_id)
        if wanted is None or found is None or wanted.is_done:
            return wanted
        if link.act is Act.UNSUBSCRIBE:
            _stop(tx, link, found, clock)
        else:
            _acknowledge(tx, link, found, clock)
    return wanted


def _asked(tx: Transaction, link: Link) -> Asked | None:
    found = readers.reader(tx, link.subscriber_id)
    if found is None:
        return None
    if link.act is Act.UNSUBSCRIBE:
        about = "every watch list" if link.about is None else "this watch list"
        names = _meant(link, found)
        if link.about is not None and names:
            about = f"the watch list {names[0]}"
        return Asked(link.act, about, is_done=not names)
    raised = alerts.alerts_by_id(tx, [int(link.about or 0)])
    if not raised:
        return None
    alert = raised[0].alert
    about = f"{alert.nct_id}: {alert.headline}" if alert.nct_id else alert.headline
    done = readers.is_marked(tx, raised[0].id, ACKNOWLEDGED, found.address)
    return Asked(link.act, about, is_done=done)


def _meant(link: Link, found: Reader) -> tuple[str, ...]:
    """Those of a reader's watch lists that a link is about."""
    if link.about is None:
        return found.lists
    return tuple(name for name in found.lists if list_digest(name) == link.about)


def _stop(tx: Transaction, link: Link, found: Reader, clock: Clock) -> None:
    for name in _meant(link, found):
        subscribing.unsubscribe(tx, found.address, name)
        detail = {"address": found.address, "watch": name, "by": "the link in a message"}
        journal.note(tx, "unsubscribed", detail, who=found.address, at=clock.now())
    if not readers.lists_of(tx, link.subscriber_id):
        outbox.cancel(tx, link.subscriber_id, "the reader unsubscribed")


def _acknowledge(tx: Transaction, link: Link, found: Reader, clock: Clock) -> None:
    alert_id, at = int(link.about or 0), clock.now()
    note = "by the link in a message"
    alerts.mark(tx, alert_id, ACKNOWLEDGED, by=found.address, note=note, at=at)
    detail = {"alert": alert_id, "act": ACKNOWLEDGED, "note": note}
    journal.note(tx, "marked an alert", detail, who=found.address, at=at)
