"""Explain the rules: the question each asks, how severe it is, what can be tuned."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ctmonitor.cli.call import Call
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from ctmonitor.rules import Rule

EXAMPLE = "ctmonitor rules unknown-due"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `rules` takes."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="only this rule")


def run(call: Call) -> int:
    """Print the catalogue, as the operator tuned it."""
    from ctmonitor.rules import rule_named, rules

    if call.args.name:
        rule = rule_named(call.args.name)
        if rule is None:
            raise CommandWrong(f"there is no rule {call.args.name!r}; `ctmonitor rules` shows them")
        chosen: tuple[Rule, ...] = (rule,)
    else:
        chosen = rules()
    rows = [_object(call, rule) for rule in chosen]
    if call.args.json:
        call.give_json(rows)
    elif call.args.name:
        for line in _lines(rows[0]):
            call.give(line)
    else:
        names = ("name", "kind", "severity", "question")
        call.give_table(names, [[row[name] for name in names] for row in rows])
    return 0


def _lines(row: dict[str, Any]) -> Iterator[str]:
    yield f"{row['name']}: {row['question']}"
    yield f"  kind       {row['kind']}"
    yield f"  severity   {row['severity']}"
    yield f"  asked      {'yes' if row['enabled'] else 'no'}"
    for name, one in row["parameters"].items():
        bounds = f"{one['at_least']} to {one['at_most']} {one['unit']}"
        yield f"  {name:<10} {one['value']} ({bounds}): {one['meaning']}"
    yield f"  source     {row['source']}"


def _object(call: Call, rule: Rule) -> dict[str, Any]:
    chosen = call.tuning.of(rule)
    return {
        "name": rule.name,
        "question": rule.question,
        "kind": str(rule.kind),
        "severity": str(chosen.severity),
        "enabled": chosen.enabled,
        "parameters": {
            one.name: {
                "value": chosen.numbers.get(one.name, one.default),
                "unit": one.unit,
                "meaning": one.meaning,
                "at_least": one.at_least,
                "at_most": one.at_most,
            }
            for one in rule.parameters
        },
        "source": rule.source,
    }
