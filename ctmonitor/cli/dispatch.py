"""Send every message that is owed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, an_instant, counted
from ctmonitor.cli.options import a_count
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from ctmonitor.jobs.dispatch import DispatchReport

EXAMPLE = "ctmonitor dispatch"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `dispatch` takes."""
    parser.add_argument(
        "--list", action="store_true", help="send nothing; list what did not leave, and why"
    )
    again = parser.add_argument_group("to send again, or at all")
    again.add_argument(
        "--replay", metavar="ID", type=a_count, action="append", help="owe this message once more"
    )
    again.add_argument(
        "--replay-since", metavar="DATE", help="owe the messages made since this day once more"
    )
    again.add_argument("--to", metavar="ADDRESS", help="of those, only what went to this address")
    again.add_argument("--dead", action="store_true", help="of those, only what was given up")
    again.add_argument("--dry-run", action="store_true", help="only say which messages those are")
    again.add_argument(
        "--resume", metavar="ADDRESS", help="try a paused or suspended address again"
    )


def run(call: Call) -> int:
    """Send, say how it went; or list what did not leave."""
    if call.args.list:
        return _list(call)
    if call.args.resume:
        _resume(call)
    if call.args.replay or call.args.replay_since:
        is_over = _replay(call)
        if is_over:
            return 0
    report = _sent(call)
    if call.args.json:
        call.give_json(report.plain())
    else:
        again = f"{report.waiting:,} to be tried again"
        call.give(f"{report.sent:,} sent, {again}, {report.dead:,} dead")
        _remind(call, report)
    return _told(call, report)


def _resume(call: Call) -> None:
    from ctmonitor.delivery import check_address
    from ctmonitor.jobs.dispatch import resume

    address = check_address(call.args.resume)
    if not resume(call.store, address, who=call.who, clock=call.clock):
        raise CommandWrong(
            f"{address} is neither paused nor suspended; `ctmonitor dispatch --list`"
        )
    call.say(f"{address} is tried again")


def _replay(call: Call) -> bool:
    """Owe what was named once more; whether that is all that was asked for."""
    from ctmonitor.delivery import check_address
    from ctmonitor.jobs.dispatch import replay
    from ctmonitor.store import outbox

    args = call.args
    since = args.replay_since
    with call.store.reading() as tx:
        found = outbox.to_replay(
            tx,
            ids=args.replay or (),
            since=an_instant(since, call.clock, is_end=False) if since else None,
            address=check_address(args.to) if args.to else None,
            only_dead=args.dead,
        )
    if args.dry_run:
        if args.json:
            call.give_json(found)
        else:
            names = ("id", "address", "state", "made_at")
            call.give_table(names, [[row[name] for name in names] for row in found])
        return True
    missing = set(args.replay or ()) - {row["id"] for row in found}
    if missing:
        raise CommandWrong(f"no message {min(missing)} has left or was given up")
    many = replay(call.store, found, who=call.who, clock=call.clock)
    call.say(f"{counted(many, 'message', 'messages')} owed once more")
    return False


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
    from ctmonitor.store import destinations, outbox

    with call.store.reading() as tx:
        closed = {one.address: one.state for one in destinations.all_failing(tx)}
        rows = [
            {**row, "destination": closed.get(row["address"], "ok")} for row in outbox.unsent(tx)
        ]
    if call.args.json:
        call.give_json(rows)
        return 0
    names = ("id", "address", "state", "tries", "next_try_at", "destination", "reason")
    call.give_table(names, [[row[name] for name in names] for row in rows])
    return 0


def _sent(call: Call) -> DispatchReport:
    from ctmonitor.jobs.clock import Clock
    from ctmonitor.jobs.dispatch import dispatch

    clock = Clock(zone=call.settings["zone"])
    return dispatch(
        call.store,
        call.outlets,
        flood_limit=call.flood_limit,
        clock=clock,
        tuning=call.tuning,
        operator=call.operator,
    )


def _told(call: Call, report: DispatchReport) -> int:
    for problem in report.problems:
        call.say(f"not delivered: {problem}")
    return 7 if report.dead else 0
