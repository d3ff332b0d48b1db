"""What a rule would have told over some days gone by; nothing is raised, nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from ctmonitor.alerts import Alert, fold
from ctmonitor.changes import Difference, compare
from ctmonitor.errors import CommandWrong
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.judging import judge_successive
from ctmonitor.records import Facts
from ctmonitor.rules import (
    Chosen,
    Rule,
    RuleKind,
    Tuning,
    judge_due,
    judge_first_sight,
    told_after,
    told_from,
)
from ctmonitor.store import Transaction, lookback, subscribing
from ctmonitor.store.lookback import Look, State
from ctmonitor.store.values import moment
from ctmonitor.watches import Subscription, route

A_DAY = timedelta(days=1)
NOON = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from one to another, both among them."""

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Found:
    """An alert that would have been raised on a day, in a look or else by a due run.

    One that `was_due` before the first day would have come on that day only because nobody asked
    earlier. What a look found whose alerts are held, or were forgotten, `is_untold`.
    """

    day: date
    alert: Alert
    sweep_id: int | None = None
    was_due: bool = False
    is_untold: bool = False

    def plain(self) -> dict[str, Any]:
        """The alert as an object of JSON."""
        alert = self.alert
        return {
            "day": self.day.isoformat(),
            "nct_id": alert.nct_id,
            "rule": alert.rule,
            "severity": str(alert.severity),
            "headline": alert.headline,
            "registry_date": alert.registry_date.isoformat() if alert.registry_date else None,
            "sweep": self.sweep_id,
            "was_due": self.was_due,
            "held": self.is_untold,
            "inhibited_by": alert.inhibited_by,
            "evidence": list(alert.evidence),
            "key": alert.key,
        }


@dataclass(frozen=True, slots=True)
class Mail:
    """One digest that a look or a due run would have made, or been the first to fill."""

    day: date
    sweep_id: int | None
    address: str
    alerts: int

    def plain(self) -> dict[str, Any]:
        """The digest as an object of JSON."""
        return {
            "day": self.day.isoformat(),
            "sweep": self.sweep_id,
            "address": self.address,
            "alerts": self.alerts,
        }


@dataclass(frozen=True, slots=True)
class Backtest:
    """What one rule, asked in one way, would have told over a period, and whom."""

    rule: Rule
    chosen: Chosen
    period: Period
    found: tuple[Found, ...]
    mails: tuple[Mail, ...]

    @property
    def study_count(self) -> int:
        """How many studies the alerts are about."""
        return len({one.alert.nct_id for one in self.found})

    @property
    def subscriber_count(self) -> int:
        """How many subscribers would have heard of any."""
        return len({mail.address for mail in self.mails})

    @property
    def months(self) -> list[dict[str, Any]]:
        """The counts by month, without those in which nothing was told."""
        alerts = Counter(f"{one.day:%Y-%m}" for one in self.found)
        mails = Counter(f"{mail.day:%Y-%m}" for mail in self.mails)
        studies = Counter(
            month for month, _ in {(f"{one.day:%Y-%m}", one.alert.nct_id) for one in self.found}
        )
        return [
            {
                "month": month,
                "alerts": alerts[month],
                "studies": studies[month],
                "mails": mails[month],
            }
            for month in sorted(alerts)
        ]

    def plain(self) -> dict[str, Any]:
        """All of it as an object of JSON."""
        return {
            "rule": self.rule.name,
            "kind": str(self.rule.kind),
            "severity": str(self.chosen.severity),
            "parameters": dict(self.chosen.numbers),
            "written": self.rule.written or None,
            "since": self.period.since.isoformat(),
            "until": self.period.until.isoformat(),
            "alerts": len(self.found),
            "studies": self.study_count,
            "mails": len(self.mails),
            "subscribers": self.subscriber_count,
            "was_due": sum(one.was_due for one in self.found),
            "inhibited": sum(one.alert.inhibited_by is not None for one in self.found),
            "held": sum(one.is_untold for one in self.found),
            "months": self.months,
            "found": [one.plain() for one in self.found],
            "mailed": [mail.plain() for mail in self.mails],
        }


