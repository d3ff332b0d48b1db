"""The page of commands, from the arguments that the commands take."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from ctmonitor.cli.options import Parser, everywhere
from ctmonitor.cli.parser import COMMANDS

TOP = """# Commands

<!-- Printed by `make docs` from ctmonitor/cli; change it there instead. -->

`ctmonitor COMMAND --help` says the same in the terminal. What was asked for is on standard output,
everything else on standard error.

| command | does |
|---|---|
"""
EXITS = """
## Exit codes

| code | means |
|---|---|
| 0 | done |
| 1 | a fault in ctmonitor itself, or the output could not be written |
| 2 | the command was wrong: an option, a study number, a date, a name that is not there |
| 3 | a setting is wrong |
| 4 | the source could not be read |
| 5 | the source could be read only partly, or the look is held or stale; what was read is kept |
| 6 | the store: it cannot be used, somebody else holds it, or `ctmonitor verify` found a break |
| 7 | a message failed for good |
| 8 | `ctmonitor status` found something that needs a person |
| 130 | interrupted |

One sentence on standard error says what happened, to what, and what to do. `--verbose` shows where
in the program an error came from.
"""


def page() -> str:
    """The whole page."""
    sections = (line for name in COMMANDS for line in _section(name))
    return "\n".join([TOP + "\n".join(_overview()), EXITS, *_everywhere(), *sections])


def _overview() -> Iterator[str]:
    for name, module in COMMANDS.items():
        yield f"| [{name}](#{name}) | {_summary(str(module.__doc__))} |"


def _summary(docstring: str) -> str:
    return docstring.splitlines()[0]


def _everywhere() -> Iterator[str]:
    yield "## Options for every command\n"
    yield from _arguments(everywhere()._actions)


def _section(name: str) -> Iterator[str]:
    module = COMMANDS[name]
    own = Parser(add_help=False)
    module.arguments(own)
    yield f"## {name}\n"
    yield f"{str(module.__doc__).strip()}\n"
    yield from _arguments(own._actions)
    for action in own._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from _acts(name, action)
    yield "```sh"
    yield module.EXAMPLE
    yield "```\n"


def _acts(name: str, acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> Iterator[str]:
    helps = {choice.dest: choice.help or "" for choice in acts._choices_actions}
    shared = {action.dest for action in everywhere()._actions}
    for act, parser in acts.choices.items():
        yield f"### {name} {act}\n"
        yield f"{helps[act][0].upper()}{helps[act][1:]}.\n"
        yield from _arguments([own for own in parser._actions if own.dest not in shared])


def _arguments(actions: Sequence[argparse.Action]) -> Iterator[str]:
    """A line for each argument, and an empty one behind them."""
    hidden = argparse._SubParsersAction | argparse._HelpAction
    told = [action for action in actions if not isinstance(action, hidden)]
    for action in told:
        yield f"- `{_named(action)}`{_told(action)}"
    if told:
        yield ""


def _named(action: argparse.Action) -> str:
    value = action.metavar or ("|".join(action.choices) if action.choices else "")
    if action.option_strings:
        return f"{action.option_strings[-1]} {value}".strip()
    return str(value or action.dest)


def _told(action: argparse.Action) -> str:
    parts = [action.help] if action.help else []
    if action.nargs in ("?", "*") and not action.option_strings:
        parts.append("may be left out")
    if action.choices and action.default not in (None, argparse.SUPPRESS):
        parts.append(f"default {action.default}")
    if action.option_strings and action.required:
        parts.append("needed")
    return f": {'; '.join(parts)}" if parts else ""
