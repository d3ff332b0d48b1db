"""What changed and changed back before anybody was told is one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Any

from ctmonitor.alerts.alert import Alert

LONGEST_STATES = 60
"""Characters of each state that the line names."""


def folded(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """The same in their order, but a field that is again as it was told once.

    Alerts come in the order in which their changes were found. The line stands in the place of the
    last of them, has the severity of the worst, and bears the evidence of all; in the store and
    for questions they stay what they are.
    """
    told = tuple(alerts)
    by_field: dict[tuple[str | None, str, str | None], list[int]] = defaultdict(list)
    for at, alert in enumerate(told):
        change = alert.evidence[0] if alert.evidence else {}
        if {"field", "before", "after"} <= change.keys():
            by_field[alert.nct_id, change["field"], change.get("item")].append(at)
    lines = {places[-1]: places for places in by_field.values() if _is_back(told, places)}
    gone = {at for places in lines.values() for at in places[:-1]}
    return tuple(
        _line([told[one] for one in lines[at]]) if at in lines else alert
        for at, alert in enumerate(told)
        if at not in gone
    )


def _is_back(told: tuple[Alert, ...], places: list[int]) -> bool:
    """Whether these changes of one field follow on each other and end where they began."""
    steps = _steps([told[at] for at in places])
    follows = all(after == before for (_, after), (before, _) in pairwise(steps))
    return len(steps) > 1 and follows and steps[0][0] == steps[-1][1]


def _steps(alerts: list[Alert]) -> list[tuple[Any, Any]]:
    """Each change before and after, in order; one that several rules told of is one step."""
    every = [(change["before"], change["after"]) for change in (one.evidence[0] for one in alerts)]
    return [step for step, _ in groupby(every)]


def _line(alerts: list[Alert]) -> Alert:
    steps = _steps(alerts)
    states = [steps[0][0], *(after for _, after in steps)]
    named = " -> ".join(_said(state) for state in states)
    return replace(
        alerts[-1],
        headline=f"Changed and changed back: {named}",
        severity=min((alert.severity for alert in alerts), key=lambda one: one.rank),
        evidence=tuple(piece for alert in alerts for piece in alert.evidence),
    )


def _said(state: object) -> str:
    text = "not given" if state is None else " ".join(str(state).split())
    return text if len(text) <= LONGEST_STATES else f"{text[: LONGEST_STATES - 1]}…"
