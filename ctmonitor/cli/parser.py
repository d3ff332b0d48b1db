"""Read a command line: which command, with which options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from types import ModuleType

from ctmonitor import __version__
from ctmonitor.cli import (
    alerts,
    backfill,
    backtest,
    bounce,
    changes,
    count,
    db,
    demo,
    diff,
    dispatch,
    due,
    explain,
    forecast,
    history,
    mark,
    rejects,
    rules,
    settings,
    show,
    status,
    subscribe,
    sweep,
    sweeps,
    verify,
    watch,
    web,
)
from ctmonitor.cli.options import Parser, everywhere

COMMANDS: dict[str, ModuleType] = {
    "sweep": sweep,
    "due": due,
    "dispatch": dispatch,
    "bounce": bounce,
    "alerts": alerts,
    "explain": explain,
    "changes": changes,
    "history": history,
    "show": show,
    "diff": diff,
    "forecast": forecast,
    "count": count,
    "backfill": backfill,
    "watch": watch,
    "subscribe": subscribe,
    "mark": mark,
    "sweeps": sweeps,
    "rejects": rejects,
    "rules": rules,
    "backtest": backtest,
    "settings": settings,
    "status": status,
    "verify": verify,
    "web": web,
    "db": db,
    "demo": demo,
}


def parse(argv: Sequence[str]) -> tuple[ModuleType, argparse.Namespace]:
    """The command's module and its arguments; SystemExit for help, version and wrong lines."""
    parser = Parser(
        prog="ctmonitor",
        description="Watch clinical-trial registry records: what changed, what went silent, "
        "what is about to.",
        epilog="example: ctmonitor sweep studies/ && ctmonitor alerts",
        parents=[everywhere(None)],
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
            parents=[everywhere()],
        )
        module.arguments(own)
    args = parser.parse_args(argv)
    if args.command is None:
        parser.error("name a command")
    return COMMANDS[args.command], args
