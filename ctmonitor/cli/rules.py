"""Explain the rules: the question each asks, how severe it is, what can be tuned.

The operator's own rules stand behind those of the catalogue. `check` names every fault of
`ctmonitor.toml`, or of another file, each with its line.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from ctmonitor.cli.call import Call
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from ctmonitor.rules import Rule

EXAMPLE = "ctmonitor rules unknown-due"
CHECK = "check"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `rules` takes."""
    parser.add_argument("name", nargs="?", metavar="NAME", help=f"only this rule, or `{CHECK}`")
    parser.add_argument("file", nargs="?", metavar="FILE", help=f"the file to {CHECK}")


def run(call: Call) -> int:
    """Print the rules, as the operator tuned and wrote them."""
    args = call.args
    if args.name == CHECK:
        from ctmonitor.cli.rules_check import check

        return check(call, args.file)
    if args.file is not None:
        raise CommandWrong(f"{args.name!r} takes no file; `ctmonitor rules {CHECK} FILE` does")
    rows = [_object(call, rule) for rule in _asked_for(call, args.name)]
    if args.json:
        call.give_json(rows)
    elif args.name:
        for line in _lines(rows[0]):
            call.give(line)
    else:
        names = ("name", "kind", "severity", "question")
        call.give_table(names, [[row[name] for name in names] for row in rows])
    return 0


def _asked_for(call: Call, name: str | None) -> tuple[Rule, ...]:
    if not name:
        return call.tuning.rules
    rule = call.tuning.rule_named(name)
    if rule is None:
        raise CommandWrong(f"there is no rule {name!r}; `ctmonitor rules` shows them")
    return (rule,)


def _lines(row: dict[str, Any]) -> Iterator[str]:
    yield f"{row['name']}: {row['question']}"
    yield f"  kind       {row['kind']}"
    yield f"  severity   {row['severity']}"
    yield f"  asked      {'yes' if row['enabled'] else 'no'}"
    for name, one in row["parameters"].items():
        bounds = f"{one['at_least']} to {one['at_most']} {one['unit']}"
        yield f"  {name:<10} {one['value']} ({bounds}): {one['meaning']}"
    for name, value in (row["written"] or {}).items():
        yield f"  {name:<10} {value if isinstance(value, str) else orjson.dumps(value).decode()}"
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
        "written": _written(rule),
        "source": rule.source,
    }


def _written(rule: Rule) -> dict[str, Any] | None:
    """What an own rule asks, as the operator wrote it; None for a rule of the catalogue."""
    if not rule.written:
        return None
    shown = ("question", "severity", "enabled")
    table: dict[str, Any] = orjson.loads(rule.written)
    return {key: value for key, value in table.items() if key not in shown}
