"""Who wants to hear of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ctmonitor.alerts import Alert, Severity, Told
from ctmonitor.watches.question import Question

MOST_MEMBERS_TOLD = 50
"""Up to this many members of a summary a subscriber is told of each; beyond, of the summary."""


@dataclass(frozen=True, slots=True)
class WatchList:
    """A named set of studies: everything, these numbers, or what answers a question.

    Of a question, `nct_ids` are the studies that answered it when it was last asked in full.
    """

    name: str
    is_all: bool
    nct_ids: frozenset[str] = frozenset()
    question: Question | None = None

    def holds(self, nct_id: str | None) -> bool:
        """Whether a study is on it; None, which is about a whole sweep, only when it is all."""
        return self.is_all or nct_id in self.nct_ids


@dataclass(frozen=True, slots=True)
class Mute:
    """What a subscriber does not want to hear up to and including `until`; None means any."""

    until: date
    nct_id: str | None = None
    rule: str | None = None

    def silences(self, alert: Alert, today: date) -> bool:
        """Whether an alert falls under it today."""
        return (
            today <= self.until
            and self.nct_id in (None, alert.nct_id)
            and self.rule in (None, alert.rule)
        )


@dataclass(frozen=True, slots=True)
class Subscription:
    """The wish of one subscriber to hear about one watch list; `rules` None means all."""

    subscriber_id: int
    address: str
    watch_list: WatchList
    rules: frozenset[str] | None = None
    min_severity: Severity = Severity.LOW
    mutes: tuple[Mute, ...] = ()

    def wants(self, alert: Alert, today: date) -> bool:
        """Whether its subscriber is to be told of an alert."""
        return (
            self._concerns(alert)
            and (self.rules is None or alert.rule in self.rules)
            and alert.severity.rank <= self.min_severity.rank
            and not any(mute.silences(alert, today) for mute in self.mutes)
        )

    def _concerns(self, alert: Alert) -> bool:
        # Who joins or leaves one list is nobody else's news; and a study that left a list is held
        # by it no more.
        if alert.watch_list is not None:
            return alert.watch_list == self.watch_list.name
        return self.watch_list.holds(alert.nct_id)


@dataclass(frozen=True, slots=True)
class Owed:
    """What one subscriber is to be told after one look, and which lists brought it."""

    subscriber_id: int
    address: str
    alerts: tuple[Alert, ...]
    lists: tuple[str, ...]


def route(
    told: Sequence[Told], subscriptions: Sequence[Subscription], today: date
) -> tuple[Owed, ...]:
    """One entry for each subscriber who wants any of the alerts; a study told once to each.

    What is inhibited is owed to nobody: a weightier rule tells it.
    """
    by_subscriber: dict[int, list[Subscription]] = {}
    for subscription in subscriptions:
        by_subscriber.setdefault(subscription.subscriber_id, []).append(subscription)
    told = [one for one in told if one.alert.inhibited_by is None]
    owed = []
    for subscriber_id, wishes in by_subscriber.items():
        heard = [(one, _wanted(one, wishes, today)) for one in told]
        alerts = [alert for _, wanted in heard for alert in wanted]
        if alerts:
            facts = [fact for one, wanted in heard if wanted for fact in one.members or wanted]
            lists = [
                wish.watch_list.name
                for wish in wishes
                if any(wish.wants(fact, today) for fact in facts)
            ]
            owed.append(Owed(subscriber_id, wishes[0].address, tuple(alerts), tuple(lists)))
    return tuple(owed)


def _wanted(told: Told, wishes: Sequence[Subscription], today: date) -> tuple[Alert, ...]:
    """The alert, or of a summary the few members that a subscriber watches.

    Of members that say one fact the summary says it all, however few are watched.
    """
    if not told.members:
        return (told.alert,) if any(wish.wants(told.alert, today) for wish in wishes) else ()
    members = tuple(
        member for member in told.members if any(wish.wants(member, today) for wish in wishes)
    )
    is_whole = told.is_one_fact and bool(members)
    return (told.alert,) if is_whole or len(members) > MOST_MEMBERS_TOLD else members


__all__ = ["Mute", "Owed", "Question", "Subscription", "WatchList", "route"]
