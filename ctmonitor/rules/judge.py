"""Put every rule to what was found, first seen or gone, to the day, and to the whole sweep."""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from typing import Any

from ctmonitor.alerts import Alert
from ctmonitor.changes import Difference
from ctmonitor.records import Facts
from ctmonitor.rules.calendar import Forecast, because, due_day, inhibition_of
from ctmonitor.rules.failing import Failing, delivery_failing
from ctmonitor.rules.fate import Fate
from ctmonitor.rules.held import HeldBack, sweep_held
from ctmonitor.rules.mass import Tally
from ctmonitor.rules.membership import Membership
from ctmonitor.rules.rule import Rule, RuleKind
from ctmonitor.rules.tuning import Tuning
from ctmonitor.rules.withheld import alone


def judge_difference(difference: Difference, tuning: Tuning) -> tuple[Alert, ...]:
    """What the change rules tell; give each to `at_snapshot` before it is raised."""
    told_alone = alone(difference)
    changed = {change.field for change in difference.changes}
    asked = (told_alone,) if told_alone else _concerned(tuning, changed)
    return _inhibit(_ask(asked, tuning, difference), tuning)


def judge_first_sight(facts: Facts, today: date, tuning: Tuning) -> tuple[Alert, ...]:
    """What the state rules tell of a study that was never seen before."""
    return _judge(RuleKind.STATE, tuning, facts, today)


def judge_due(facts: Facts, today: date, tuning: Tuning) -> tuple[Alert, ...]:
    """What the calendar rules tell of a study today, though nothing changed."""
    asked = tuning.rules_of(RuleKind.CALENDAR)
    return _ask(
        tuple(rule for rule in asked if inhibition_of(rule, facts) is None), tuning, facts, today
    )


def judge_sweep(tally: Tally, tuning: Tuning) -> tuple[Alert, ...]:
    """What the counts of one sweep tell the operator."""
    return _judge(RuleKind.SWEEP, tuning, tally)


def judge_fate(fate: Fate, tuning: Tuning) -> tuple[Alert, ...]:
    """What is told of a record that is removed, or merged into another."""
    return _judge(RuleKind.FATE, tuning, fate)


def judge_membership(membership: Membership, tuning: Tuning) -> tuple[Alert, ...]:
    """What is told, to the subscribers of one watch list, of a study that joined or left it."""
    return _judge(RuleKind.MEMBERSHIP, tuning, membership)


def judge_held(held: HeldBack, tuning: Tuning) -> tuple[Alert, ...]:
    """What the operator is told of a look whose alerts wait; raise it now, it waits for nobody."""
    return _ask((sweep_held,), tuning, held)


def judge_failing(failing: Failing, tuning: Tuning) -> tuple[Alert, ...]:
    """What the operator is told of a way out that does not work."""
    return _ask((delivery_failing,), tuning, failing)


def forecast(facts: Facts, today: date, tuning: Tuning) -> tuple[Forecast, ...]:
    """The due days of a study, past and to come, soonest first."""
    found = []
    for rule in foretold(tuning):
        due, due_on = rule.due, due_day(rule, facts)
        if due is not None and due_on is not None:
            found.append(
                Forecast(
                    nct_id=facts.nct_id,
                    rule=rule.name,
                    due_on=due_on,
                    days_left=(due_on - today).days,
                    because=because(facts, due.field),
                    sponsor=facts.lead_sponsor,
                    prevented_by=due.prevented_by,
                    probably=due.probably,
                )
            )
    return tuple(sorted(found, key=lambda one: (one.due_on, one.rule)))


def foretold(tuning: Tuning) -> tuple[Rule, ...]:
    """The rules whose due days forecasts list: not those that the operator switched off."""
    return tuple(
        rule
        for rule in tuning.rules_of(RuleKind.CALENDAR)
        if rule.due is not None
        and rule.due.is_foretold
        and (tuning.of(rule).enabled or (rule.is_quiet and rule.name not in tuning.choices))
    )


def _judge(kind: RuleKind, tuning: Tuning, *found: Any) -> tuple[Alert, ...]:
    return _ask(tuning.rules_of(kind), tuning, *found)


def _ask(asked: tuple[Rule, ...], tuning: Tuning, *found: Any) -> tuple[Alert, ...]:
    chosen = ((rule, tuning.of(rule)) for rule in asked)
    return tuple(
        alert for rule, choice in chosen if choice.enabled for alert in rule.ask(*found, choice)
    )


def _concerned(tuning: Tuning, changed: Set[str]) -> tuple[Rule, ...]:
    """The change rules that ask about any of some fields, and those that name none."""
    return tuple(
        rule
        for rule in tuning.rules_of(RuleKind.CHANGE)
        if not rule.fields or not changed.isdisjoint(rule.fields)
    )


def _inhibit(told: tuple[Alert, ...], tuning: Tuning) -> tuple[Alert, ...]:
    """The same, each marked of which a weightier rule told in the same look."""
    names = {alert.rule for alert in told}
    return tuple(_inhibited(alert, names, tuning) for alert in told) if len(names) > 1 else told


def _inhibited(alert: Alert, told: set[str], tuning: Tuning) -> Alert:
    rule = tuning.rule_named(alert.rule)
    for inhibition in rule.inhibited_by if rule else ():
        if inhibition.by in told:
            return alert.inhibited(inhibition.by, inhibition.why)
    return alert
