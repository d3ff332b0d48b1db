"""What is told of a history, found out day by day: no index, no cursor, no memory but of facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.reference import calendar, changes
from tests.reference.plain import State

History = list[tuple[date, State | None]]
"""What each look found, on its day; None where the study was gone. Fields not said are not in."""
Table = Mapping[str, Mapping[str, Any]]
"""What an operator chose, as in `ctmonitor.toml`."""


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """What was told on a day; `inhibited_by` is the weightier rule that kept it from being sent."""

    day: date
    rule: str
    nct_id: str
    inhibited_by: str = ""


@dataclass(slots=True)
class Told:
    """What is told of one study, in order; a calendar fact that was told is not told again."""

    nct_id: str
    facts: list[Fact] = field(default_factory=list)
    known: set[tuple[str, date]] = field(default_factory=set)

    def look(self, day: date, before: State | None, after: State, table: Table) -> None:
        """A look found the study so, and had found it otherwise, or never, before."""
        if before is None:
            self.facts += [Fact(day, rule, self.nct_id) for rule in told_at_sight(after, table)]
            return
        heard = list(told_of_change(before, after, table))
        for rule in heard:
            by = [name for name in changes.INHIBITED_BY.get(rule, ()) if name in heard]
            self.facts.append(Fact(day, rule, self.nct_id, by[0] if by else ""))

    def ask(self, today: date, state: State, table: Table) -> None:
        """The calendar rules are asked of the study as it stands."""
        for rule, ask in calendar.RULES.items():
            due = ask(state, numbers(rule, calendar.NUMBERS, table))
            is_told = due is not None and due[1] <= today <= due[2] and is_asked(rule, table)
            if is_told and (rule, due[0]) not in self.known:
                self.known.add((rule, due[0]))
                self.facts.append(Fact(today, rule, self.nct_id))


def evaluate(
    nct_id: str, history: History, asked_on: Mapping[date, Table], table: Table
) -> list[Fact]:
    """Every fact told; the calendar rules are asked on some days, tuned as on each of them."""
    told, held, looks = Told(nct_id), None, dict(history)
    day, end = history[0][0], max([history[-1][0], *asked_on])
    while day <= end:
        if looks.get(day) is not None:
            told.look(day, held, looks[day], table)
            held = looks[day]
        is_there = held is not None and shown_on(day, history)
        if day in asked_on and is_there:
            told.ask(day, held, asked_on[day])
        day += timedelta(1)
    return sorted(told.facts)


def shown_on(day: date, history: History) -> bool:
    """Whether the last look found the study."""
    return [found for on, found in history if on <= day][-1] is not None


def told_at_sight(state: State, table: Table) -> Iterator[str]:
    """The state rules."""
    if state.get("overall_status") == "UNKNOWN" and is_asked("unknown-stale", table):
        yield "unknown-stale"


def told_of_change(before: State, after: State, table: Table) -> Iterator[str]:
    """The change rules; a record that is withheld, or comes to light, is told of by one alone."""
    statuses = before.get("overall_status"), after.get("overall_status")
    is_alone = statuses[0] != statuses[1] and "WITHHELD" in statuses
    for rule, ask in changes.RULES.items():
        if (not is_alone or rule in changes.STATUS_RULES) and is_asked(rule, table):
            yield from [rule] * ask(before, after, numbers(rule, changes.NUMBERS, table))


def is_asked(rule: str, table: Table) -> bool:
    """Whether the operator lets the rule be asked."""
    return bool(table.get(rule, {}).get("enabled", rule not in calendar.QUIET))


def numbers(rule: str, shipped: Mapping[str, Mapping[str, float]], table: Table) -> dict[str, Any]:
    """The rule's numbers, as chosen or as shipped."""
    return {**shipped.get(rule, {}), **table.get(rule, {})}
