"""What own rules ask of one field: whether it turned as the operator wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ctmonitor.changes import Change, Difference, Kind
from ctmonitor.records import Field, PartialDate, catalogue
from ctmonitor.rules.own.wildcard import folded, within
from ctmonitor.rules.several import SAME_WORDS

Fits = Callable[[Any], bool]
_AS_EXACT = frozenset({Kind.MORE_EXACT, Kind.LESS_EXACT})


@dataclass(frozen=True, slots=True)
class Turn:
    """Which changes of a look fit: those of `fields` of which `is_asked_for` holds."""

    fields: frozenset[str]
    is_asked_for: Callable[[Change], bool]

    def of(self, difference: Difference) -> list[Change]:
        """The changes of one look that fit; noise never does."""
        return [
            change
            for change in difference.changes
            if change.field in self.fields and not change.is_noise and self.is_asked_for(change)
        ]


def any_change(field: Field, values: Mapping[str, Any]) -> Turn:
    """The field, or anything in it, says something else than before."""
    return Turn(inside(field), lambda change: change.kind not in SAME_WORDS)


def changed_to(field: Field, values: Mapping[str, Any]) -> Turn:
    """The field says a value that it did not say before."""
    return _entered(field, _same_as(field, values["value"]))


def changed_from(field: Field, values: Mapping[str, Any]) -> Turn:
    """The field no longer says a value that it said before."""
    fits = _same_as(field, values["value"])
    said = _Said(field)
    return Turn(
        said.fields,
        lambda change: (
            said.holds(change, change.before, fits) and not said.holds(change, change.after, fits)
        ),
    )


def matches(field: Field, values: Mapping[str, Any]) -> Turn:
    """The field's text has a place that fits a pattern, and had none before."""
    is_in = within(values["pattern"])
    return _entered(field, lambda value: isinstance(value, str) and is_in(value))


def crosses(field: Field, values: Mapping[str, Any]) -> Turn:
    """The field's number or date came to the other side of a threshold.

    The upper side begins with the threshold itself. A date stands for the last day that it can
    mean; one that is only given more or less exactly did not move.
    """
    threshold, wanted = values["threshold"], values.get("direction")

    def is_asked_for(change: Change) -> bool:
        before, after = _side(change.before, threshold), _side(change.after, threshold)
        if change.kind in _AS_EXACT or before is None or after is None or before == after:
            return False
        return wanted is None or (wanted == "up") == after

    return Turn(frozenset({field.name}), is_asked_for)


def _entered(field: Field, fits: Fits) -> Turn:
    said = _Said(field)
    return Turn(
        said.fields,
        lambda change: (
            said.holds(change, change.after, fits) and not said.holds(change, change.before, fits)
        ),
    )


def _side(value: Any, threshold: float | date) -> bool | None:
    """Whether a value is on the upper side; None where it cannot be said."""
    if isinstance(threshold, date):
        try:
            return PartialDate.parse(value).last >= threshold if isinstance(value, str) else None
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value >= threshold


def _same_as(field: Field, wanted: Any) -> Fits:
    if isinstance(wanted, str) and field.type in ("text", "markup"):
        text = folded(wanted)
        return lambda value: isinstance(value, str) and folded(value) == text
    return lambda value: type(value) is type(wanted) and bool(value == wanted)


def inside(field: Field) -> frozenset[str]:
    """The field's name, and of all fields within it."""
    within_it = f"{field.path}."
    return frozenset(
        one.name for one in catalogue().values() if f"{one.path}.".startswith(within_it)
    )


class _Said:
    """Where a field's values stand in a change: in its own, or in that of a whole list member.

    A member that comes or goes is one change; its fields come or go with it.
    """

    def __init__(self, field: Field) -> None:
        self._ways = {
            one.name: tuple(field.path[len(one.path) :].split(".")[1:])
            for one in catalogue().values()
            if one is field or (one.is_list and field.path.startswith(f"{one.path}."))
        }
        self.fields = frozenset(self._ways)

    def holds(self, change: Change, side: Any, fits: Fits) -> bool:
        """Whether any of the field's values on one side of a change fits."""
        return any(fits(value) for value in _values(side, self._ways[change.field]))


def _values(value: Any, way: tuple[str, ...]) -> Iterator[Any]:
    """What stands at the end of a way through objects and the members of lists."""
    if isinstance(value, list):
        for member in value:
            yield from _values(member, way)
    elif not way:
        yield value
    elif isinstance(value, dict):
        yield from _values(value.get(way[0]), way[1:])
