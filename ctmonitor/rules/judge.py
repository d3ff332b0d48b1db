"""Put every rule to what was found, to what was first seen, to the day, to the whole sweep."""

from __future__ import annotations

from datetime import date

from ctmonitor.alerts import Alert
from ctmonitor.changes import Difference
from ctmonitor.records import Facts
from ctmonitor.rules.calendar import Forecast, because, due_day
from ctmonitor.rules.catalogue import rules_of
from ctmonitor.rules.mass import Tally
from ctmonitor.rules.rule import RuleKind
from ctmonitor.rules.tuning import Tuning


def judge_difference(difference: Difference, tuning: Tuning) -> tuple[Alert, ...]:
    """What the change rules tell; give each to `at_snapshot` before it is raised."""
    return _judge(RuleKind.CHANGE, tuning, difference)


def judge_first_sight(facts: Facts, today: date, tuning: Tuning) -> tuple[Alert, ...]:
    """What the state rules tell of a study that was never seen before."""
    return _judge(RuleKind.STATE, tuning, facts, today)


def judge_due(facts: Facts, today: date, tuning: Tuning) -> tuple[Alert, ...]:
    """What the calendar rules tell of a study today, though nothing changed."""
    return _judge(RuleKind.CALENDAR, tuning, facts, today)


def judge_sweep(tally: Tally, tuning: Tuning) -> tuple[Alert, ...]:
    """What the counts of one sweep tell the operator."""
    return _judge(RuleKind.SWEEP, tuning, tally)


def forecast(facts: Facts, today: date, tuning: Tuning) -> tuple[Forecast, ...]:
    """The due days of a study, past and to come, soonest first."""
    found = []
    for rule in rules_of(RuleKind.CALENDAR):
        due_on = due_day(rule, facts)
        if due_on is not None and tuning.of(rule).enabled:
            left = (due_on - today).days
            found.append(Forecast(facts.nct_id, rule.name, due_on, left, because(facts)))
    return tuple(sorted(found, key=lambda one: (one.due_on, one.rule)))


def _judge(
    kind: RuleKind, tuning: Tuning, *found: Difference | Facts | Tally | date
) -> tuple[Alert, ...]:
    chosen = ((rule, tuning.of(rule)) for rule in rules_of(kind))
    return tuple(
        alert for rule, choice in chosen if choice.enabled for alert in rule.ask(*found, choice)
    )
