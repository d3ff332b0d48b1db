"""Own rules as rules: what they ask, and how what they tell is worded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import orjson

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Change, Difference, Kind
from ctmonitor.records import Facts, PartialDate, field_named
from ctmonitor.rules.own.turns import Turn
from ctmonitor.rules.own.written import Written, read_written
from ctmonitor.rules.rule import Chosen, Due, Inhibition, Rule, RuleKind
from ctmonitor.rules.several import by_all, counted, of_changes
from ctmonitor.rules.telling import days, of_change, of_facts, one_line, said

SOURCE = "your own rule, written in ctmonitor.toml"
LONGEST_STATE = 40
LONGEST_ITEM = 30


def own_rule(name: str, table: Mapping[str, Any]) -> tuple[Rule, Chosen]:
    """The rule that a table without faults says, and how it is to be asked."""
    written = read_written(name, table)
    severity = Severity(table.get("severity", Severity.NORMAL))
    turn = written.condition.turn
    shape = _of_calendar(written) if turn is None else _of_changes(written, turn)
    rule = Rule(
        name=name,
        question=written.question,
        severity=severity,
        parameters=(),
        source=SOURCE,
        inhibited_by=_outside(written),
        written=orjson.dumps(dict(table), option=orjson.OPT_SORT_KEYS).decode(),
        **shape,
    )
    return rule, Chosen(name, severity, {}, enabled=table.get("enabled", True))


def _outside(written: Written) -> tuple[Inhibition, ...]:
    scope = written.scope
    if not scope.is_narrow:
        return ()
    why = "the study is not one of those that the rule is about"
    return (Inhibition("the rule's scope", why, lambda facts: not scope.holds(facts)),)


def _of_changes(written: Written, turn: Callable[..., Turn]) -> dict[str, Any]:
    wanted = turn(written.field, written.values)

    def ask(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
        if not written.scope.holds(difference.after):
            return
        changes = wanted.of(difference)
        if changes:
            yield _heard(written, _told(written, difference, changes, chosen))

    return {"kind": RuleKind.CHANGE, "fields": tuple(sorted(wanted.fields)), "ask": ask}


def _of_calendar(written: Written) -> dict[str, Any]:
    limit, name, label = written.values["days"], written.field.name, written.field.label
    # On the day itself it is so many days old; it is older from the next day on.
    due = Due(name, days_after=limit + 1, prevented_by=f"a later {label}")

    def ask(facts: Facts, today: date, chosen: Chosen) -> Iterator[Alert]:
        day: PartialDate | None = getattr(facts, name)
        if day is None or not written.scope.holds(facts) or (today - day.last).days <= limit:
            return
        due_on = day.last + timedelta(days=due.days_after)
        headline = f"{label} {day} is more than {days(limit)} ago"
        evidence = {**said(facts, "overall_status", name), "older_than_days": str(limit)}
        alert = of_facts(chosen, facts, headline, basis=str(due_on), evidence=evidence)
        yield _heard(written, alert)

    return {"kind": RuleKind.CALENDAR, "due": due, "ask": ask}


def _heard(written: Written, alert: Alert) -> Alert:
    """The alert, for the subscribers of one watch list alone where the scope names one."""
    if written.scope.watch_list is None:
        return alert
    first = {**alert.evidence[0], "watch_list": written.scope.watch_list}
    return replace(alert, evidence=(first, *alert.evidence[1:]))


def _told(written: Written, difference: Difference, changes: list[Change], chosen: Chosen) -> Alert:
    asked = ({"own_rule": written.condition.in_words(written.field, written.values)},)
    headline = f"{_headline(written, changes)}{by_all(changes)}"
    if len(changes) == 1 and _is_plain(changes[0]):
        return of_change(chosen, difference, changes[0], headline, also=asked)
    return of_changes(chosen, difference, changes, headline, also=asked)


def _headline(written: Written, changes: list[Change]) -> str:
    if len(changes) > 1:
        return f"{_matter(written)}: {_members(changes)}"
    change = changes[0]
    known = field_named(change.field)
    return f"{known.label if known else change.field}{_of_item(change)} {_turned(change)}"


def _matter(written: Written) -> str:
    return one_line(written.condition.in_words(written.field, written.values), 2 * LONGEST_STATE)


def _members(changes: list[Change]) -> str:
    items = {change.item for change in changes}
    is_listed = None not in items
    return counted(len(items), "member") if is_listed else counted(len(changes), "change")


def _is_plain(change: Change) -> bool:
    """Whether the change is of one value and no list member's."""
    values = (change.before, change.after)
    return change.item is None and not any(isinstance(value, dict | list) for value in values)


def _of_item(change: Change) -> str:
    """The list member, where it says more than the values do; a plain value is its own name."""
    if change.item is None or change.item in (change.before, change.after):
        return ""
    return f" of {one_line(change.item, LONGEST_ITEM)}"


def _turned(change: Change) -> str:
    """`1200; was 900`, or only how it changed where the values are no short words."""
    states = [_state(value) for value in (change.after, change.before)]
    if change.kind in (Kind.ADDED, Kind.REMOVED):
        state = states[0] if change.kind is Kind.ADDED else states[1]
        return f"{change.kind}: {state}" if state else str(change.kind)
    if all(states):
        return f"{states[0]}; was {states[1]}"
    return f"changed ({change.kind})"


def _state(value: Any) -> str | None:
    """A value in a few words; None for one that is no plain value, or a long text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str | int | float):
        return None
    text = one_line(str(value), LONGEST_STATE + 1)
    return text if len(text) <= LONGEST_STATE else None
