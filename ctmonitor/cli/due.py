"""Raise what fell due though nothing changed, and send it."""

from __future__ import annotations

import argparse

from ctmonitor.cli.call import Call, counted
from ctmonitor.cli.dispatch import send_owed

EXAMPLE = "ctmonitor due --today 2026-03-02"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `due` takes."""
    parser.add_argument("--today", metavar="DATE", help="the date to believe in (for replays)")
    parser.add_argument("--no-dispatch", action="store_true", help="send nothing now")


def run(call: Call) -> int:
    """Ask the calendar rules, say how much fell due, dispatch."""
    from ctmonitor.jobs.due import raise_due
    from ctmonitor.jobs.quiet import owe_quiet

    if not call.args.no_dispatch:
        _ = call.outlets  # a wrong setting is refused before the work, not after it
    report = raise_due(
        call.store, tuning=call.tuning, flood_limit=call.flood_limit, clock=call.clock
    )
    quiet = owe_quiet(call.store, call.clock, call.settings["sweep_interval"])
    if quiet:
        readers = counted(quiet, "subscriber is", "subscribers are")
        call.say(f"{readers} told that all goes on, after a week without news")
    if call.args.json:
        call.give_json(report.plain())
    else:
        due = counted(report.studies, "study is", "studies are")
        call.give(f"{due} due; {counted(report.alerts, 'new alert', 'new alerts')}")
    return 0 if call.args.no_dispatch else send_owed(call)