def backtest(
    tx: Transaction,
    rule: Rule,
    period: Period,
    *,
    tuning: Tuning,
    flood_limit: int,
    clock: Clock,
) -> Backtest:
    """Ask a rule about every look of a period, or every day of it, by the code that asks it live.

    `tuning` says how, and which rules inhibit it; whether it is switched on does not matter. Mails
    are for the subscriptions as they stand, and of this rule alone. CommandWrong for a rule whose
    question stored states do not answer.
    """
    find = _FINDERS.get(rule.kind)
    if find is None:
        raise CommandWrong(
            f"{rule.name} is asked of {_ASKED_OF[rule.kind]}, of which no history is kept; "
            "back-test a rule of kind change, state or calendar"
        )
    chosen = replace(tuning.of(rule), enabled=True)
    past = _Past(tx, rule, period, chosen, _alone(tuning, rule, chosen), clock)
    found = _each_once(find(past))
    hearers = subscribing.all_subscriptions(tx)
    mails = tuple(_mails(found, hearers, flood_limit, clock))
    return Backtest(rule, chosen, period, found, mails)


@dataclass(frozen=True, slots=True)
class _Past:
    """What the rule is asked about, and how."""

    tx: Transaction
    rule: Rule
    period: Period
    chosen: Chosen
    tuning: Tuning
    clock: Clock

    def looks(self) -> dict[int, Look]:
        """The looks of the period."""
        looks = lookback.looks_since(self.tx, self.period.since)
        return {id_: look for id_, look in looks.items() if look.today <= self.period.until}


def _of_changes(past: _Past) -> Iterator[Found]:
    """What every look told of the studies that it found changed."""
    looks = past.looks()
    # A look asks a rule only about its fields; what changed is kept, and indexed by field.
    wanted = lookback.found_again(past.tx, looks.values(), past.rule.fields)
    yield from _of_differences(past, wanted, looks)


def _of_first_sights(past: _Past) -> Iterator[Found]:
    """What every look told of the studies that it saw for the first time."""
    looks = past.looks()
    for facts, sweep_id in lookback.first_seen(past.tx, looks):
        look = looks[sweep_id]
        for alert in judge_first_sight(facts, look.today, past.tuning):
            yield Found(look.today, alert, look.id, is_untold=look.is_untold)
    unsaid = lookback.without_status(past.tx)
    again = lookback.found_again(past.tx, looks.values()) if unsaid else {}
    yield from _of_differences(past, {of: again[of] for of in unsaid & again.keys()}, looks)


def _of_differences(
    past: _Past, wanted: Mapping[str, Sequence[int]], looks: Mapping[int, Look]
) -> Iterator[Found]:
    for before, after in lookback.successive(past.tx, wanted):
        look = looks[after.sweep_id]
        changes = compare(before.record, after.record)
        difference = Difference(before.record.facts, after.record.facts, changes)
        told = judge_successive(difference, after.number, today=look.today, tuning=past.tuning)
        for alert in told:
            if alert.rule == past.rule.name:
                yield Found(look.today, alert, look.id, is_untold=look.is_untold)


def _of_days(past: _Past) -> Iterator[Found]:
    """What fell due on the days of the period, as if the rule had been asked on each."""
    looks = lookback.looks_since(past.tx, past.period.since)
    moved = lookback.found_again(past.tx, looks.values())
    gone = {
        nct_id: moment(since).astimezone(past.clock.zone).date()
        for nct_id, since in lookback.gone(past.tx).items()
    }
    due = past.rule.due
    assert due is not None
    after = timedelta(days=due.days_after + told_after(past.chosen))
    for facts, sweep_id in lookback.due_by(past.tx, due.field, past.period.until - after):
        if facts.nct_id not in moved:
            first = looks[sweep_id].today if sweep_id in looks else date.min
            yield from _of_span(past, facts, first, gone.get(facts.nct_id, date.max) - A_DAY)
    spans = {nct_id: (min(numbers) - 1, max(numbers)) for nct_id, numbers in moved.items()}
    states = lookback.states_between(past.tx, spans)
    for state, first, last in _spans(states, looks):
        until = min(last, gone.get(state.nct_id, date.max) - A_DAY)
        yield from _of_span(past, state.record.facts, first, until)


