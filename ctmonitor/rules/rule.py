"""What a rule is: a question, when it is put, and what an operator may choose about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Difference
from ctmonitor.records import Facts


class RuleKind(StrEnum):
    """What a rule is put to."""

    CHANGE = "change"
    """What one look found changed at a study known before."""
    STATE = "state"
    """A study seen for the first time."""
    CALENDAR = "calendar"
    """A study on a day, whether or not anything changed."""
    SWEEP = "sweep"
    """The counts of one whole sweep."""
    FATE = "fate"
    """A record that complete looks no longer showed, once its number was asked for."""
    MEMBERSHIP = "membership"
    """A study that joined or left a watch list."""
    GUARD = "guard"
    """What ails the monitor itself: a look too odd to be told, a way out that does not work."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of a rule that an operator may choose; whole unless its default is a fraction."""

    name: str
    default: float
    unit: str
    meaning: str
    at_least: float
    at_most: float

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers fit."""
        return isinstance(self.default, int)

    def fault(self, value: object) -> str | None:
        """Why `value` does not fit, in words; None when it does."""
        fitting = int if self.is_whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, fitting):
            wanted = "a whole number" if self.is_whole else "a number"
            return f"{str(value)[:40]!r} is not {wanted} ({self.unit})"
        if not self.at_least <= value <= self.at_most:
            return f"{value} is not between {self.at_least} and {self.at_most} ({self.unit})"
        return None


@dataclass(frozen=True, slots=True)
class Chosen:
    """How one rule is to be asked: its severity, its numbers, and whether at all."""

    rule: str
    severity: Severity
    numbers: Mapping[str, float] = field(default_factory=dict)
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Inhibition:
    """What keeps a rule from being heard, though its sentence may be true, and why.

    Of a change rule, `by` is another rule: where that one tells of the same study in the same
    look, the alert is kept, marked, and sent to nobody. Of a calendar rule, `by` names how a
    study stands, and `holds` says whether it stands so; then nothing falls due.
    """

    by: str
    why: str
    holds: Callable[[Facts], bool] | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When a calendar rule's matter falls due.

    `field` is the property of `Facts`, kept as a column, that holds a day; the matter falls due
    `days_after` that day. `prevented_by` says what would keep it from coming so; `probably` says
    why it is only probable, and is empty where the registry's own rule makes it sure. Some days are
    for alerts only: `is_foretold` says whether forecasts list it.
    """

    field: str
    days_after: int = 0
    prevented_by: str = ""
    probably: str = ""
    is_foretold: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A question, and the function that answers it with alerts.

    `source` is where the question comes from: a paragraph, or how the registry behaves. A change
    rule names in `fields` what it asks about. One that `is_quiet` is asked only where an operator
    switched it on; forecasts list it in any case.
    """

    name: str
    question: str
    kind: RuleKind
    severity: Severity
    parameters: tuple[Parameter, ...]
    source: str
    ask: Callable[..., Iterator[Alert]]
    fields: tuple[str, ...] = ()
    due: Due | None = None
    inhibited_by: tuple[Inhibition, ...] = ()
    is_quiet: bool = False
    written: str = ""
    """Of a rule that an operator wrote: what is written, as JSON."""

    @property
    def as_shipped(self) -> Chosen:
        """How the rule is asked where nobody chose otherwise."""
        numbers = {parameter.name: parameter.default for parameter in self.parameters}
        return Chosen(self.name, self.severity, numbers, enabled=not self.is_quiet)


def change_rule(
    severity: Severity,
    *,
    source: str,
    fields: tuple[str, ...] = (),
    parameters: tuple[Parameter, ...] = (),
    inhibited_by: tuple[Inhibition, ...] = (),
) -> Callable[[Callable[[Difference, Chosen], Iterator[Alert]]], Rule]:
    """A rule over what one look found changed; named and worded by the function."""
    return lambda ask: _made(
        ask,
        RuleKind.CHANGE,
        severity,
        source=source,
        parameters=parameters,
        fields=fields,
        inhibited_by=inhibited_by,
    )


def state_rule(
    severity: Severity, *, source: str, parameters: tuple[Parameter, ...] = ()
) -> Callable[[Callable[[Facts, date, Chosen], Iterator[Alert]]], Rule]:
    """A rule over a study seen for the first time, and today."""
    return lambda ask: _made(ask, RuleKind.STATE, severity, source=source, parameters=parameters)


def days_ahead(default: int) -> Parameter:
    """How long before its due day a calendar rule speaks."""
    return Parameter("days_ahead", default, "days", "how long before the due day to tell", 0, 730)


def grace_days(default: int) -> Parameter:
    """How long after its due day a calendar rule waits before it speaks."""
    return Parameter("grace_days", default, "days", "how long after the due day to wait", 0, 730)


def calendar_rule(
    severity: Severity,
    *,
    source: str,
    due: Due,
    told: Parameter,
    inhibited_by: tuple[Inhibition, ...] = (),
    is_quiet: bool = False,
) -> Callable[[Callable[[Facts, date, Chosen], Iterator[Alert]]], Rule]:
    """A rule over a study's due day; `told` is `days_ahead` of it or `grace_days` after it."""
    return lambda ask: _made(
        ask,
        RuleKind.CALENDAR,
        severity,
        source=source,
        parameters=(told,),
        due=due,
        inhibited_by=inhibited_by,
        is_quiet=is_quiet,
    )


def sweep_rule(
    severity: Severity, *, source: str, parameters: tuple[Parameter, ...]
) -> Callable[[Callable[[Any, Chosen], Iterator[Alert]]], Rule]:
    """A rule over the counts of one sweep."""
    return lambda ask: _made(ask, RuleKind.SWEEP, severity, source=source, parameters=parameters)


def fate_rule(
    severity: Severity, *, source: str
) -> Callable[[Callable[[Any, Chosen], Iterator[Alert]]], Rule]:
    """A rule over what became of a record that is no longer shown."""
    return lambda ask: _made(ask, RuleKind.FATE, severity, source=source, parameters=())


def membership_rule(
    severity: Severity, *, source: str
) -> Callable[[Callable[[Any, Chosen], Iterator[Alert]]], Rule]:
    """A rule over a study that joined or left a watch list."""
    return lambda ask: _made(ask, RuleKind.MEMBERSHIP, severity, source=source, parameters=())


def guard_rule(
    severity: Severity, *, source: str, parameters: tuple[Parameter, ...]
) -> Callable[[Callable[[Any, Chosen], Iterator[Alert]]], Rule]:
    """A rule over what ails the monitor itself."""
    return lambda ask: _made(ask, RuleKind.GUARD, severity, source=source, parameters=parameters)


def _made(
    ask: Callable[..., Iterator[Alert]],
    kind: RuleKind,
    severity: Severity,
    **members: Any,
) -> Rule:
    question = (ask.__doc__ or "").strip().split("\n", 1)[0]
    name = ask.__name__.replace("_", "-")
    return Rule(name, question, kind, severity, ask=ask, **members)
