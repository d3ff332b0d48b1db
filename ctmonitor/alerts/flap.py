"""What changed and changed back before anybody was told is one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

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
    changes = [told[at].evidence[0] for at in places]
    follows = all(one["after"] == other["before"] for one, other in pairwise(changes))
    return len(changes) > 1 and follows and changes[0]["before"] == changes[-1]["after"]


def _line(alerts: list[Alert]) -> Alert:
    changes = [alert.evidence[0] for alert in alerts]
    states = [changes[0]["before"], *(change["after"] for change in changes)]
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
