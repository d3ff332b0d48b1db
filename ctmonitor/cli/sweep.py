"""Look now at a source, keep what changed, raise alerts and send them."""

from __future__ import annotations

import argparse
import io
import sys
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, counted
from ctmonitor.cli.dispatch import send_owed
from ctmonitor.cli.progress import shown

if TYPE_CHECKING:
    from ctmonitor.jobs.sweep import Report

EXAMPLE = "ctmonitor sweep --watch oncology"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `sweep` takes."""
    parser.add_argument(
        "source",
        nargs="*",
        metavar="SOURCE",
        help="ctgov, the registry's API; or files and folders of records (JSON, NDJSON, .gz, .zip, "
        "study pages), or - for NDJSON on standard input. Without any: the API, for every watched "
        "study, or for the whole registry where no list says which",
    )
    parser.add_argument("--watch", metavar="NAME", help="only the studies on this watch list")
    parser.add_argument(
        "--way",
        choices=("full", "status", "incremental"),
        help="how to look at the registry; without it the cheapest way that misses nothing",
    )
    parser.add_argument("--today", metavar="DATE", help="the date to believe in (for replays)")
    parser.add_argument("--no-dispatch", action="store_true", help="send nothing now")


def run(call: Call) -> int:
    """Sweep, say what came out, dispatch."""
    from ctmonitor.jobs.opening import opened
    from ctmonitor.jobs.sweep import Plan, sweep

    if not call.args.no_dispatch:
        _ = call.outlets  # a wrong setting is refused before the work, not after it
    # A process may have been begun with its standard input closed.
    stdin = sys.stdin.buffer if sys.stdin else io.BytesIO()
    source, watch = opened(
        call.store,
        call.args.source,
        stdin,
        registry=lambda: call.registry,
        clock=call.clock,
        watch=call.args.watch,
        way=call.args.way,
    )
    plan = Plan(
        tuning=call.tuning,
        flood_limit=call.flood_limit,
        clock=call.clock,
        watch=watch,
        progress=shown(call),
    )
    report = sweep(call.store, source, plan)
    if plan.progress and sys.stderr.isatty():
        sys.stderr.write("\n")
    if call.args.json:
        call.give_json(report.plain())
    else:
        call.give(_said(report))
    _remark(call, report)
    undelivered = 0 if call.args.no_dispatch else send_owed(call)
    return undelivered or (0 if report.is_complete and not report.held else 5)


def _said(report: Report) -> str:
    counts = report.counts
    way = f", {report.way} ({report.certificate['why']})" if report.way else ""
    received = counted(counts.received, "study", "studies")
    return (
        f"Sweep {report.sweep} of {report.source}{way}: {received} read; "
        f"{counts.new:,} new, {counts.changed:,} changed, {counts.unchanged:,} unchanged, "
        f"{counts.missing:,} missing, {counts.rejected:,} rejected; "
        f"{counted(counts.alerts, 'alert', 'alerts')} ({report.seconds:.1f} s)"
    )


def _remark(call: Call, report: Report) -> None:
    counts = report.counts
    if counts.rejected:
        aside = counted(counts.rejected, "input was", "inputs were")
        call.say(f"{aside} set aside; `ctmonitor rejects` says why")
    if counts.older:
        older = counted(counts.older, "record is", "records are")
        call.say(f"{older} of an older release than held; left as it was")
    if unknown := report.certificate.get("unknown"):
        call.say(f"not known to the registry: {', '.join(unknown[:20])}")
    for gap in report.gaps:
        call.say(f"partial: {gap}")
    for why in report.held:
        call.say(f"held: {why}")
    if report.held:
        act = f"ctmonitor sweeps release {report.sweep} --reason ..."
        call.say(f"nobody is told until you say `{act}`, or `absorb` in the place of `release`")
