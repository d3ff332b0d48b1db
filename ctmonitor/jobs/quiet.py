"""Once a week without news, tell a subscriber that the watch goes on: silence proves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from ctmonitor.alerts import Alert, Severity
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.health import SATURDAY, Health, health
from ctmonitor.store import Store, Transaction, journal, silence, subscribing
from ctmonitor.store import health as asked
from ctmonitor.store.silence import ALL_QUIET
from ctmonitor.watches import Cadence, WatchList

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Quiet:
    """What one subscriber is told: of how many studies and lists there was nothing, since when."""

    since: date
    studies: int
    lists: int
    last_sweep: datetime
    next_sweep: datetime
    data_date: date | None

    @property
    def said(self) -> str:
        """The message; its first words make a subject."""
        lists = "1 watch list" if self.lists == 1 else f"{self.lists:,} watch lists"
        studies = "1 study" if self.studies == 1 else f"{self.studies:,} studies"
        data = f", of data of {self.data_date}" if self.data_date else ""
        return (
            f"All quiet since {self.since}: {studies} on {lists} watched, and nothing to tell. "
            f"The last good sweep was at {self.last_sweep:%Y-%m-%d %H:%M} UTC{data}; the next is "
            f"due by {self.next_sweep:%Y-%m-%d %H:%M} UTC. This comes after a week without news; "
            f"when neither it nor an alert comes, ask whoever runs this monitor."
        )


def owe_quiet(store: Store, clock: Clock, interval: timedelta) -> int:
    """Owe that all goes on to everybody who heard nothing for a week; gives to how many.

    To nobody when the sweeps are late: then it would not be true.
    """
    now = clock.now()
    with store.reading() as tx:
        due = silence.silent(tx, now - WEEK, clock.today)
        last = max(asked.last_looks(tx).values(), default=None)
    if not due or last is None or not _goes_on(health(store, clock, interval)):
        return 0
    with store.writing() as tx:
        return _owe(tx, last, clock, interval)


def quiet_alert(said: str, key: str) -> Alert:
    """What an owed message of this kind says, as the one row of its digest."""
    return Alert(ALL_QUIET, None, said, Severity.LOW, key)


def next_sweep(last: datetime, interval: timedelta, zone: tzinfo) -> datetime:
    """When the next sweep is due at the latest; one that would fall on a weekend waits."""
    due = last + interval
    while due.astimezone(zone).weekday() >= SATURDAY:
        due += timedelta(days=1)
    return due


def _goes_on(found: Health) -> bool:
    return all(check.is_well for check in found.checks if check.name == "sweep")


def _owe(tx: Transaction, last: datetime, clock: Clock, interval: timedelta) -> int:
    now, owed = clock.now(), 0
    # Asked again, since another process may have owed it meanwhile.
    due = silence.silent(tx, now - WEEK, clock.today)
    lists: dict[int, list[WatchList]] = {}
    for wish in subscribing.all_subscriptions(tx):
        lists.setdefault(wish.subscriber_id, []).append(wish.watch_list)
    everything, data_date = silence.studies_there(tx), silence.last_release(tx)
    detail = {"subscribers": [one.subscriber_id for one in due]}
    sealed = journal.note(tx, "owed all quiet", detail, who="ctmonitor", at=now) if due else ""
    for one in due:
        mine = lists[one.subscriber_id]
        told = Quiet(
            since=one.since.astimezone(clock.zone).date(),
            studies=_watched(mine, everything),
            lists=len(mine),
            last_sweep=last,
            next_sweep=next_sweep(last, interval, clock.zone),
            data_date=data_date,
        )
        manner = subscribing.manner_of(tx, one.subscriber_id)
        owed += silence.owe_quiet(
            tx,
            one,
            told.said,
            lists=sorted(item.name for item in mine),
            chain_head=sealed,
            leaves_at=manner.leaves_at(Cadence(), Severity.LOW, now),
            now=now,
        )
    return owed


def _watched(lists: Sequence[WatchList], everything: int) -> int:
    """How many studies are on any of the lists."""
    if any(one.is_all for one in lists):
        return everything
    return len(frozenset().union(*(one.nct_ids for one in lists)))
