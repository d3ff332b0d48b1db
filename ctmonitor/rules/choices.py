"""What is wrong with what an operator chose about the rules, or wrote as rules of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ctmonitor.rules.catalogue import rule_named, rules
from ctmonitor.rules.faults import Fault, is_short, near, quoted, severity_of, truth_of
from ctmonitor.rules.own import is_own, written_faults
from ctmonitor.rules.rule import Rule


def faults_of(name: str, choice: object) -> Iterator[Fault]:
    """Everything that is wrong with one table below `rules`, in the order of its keys."""
    rule = rule_named(name)
    if isinstance(choice, Mapping) and is_own(name, choice):
        yield from written_faults(name, choice)
    elif rule is None:
        hint = near(name, [one.name for one in rules()])
        yield Fault((name,), f"there is no rule {quoted(name, 60)}{hint}")
    elif not isinstance(choice, Mapping):
        yield Fault((name,), f"{name} is not a table")
    else:
        for key, value in choice.items():
            why = _why_not(rule, key, value)
            if why is not None:
                yield Fault((name, key), why)


def _why_not(rule: Rule, key: str, value: object) -> str | None:
    try:
        if key == "enabled":
            truth_of(value)
        elif key == "severity":
            severity_of(value)
        else:
            return _of_parameter(rule, key, value)
    except ValueError as problem:
        return str(problem)
    return None


def _of_parameter(rule: Rule, key: str, value: object) -> str | None:
    for parameter in rule.parameters:
        if parameter.name == key:
            # A number of thousands of digits could not even be spelled in a sentence.
            return parameter.fault(value if is_short(value) else quoted(value))
    names = [*(parameter.name for parameter in rule.parameters), "severity", "enabled"]
    return f"no such parameter; there are {', '.join(names)}"
