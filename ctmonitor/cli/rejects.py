"""List the inputs that could not be read, with the reason for each."""

from __future__ import annotations

import argparse

from ctmonitor.cli.call import Call
from ctmonitor.cli.options import a_count

EXAMPLE = "ctmonitor rejects --sweep 3"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `rejects` takes."""
    parser.add_argument("--sweep", metavar="ID", type=a_count, help="only of this sweep")
    parser.add_argument(
        "--limit", metavar="N", type=a_count, default=100, help="at most so many (100)"
    )


def run(call: Call) -> int:
    """Ask, print, the latest first."""
    from ctmonitor.store.questions import rejected

    with call.store.reading() as tx:
        rows = rejected(tx, call.args.sweep, call.args.limit)
    if call.args.json:
        call.give_json([{**row, "sweep": row["sweep_id"]} for row in rows])
        return 0
    names = ("sweep_id", "nct_id", "source", "place", "reason")
    call.give_table(("sweep", *names[1:]), [[row[name] for name in names] for row in rows])
    return 0