def _spans(
    states: Iterator[State], looks: Mapping[int, Look]
) -> Iterator[tuple[State, date, date]]:
    """Each state of each study with the first and the last day on which it stood."""
    before: tuple[State, date] | None = None
    for state in states:
        first = looks[state.sweep_id].today if state.sweep_id in looks else date.min
        if before is not None:
            is_same = before[0].nct_id == state.nct_id
            yield *before, first - A_DAY if is_same and first > date.min else date.max
        before = state, first
    if before is not None:
        yield *before, date.max


def _of_span(past: _Past, facts: Facts, first: date, last: date) -> Iterator[Found]:
    """What is told of a study that stood so from one day to another: on the earliest day it can."""
    speaks_from = told_from(past.rule, facts, past.chosen)
    if speaks_from is None:
        return
    since, until = past.period.since, past.period.until
    today = max(since, first, speaks_from)
    if today <= min(last, until):
        was_due = max(first, speaks_from) < since
        for alert in judge_due(facts, today, past.tuning):
            yield Found(today, alert, was_due=was_due)


_FINDERS: Mapping[RuleKind, Callable[[_Past], Iterator[Found]]] = {
    RuleKind.CHANGE: _of_changes,
    RuleKind.STATE: _of_first_sights,
    RuleKind.CALENDAR: _of_days,
}
_ASKED_OF = {
    RuleKind.SWEEP: "the counts of a whole sweep",
    RuleKind.FATE: "what became of records that were no longer shown",
    RuleKind.MEMBERSHIP: "who joined and left watch lists",
    RuleKind.GUARD: "what ails the monitor itself",
}


def _alone(tuning: Tuning, rule: Rule, chosen: Chosen) -> Tuning:
    """The tuning with no rule switched on but this one, and those that may inhibit it."""
    heard = {rule.name, *(inhibition.by for inhibition in rule.inhibited_by)}
    choices = {
        one.name: replace(tuning.of(one), enabled=tuning.of(one).enabled and one.name in heard)
        for one in tuning.rules
    }
    return replace(tuning, choices={**choices, rule.name: chosen})


def _each_once(found: Iterator[Found]) -> tuple[Found, ...]:
    """The alerts in the order of their days, each fact when it was first found."""
    in_order = sorted(found, key=lambda one: (one.day, one.sweep_id or 0, one.alert.nct_id or ""))
    by_key: dict[str, Found] = {}
    for one in in_order:
        by_key.setdefault(one.alert.key, one)
    return tuple(by_key.values())


def _mails(
    found: Sequence[Found], hearers: Sequence[Subscription], flood_limit: int, clock: Clock
) -> Iterator[Mail]:
    """The digests of each look and each day, floods folded, and gathered to their hour, as live.

    When on its day a look came is taken to be noon.
    """
    by_look: dict[tuple[date, int | None], list[Alert]] = {}
    for one in found:
        if not one.is_untold:
            by_look.setdefault((one.day, one.sweep_id), []).append(one.alert)
    gathered: dict[tuple[int, datetime], Mail] = {}
    for (today, sweep_id), alerts in by_look.items():
        occasion = f"due {today}" if sweep_id is None else f"sweep {sweep_id}"
        told = fold(alerts, flood_limit=flood_limit, occasion=occasion)
        at = clock.start_of(today) + NOON
        for owed in route(told, hearers, today):
            mail = Mail(today, sweep_id, owed.address, len(owed.alerts))
            leaves_at = owed.leaves_at(at)
            if leaves_at <= at:
                yield mail
                continue
            place = (owed.subscriber_id, leaves_at)
            before = gathered.get(place)
            more = before.alerts if before else 0
            gathered[place] = replace(before or mail, alerts=more + mail.alerts)
    yield from gathered.values()
