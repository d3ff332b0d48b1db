"""List the looks that were made, with what each expected and received.

A look that was too odd to be told is held: `release` raises its alerts after all, `absorb`
forgets them.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, counted
from ctmonitor.cli.dispatch import send_owed
from ctmonitor.cli.options import a_count, everywhere
from ctmonitor.cli.shape import sweep_object

if TYPE_CHECKING:
    from ctmonitor.jobs.settle import Settled

EXAMPLE = "ctmonitor sweeps --limit 5"
COLUMNS = (
    *("sweep", "state", "scope", "way", "data_timestamp"),
    *("received", "new", "changed", "missing", "alerts"),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `sweeps` takes."""
    parser.add_argument(
        "--limit", metavar="N", type=a_count, default=20, help="at most so many (20)"
    )
    acts = parser.add_subparsers(dest="act", metavar="release|absorb")
    release = acts.add_parser(
        "release",
        help="raise the alerts of a held look",
        epilog='example: ctmonitor sweeps release 12 --reason "the registry confirmed it"',
        parents=[everywhere()],
    )
    absorb = acts.add_parser(
        "absorb",
        help="forget the alerts of a held look",
        epilog='example: ctmonitor sweeps absorb 12 --reason "the registry padded its numbers"',
        parents=[everywhere()],
    )
    for one in (release, absorb):
        one.add_argument("id", metavar="ID", type=a_count, help="the look's number")
        why = "why; kept in the journal"
        one.add_argument("--reason", metavar="TEXT", required=True, help=why)
    release.add_argument("--today", metavar="DATE", help="the date to believe in (for replays)")
    release.add_argument("--no-dispatch", action="store_true", help="send nothing now")


def run(call: Call) -> int:
    """List them, or settle the one that was named."""
    acts = {None: _list, "release": _release, "absorb": _absorb}
    return acts[call.args.act](call)


def _list(call: Call) -> int:
    from ctmonitor.store.questions import recent_sweeps

    with call.store.reading() as tx:
        rows = [sweep_object(one) for one in recent_sweeps(tx, call.args.limit)]
    if call.args.json:
        call.give_json(rows)
        return 0
    call.give_table(COLUMNS, [[row[name] for name in COLUMNS] for row in rows])
    return 0


def _release(call: Call) -> int:
    from ctmonitor.jobs.settle import release

    if not call.args.no_dispatch:
        _ = call.outlets  # a wrong setting is refused before the work, not after it
    settled = release(
        call.store,
        call.args.id,
        reason=call.args.reason,
        who=call.who,
        flood_limit=call.flood_limit,
        clock=call.clock,
    )
    _say(call, settled, "raised")
    return 0 if call.args.no_dispatch else send_owed(call)


def _absorb(call: Call) -> int:
    from ctmonitor.jobs.settle import absorb

    settled = absorb(
        call.store, call.args.id, reason=call.args.reason, who=call.who, clock=call.clock
    )
    _say(call, settled, "forgotten")
    return 0


def _say(call: Call, settled: Settled, done: str) -> None:
    if call.args.json:
        call.give_json(settled.plain())
        return
    rules = ", ".join(f"{rule} {number:,}" for rule, number in settled.by_rule.items())
    which = f" ({rules})" if rules else ""
    alerts = counted(settled.alerts, "alert", "alerts")
    gone = counted(settled.missing, "study", "studies")
    missing = f"; {gone} missing" if settled.missing else ""
    call.give(f"Sweep {settled.sweep} {settled.state}: {alerts} {done}{which}{missing}")
