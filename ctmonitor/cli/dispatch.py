"""Send every message that is owed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, counted

if TYPE_CHECKING:
    from ctmonitor.jobs.dispatch import DispatchReport

EXAMPLE = "ctmonitor dispatch"


def arguments(_parser: argparse.ArgumentParser) -> None:
    """`dispatch` takes nothing of its own."""


def run(call: Call) -> int:
    """Send, say how it went."""
    report = _sent(call)
    if call.args.json:
        call.give_json(report.plain())
    else:
        again = f"{report.waiting:,} to be tried again"
        call.give(f"{report.sent:,} sent, {again}, {report.dead:,} dead")
    return _told(call, report)


def send_owed(call: Call) -> int:
    """Send what is owed after another command; 7 when something failed for good, else 0."""
    report = _sent(call)
    if report.sent:
        call.say(f"{counted(report.sent, 'message', 'messages')} sent")
    return _told(call, report)


def _sent(call: Call) -> DispatchReport:
    from ctmonitor.jobs.clock import Clock
    from ctmonitor.jobs.dispatch import dispatch

    clock = Clock(zone=call.settings["zone"])
    return dispatch(call.store, call.outlets, flood_limit=call.flood_limit, clock=clock)


def _told(call: Call, report: DispatchReport) -> int:
    for problem in report.problems:
        call.say(f"not delivered: {problem}")
    return 7 if report.dead else 0
