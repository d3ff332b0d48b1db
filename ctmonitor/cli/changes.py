"""List the changes that were seen, the latest first."""

from __future__ import annotations

import argparse

from ctmonitor.cli.call import Call
from ctmonitor.cli.filters import add_filters, filter_of
from ctmonitor.cli.shape import CHANGE_COLUMNS, change_object

EXAMPLE = "ctmonitor changes --field overall_status --since 2026-03-01"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `changes` takes."""
    add_filters(parser)
    parser.add_argument("--noise", action="store_true", help="also show what moves by itself")


def run(call: Call) -> int:
    """Ask, print; people are not shown noise unless they ask, programs are."""
    from ctmonitor.store.questions import changes_seen

    with call.store.reading() as tx:
        rows = [change_object(one) for one in changes_seen(tx, filter_of(call))]
    if call.args.json:
        call.give_json(rows)
        return 0
    if call.args.csv:
        call.give_csv(CHANGE_COLUMNS, rows)
        return 0
    shown = [row for row in rows if call.args.noise or not row["noise"]]
    names = ("seen_at", "nct_id", "field", "item", "kind", "before", "after", "made_by")
    call.give_table(
        ("seen", *names[1:]),
        [[row[name] if name != "seen_at" else row[name][:10] for name in names] for row in shown],
    )
    if len(shown) < len(rows):
        call.say(f"{len(rows) - len(shown):,} more move by themselves; --noise shows them")
    return 0
