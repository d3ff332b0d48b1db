"""Who wants to hear of what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from ctmonitor.alerts import Alert, Severity, Told
from ctmonitor.rules import RuleKind, rules_of
from ctmonitor.watches.cadence import Cadence, Manner, Pace, spans
from ctmonitor.watches.question import Question

_OF_MEMBERSHIP = frozenset(rule.name for rule in rules_of(RuleKind.MEMBERSHIP))
MOST_MEMBERS_TOLD = 50
"""Up to this many members of a summary a subscriber is told of each; beyond, of the summary."""
MOST_FOR_A_PROGRAM = 25
"""So many alerts a webhook is told at once: a person reads the worst first, a program all."""


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
    cadence: Cadence = field(default_factory=Cadence)
    manner: Manner = field(default_factory=Manner)

    def wants(self, alert: Alert, today: date) -> bool:
        """Whether its subscriber is to be told of an alert."""
        return (
            self._concerns(alert)
            and (self.rules is None or alert.rule in self.rules)
            and alert.severity.rank <= self.min_severity.rank
            and not any(mute.silences(alert, today) for mute in self.mutes)
        )

    def _concerns(self, alert: Alert) -> bool:
        # Who joins or leaves one list is nobody else's news, nor what a rule for one list tells.
        if alert.watch_list is not None and alert.watch_list != self.watch_list.name:
            return False
        # A study that left a list is held by it no more.
        is_move = alert.watch_list is not None and alert.rule in _OF_MEMBERSHIP
        return is_move or self.watch_list.holds(alert.nct_id)


@dataclass(frozen=True, slots=True)
class Owed:
    """What one subscriber is to be told after one look, how soon, and which lists brought it."""

    subscriber_id: int
    address: str
    alerts: tuple[Alert, ...]
    lists: tuple[str, ...]
    cadence: Cadence = field(default_factory=Cadence)
    manner: Manner = field(default_factory=Manner)

    def leaves_at(self, owed_at: datetime) -> datetime:
        """The instant at which it is to leave, when it came to be owed at one."""
        worst = min((alert.severity for alert in self.alerts), key=lambda one: one.rank)
        return self.manner.leaves_at(self.cadence, worst, owed_at)


def route(
    told: Sequence[Told], subscriptions: Sequence[Subscription], today: date
) -> tuple[Owed, ...]:
    """What each subscriber is owed who wants any of the alerts; a study told once to each.

    What several subscriptions of one subscriber want comes with the soonest of them. What is
    inhibited is owed to nobody: a weightier rule tells it.
    """
    by_subscriber: dict[int, list[Subscription]] = {}
    for subscription in subscriptions:
        by_subscriber.setdefault(subscription.subscriber_id, []).append(subscription)
    told = [one for one in told if one.alert.inhibited_by is None]
    return tuple(
        owed for wishes in by_subscriber.values() for owed in _owed_to(wishes, told, today)
    )


def _owed_to(wishes: Sequence[Subscription], told: Sequence[Told], today: date) -> Iterator[Owed]:
    """What one subscriber is owed, by their wishes: apart what leaves at other times."""
    by_cadence: dict[Cadence, list[Subscription]] = {}
    for wish in sorted(wishes, key=lambda one: one.cadence.rank):
        by_cadence.setdefault(wish.cadence, []).append(wish)
    heard: set[str] = set()
    for cadence, these in by_cadence.items():
        wanted = [(one, _wanted(one, these, today)) for one in told]
        alerts = [alert for _, some in wanted for alert in some if alert.key not in heard]
        heard.update(alert.key for alert in alerts)
        for together in _messages(alerts, cadence, most_at_once(wishes[0].address)):
            keys = {alert.key for alert in together}
            facts = [
                fact
                for one, some in wanted
                if any(alert.key in keys for alert in some)
                for fact in one.members or some
            ]
            lists = [
                wish.watch_list.name
                for wish in wishes
                if any(wish.wants(fact, today) for fact in facts)
            ]
            first = wishes[0]
            yield Owed(
                subscriber_id=first.subscriber_id,
                address=first.address,
                alerts=together,
                lists=tuple(lists),
                cadence=cadence,
                manner=first.manner,
            )


def most_at_once(address: str) -> int | None:
    """How many alerts one message to an address may hold; None means any number."""
    return MOST_FOR_A_PROGRAM if address.startswith("webhook:") else None


def _messages(
    alerts: Sequence[Alert], cadence: Cadence, most: int | None
) -> Iterator[tuple[Alert, ...]]:
    """The alerts that go together: all in one, or each study's in one of its own."""
    by_study: dict[str | None, list[Alert]] = {}
    for alert in alerts:
        by_study.setdefault(alert.nct_id if cadence.pace is Pace.NOW else None, []).append(alert)
    for together in by_study.values():
        step = most or len(together)
        yield from (tuple(together[at : at + step]) for at in range(0, len(together), step))


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


__all__ = [
    "Cadence",
    "Manner",
    "Mute",
    "Owed",
    "Pace",
    "Question",
    "Subscription",
    "WatchList",
    "most_at_once",
    "route",
    "spans",
]
