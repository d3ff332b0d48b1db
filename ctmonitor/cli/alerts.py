"""List the alerts that were raised, the latest first; or explain one of them, or a silence."""

from __future__ import annotations

import argparse

from ctmonitor.cli import explain
from ctmonitor.cli.call import Call
from ctmonitor.cli.filters import add_filters, filter_of
from ctmonitor.cli.options import everywhere
from ctmonitor.cli.shape import ALERT_COLUMNS, alert_object

EXAMPLE = "ctmonitor alerts --since 2026-03-01 --rule became-unknown"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `alerts` takes."""
    add_filters(parser)
    acts = parser.add_subparsers(dest="act", metavar="explain")
    one = acts.add_parser(
        "explain",
        help="say why an alert was raised and who was told, or why a rule kept silent",
        epilog="example: ctmonitor alerts explain 12",
        parents=[everywhere()],
    )
    explain.arguments(one)


def run(call: Call) -> int:
    """Ask, print."""
    return explain.run(call) if call.args.act else _list(call)


def _list(call: Call) -> int:
    from ctmonitor.store.questions import alerts_raised

    with call.store.reading() as tx:
        rows = [alert_object(one) for one in alerts_raised(tx, filter_of(call))]
    if call.args.json:
        call.give_json(rows)
    elif call.args.csv:
        call.give_csv(ALERT_COLUMNS, rows)
    else:
        names = ("id", "raised_at", "severity", "nct_id", "rule", "headline")
        call.give_table(names, [[_short(row, name) for name in names] for row in rows])
    return 0


def _short(row: dict[str, object], name: str) -> object:
    if name == "raised_at":
        return str(row[name])[:10]
    if name == "headline" and row["inhibited_by"]:
        return f"(not sent: {row['inhibited_by']} tells more) {row[name]}"
    return row[name]
