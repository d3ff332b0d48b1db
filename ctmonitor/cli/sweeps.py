"""List the looks that were made, with what each expected and received."""

from __future__ import annotations

import argparse

from ctmonitor.cli.call import Call
from ctmonitor.cli.options import a_count
from ctmonitor.cli.shape import sweep_object

EXAMPLE = "ctmonitor sweeps --limit 5"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `sweeps` takes."""
    parser.add_argument(
        "--limit", metavar="N", type=a_count, default=20, help="at most so many (20)"
    )


def run(call: Call) -> int:
    """Ask, print, the latest first."""
    from ctmonitor.store.questions import recent_sweeps

    with call.store.reading() as tx:
        rows = [sweep_object(one) for one in recent_sweeps(tx, call.args.limit)]
    if call.args.json:
        call.give_json(rows)
        return 0
    names = ("sweep", "state", "source", "data_timestamp", "received", "new", "changed", "alerts")
    call.give_table(names, [[row[name] for name in names] for row in rows])
    return 0
