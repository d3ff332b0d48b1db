"""Send every message that is owed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, counted

if TYPE_CHECKING:
    from ctmonitor.jobs.dispatch import DispatchReport

EXAMPLE = "ctmonitor dispatch"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `dispatch` takes."""
    parser.add_argument(
        "--list", action="store_true", help="send nothing; list what did not leave, and why"
    )


def run(call: Call) -> int:
    """Send, say how it went; or list what did not leave."""
    if call.args.list:
        return _list(call)
    report = _sent(call)
    if call.args.json:
        call.give_json(report.plain())
    else:
        again = f"{report.waiting:,} to be tried again"
        call.give(f"{report.sent:,} sent, {again}, {report.dead:,} dead")
        _remind(call, report)
    return _told(call, report)


def send_owed(call: Call) -> int:
    """Send what is owed after another command; 7 when something failed for good, else 0."""
    from ctmonitor.store import outbox

    with call.store.reading() as tx:
        if not outbox.is_owed(tx):
            return 0
    report = _sent(call)
    if report.sent:
        call.say(f"{counted(report.sent, 'message', 'messages')} sent")
    return _told(call, report)


def _remind(call: Call, report: DispatchReport) -> None:
    """Say how many wait for a later try, which this dispatch left alone."""
    from ctmonitor.store import outbox

    with call.store.reading() as tx:
        waiting = [one for one in outbox.unsent(tx) if one["state"] != "dead"]
    if len(waiting) > report.waiting:
        many = counted(len(waiting) - report.waiting, "more waits", "more wait")
        call.say(f"{many} for the next try; `ctmonitor dispatch --list` shows them")


def _list(call: Call) -> int:
    from ctmonitor.store import outbox

    with call.store.reading() as tx:
        rows = outbox.unsent(tx)
    if call.args.json:
        call.give_json(rows)
        return 0
    names = ("id", "address", "state", "tries", "next_try_at", "reason")
    call.give_table(names, [[row[name] for name in names] for row in rows])
    return 0


def _sent(call: Call) -> DispatchReport:
    from ctmonitor.jobs.clock import Clock
    from ctmonitor.jobs.dispatch import dispatch

    clock = Clock(zone=call.settings["zone"])
    return dispatch(
        call.store, call.outlets, flood_limit=call.flood_limit, clock=clock, tuning=call.tuning
    )


def _told(call: Call, report: DispatchReport) -> int:
    for problem in report.problems:
        call.say(f"not delivered: {problem}")
    return 7 if report.dead else 0
