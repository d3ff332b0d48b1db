"""Read a command line: which command, with which options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from ctmonitor import __version__
from ctmonitor.cli import (
    alerts,
    changes,
    db,
    demo,
    diff,
    dispatch,
    due,
    forecast,
    history,
    mark,
    rejects,
    rules,
    settings,
    show,
    subscribe,
    sweep,
    sweeps,
    verify,
    watch,
)

COMMANDS: dict[str, ModuleType] = {
    "sweep": sweep,
    "due": due,
    "dispatch": dispatch,
    "alerts": alerts,
    "changes": changes,
    "history": history,
    "show": show,
    "diff": diff,
    "forecast": forecast,
    "watch": watch,
    "subscribe": subscribe,
    "mark": mark,
    "sweeps": sweeps,
    "rejects": rejects,
    "rules": rules,
    "settings": settings,
    "verify": verify,
    "db": db,
    "demo": demo,
}


class Parser(argparse.ArgumentParser):
    """One that says in one sentence what was wrong."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def parse(argv: Sequence[str]) -> tuple[ModuleType, argparse.Namespace]:
    """The command's module and its arguments; SystemExit for help, version and wrong lines."""
    everywhere = _global_options(argparse.SUPPRESS)
    parser = Parser(
        prog="ctmonitor",
        description="Watch clinical-trial registry records: what changed, what went silent, "
        "what is about to.",
        epilog="example: ctmonitor sweep studies/ && ctmonitor alerts",
        parents=[_global_options(None)],
    )
    parser.add_argument("--version", action="version", version=f"ctmonitor {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, module in COMMANDS.items():
        summary = str(module.__doc__).splitlines()[0].rstrip(".")
        own = commands.add_parser(
            name,
            help=summary[0].lower() + summary[1:],
            description=str(module.__doc__),
            epilog=f"example: {module.EXAMPLE}",
            parents=[everywhere],
        )
        module.arguments(own)
    args = parser.parse_args(argv)
    if args.command is None:
        parser.error("name a command")
    return COMMANDS[args.command], args


def _global_options(default: str | None) -> Parser:
    parser = Parser(add_help=False)
    options = parser.add_argument_group("options for every command")
    off = default if default else False
    options.add_argument(
        "--db", metavar="URL", default=default, help="the store, instead of CTMONITOR_DATABASE_URL"
    )
    options.add_argument(
        "--json", action="store_true", default=off, help="print JSON on stdout, the rest on stderr"
    )
    options.add_argument(
        "--quiet", action="store_true", default=off, help="print only what was asked for"
    )
    options.add_argument(
        "--verbose", action="store_true", default=off, help="show where an error came from"
    )
    return parser
