"""A rule that an operator wrote: what is wrong with its table, and what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ctmonitor.records import Field, catalogue, field_named
from ctmonitor.rules.catalogue import rule_named
from ctmonitor.rules.faults import Fault, near, quoted, severity_of, truth_of
from ctmonitor.rules.own.conditions import CONDITIONS, Condition
from ctmonitor.rules.own.scope import Scope, read_scope, scope_faults

LONGEST_NAME = 60
LONGEST_QUESTION = 300
RESERVED = "check"
"""`ctmonitor rules check` is a command, so that no rule can be named so."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Written:
    """What the table of an own rule says."""

    name: str
    field: Field
    condition: Condition
    values: Mapping[str, Any]
    scope: Scope
    question: str


def read_written(name: str, table: Mapping[str, Any]) -> Written:
    """What a table without faults says; ValueError names the first fault of one that has any."""
    fault = next(written_faults(name, table), None)
    if fault is not None:
        raise ValueError(str(fault))
    condition, asked = CONDITIONS[table["condition"]], _field(table["field"])
    values = {key: read(table[key], asked) for key, read in condition.keys.items() if key in table}
    question = table.get("question", f"{condition.in_words(asked, values)}.")
    return Written(name, asked, condition, values, read_scope(table.get("scope", {})), question)


def written_faults(name: str, table: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that is wrong with the table of an own rule, in the order of its keys."""
    why = _name_fault(name)
    if why is not None:
        yield Fault((name,), why)
    condition, asked = _named(table, "condition", _condition), _named(table, "field", _field)
    for key in ("condition", *(condition.needs if condition else ())):
        if key not in table:
            yield Fault((name, key), _missing(key, condition))
    for key, value in table.items():
        if key == "scope":
            yield from scope_faults(name, value)
            continue
        why = _key_fault(key, value, condition, asked)
        if why is not None:
            yield Fault((name, key), why)


def _missing(key: str, condition: Condition | None) -> str:
    if condition is None or key == "condition":
        return f"it is missing; give one of {', '.join(CONDITIONS)}"
    return f"it is missing, and {condition.name!r} needs it"


def _name_fault(name: str) -> str | None:
    shown = quoted(name)
    if rule_named(name) is not None:
        why = f"{shown} is a rule of the catalogue, which asks about its own fields"
        return f"{why}; leave out `field` to tune it, or give yours another name"
    if name == RESERVED:
        return f"{shown} is a word of the command line; give the rule another name"
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        wanted = f"small letters and digits with single hyphens between, up to {LONGEST_NAME}"
        return f"{shown} is not the name of a rule: {wanted}"
    return None


def _key_fault(
    key: str, value: object, condition: Condition | None, asked: Field | None
) -> str | None:
    """What is wrong with one key; what depends on another that is wrong is left for later."""
    reader = _SIMPLE.get(key)
    try:
        if reader is not None:
            reader(value)
        elif condition is None:
            return None if key in _ALL_KEYS else _no_such_key(key, _ALL_KEYS)
        elif key not in condition.keys:
            return _no_such_key(key, (*_SIMPLE, "scope", *condition.keys), condition)
        elif asked is not None and not condition.misfit(asked):
            condition.keys[key](value, asked)
    except ValueError as problem:
        return str(problem)
    misfit = condition.misfit(asked) if key == "field" and condition and asked else None
    return f"{misfit} ({condition.name if condition else ''})" if misfit else None


def _no_such_key(key: str, known: tuple[str, ...], condition: Condition | None = None) -> str:
    whose = f"{condition.name!r} takes" if condition else "a rule has"
    return f"{whose} no such key{near(key, known)}; there are {', '.join(known)}"


def _named(table: Mapping[str, Any], key: str, read: Callable[[object], Any]) -> Any:
    """What a key names; None where it is missing or wrong, which is told with the key."""
    try:
        return read(table[key])
    except (KeyError, ValueError):
        return None


def _field(value: object) -> Field:
    found = (
        field_named(value) if isinstance(value, str) and len(value) <= LONGEST_QUESTION else None
    )
    if found is None:
        names = [one.name for one in catalogue().values()]
        hint = near(value, names) if isinstance(value, str) else ""
        raise ValueError(f"there is no field {quoted(value)}{hint}; the page of fields lists them")
    return found


def _condition(value: object) -> Condition:
    if not isinstance(value, str) or value not in CONDITIONS:
        raise ValueError(f"{quoted(value)} is not one of {', '.join(CONDITIONS)}")
    return CONDITIONS[value]


def _question(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(f"{quoted(value)} is not a sentence on one line")
    if len(value) > LONGEST_QUESTION:
        raise ValueError(f"it is longer than {LONGEST_QUESTION} characters")
    return value


_SIMPLE: dict[str, Callable[[object], Any]] = {
    "question": _question,
    "field": _field,
    "condition": _condition,
    "severity": severity_of,
    "enabled": truth_of,
}
_ALL_KEYS = (
    *_SIMPLE,
    "scope",
    *dict.fromkeys(key for one in CONDITIONS.values() for key in one.keys),
)
