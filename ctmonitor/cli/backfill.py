"""Take the registry's own versions of studies into their history, from files or from its site."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, a_number, counted
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from ctmonitor.formats import Reject
    from ctmonitor.jobs.backfill import Backfill, Order

EXAMPLE = "ctmonitor backfill NCT04946669 --from saved-history.json"
BOTH_WAYS = (
    "say where the versions are: --from FILE for saved answers of the registry's site, or NCT ... "
    "--online to ask the site"
)
SHOWN = 20
"""Inputs that could not be read which are named one by one."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `backfill` takes."""
    parser.add_argument("nct", nargs="*", metavar="NCT", help="only these studies")
    parser.add_argument(
        "--from",
        dest="file",
        metavar="FILE",
        action="extend",
        nargs="+",
        help="a file or folder of saved histories (JSON, NDJSON, .gz, .zip), or - for standard "
        "input",
    )
    parser.add_argument(
        "--online", action="store_true", help="ask the registry's site, one request at a time"
    )


def run(call: Call) -> int:
    """Read, keep, say what came out."""
    from ctmonitor.jobs.backfill import Order

    args = call.args
    nct_ids = tuple(dict.fromkeys(a_number(text) for text in args.nct))
    if bool(args.file) is args.online or (args.online and not nct_ids):
        raise CommandWrong(BOTH_WAYS)
    order = Order(call.who, nct_ids, call.clock, _progress(call))
    report = _online(call, order) if args.online else _from_files(call, order)
    if order.progress:
        sys.stderr.write("\n")
    if args.json:
        call.give_json(report.plain())
    else:
        call.give(_said(report))
    for remark in report.remarks:
        call.say(remark)
    if report.left_out:
        others = counted(report.left_out, "version", "versions")
        call.say(f"{others} of other studies left out")
    for reject in report.rejects[:SHOWN]:
        call.say(f"not read: {_place(reject)}: {reject.reason}")
    if len(report.rejects) > SHOWN:
        call.say(f"not read: {len(report.rejects) - SHOWN:,} more; --json names them all")
    return 0 if report.is_complete else 5


def _from_files(call: Call, order: Order) -> Backfill:
    from ctmonitor.jobs.backfill import backfill
    from ctmonitor.sources import Files

    words = call.args.file
    if words.count("-") > 1 or "" in words:
        raise CommandWrong("name each file once, by a name that is not empty; - only once")
    # `./-` is a file, but as a path it equals `-`.
    paths = (
        path.absolute() if path == Path("-") and word != "-" else path
        for word, path in ((word, Path(word)) for word in words)
    )
    # A process may have been begun with its standard input closed.
    stdin = sys.stdin.buffer if sys.stdin else io.BytesIO()
    return backfill(call.store, Files(tuple(paths), stdin), order)


def _online(call: Call, order: Order) -> Backfill:
    from ctmonitor.jobs.backfill import backfill, is_held
    from ctmonitor.sources.client import Client
    from ctmonitor.sources.site import SiteHistory, pages_at

    manners = call.registry.client.manners
    with Client(replace(manners, url=pages_at(manners.url))) as client:
        held = is_held(call.store, order.nct_ids)
        return backfill(call.store, SiteHistory(client, tuple(order.nct_ids), held), order)


def _said(report: Backfill) -> str:
    failed = f", {report.qc_failed:,} not public" if report.qc_failed else ""
    return (
        f"Back-filled from {report.source}: {counted(report.versions, 'version', 'versions')} of "
        f"{counted(report.studies, 'study', 'studies')}{failed}; {report.added:,} added, "
        f"{report.contents:,} with a content; no alerts ({report.seconds:.1f} s)"
    )


def _place(reject: Reject) -> str:
    about = f" ({reject.nct_id})" if reject.nct_id else ""
    return f"{reject.source}, {reject.place}{about}"


def _progress(call: Call) -> Callable[[int], None] | None:
    """A line that counts on a terminal; None elsewhere."""
    if call.args.quiet or not sys.stderr.isatty():
        return None

    def show(count: int) -> None:
        sys.stderr.write(f"\r{counted(count, 'version', 'versions')} read")
        sys.stderr.flush()

    return show
