"""Look now at a source, keep what changed, raise alerts and send them."""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, counted
from ctmonitor.cli.dispatch import send_owed

if TYPE_CHECKING:
    from ctmonitor.store.sweeps import Counts

EXAMPLE = "ctmonitor sweep studies/ page.txt --watch oncology"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `sweep` takes."""
    parser.add_argument(
        "source",
        nargs="*",
        metavar="SOURCE",
        help="a file or folder of records (JSON, NDJSON, .gz, .zip, study pages), or - for NDJSON "
        "on standard input",
    )
    parser.add_argument("--watch", metavar="NAME", help="only the studies on this watch list")
    parser.add_argument("--today", metavar="DATE", help="the date to believe in (for replays)")
    parser.add_argument("--no-dispatch", action="store_true", help="send nothing now")


def run(call: Call) -> int:
    """Sweep, say what came out, dispatch."""
    from ctmonitor.jobs.sweep import Plan, sweep
    from ctmonitor.sources import open_source
    from ctmonitor.store import watching

    # A process may have been begun with its standard input closed.
    source = open_source(call.args.source, sys.stdin.buffer if sys.stdin else io.BytesIO())
    watch = None
    if call.args.watch:
        with call.store.reading() as tx:
            watch = watching.watch_list(tx, call.args.watch)
    if not call.args.no_dispatch:
        _ = call.outlets  # a wrong setting is refused before the work, not after it
    plan = Plan(
        tuning=call.tuning,
        flood_limit=call.flood_limit,
        clock=call.clock,
        watch=watch,
        progress=_progress(call),
    )
    report = sweep(call.store, source, plan)
    if plan.progress:
        sys.stderr.write("\n")
    if call.args.json:
        call.give_json(report.plain())
    else:
        counts = report.counts
        received = counted(counts.received, "study", "studies")
        call.give(
            f"Sweep {report.sweep} of {report.source}: {received} read; "
            f"{counts.new:,} new, {counts.changed:,} changed, {counts.unchanged:,} unchanged, "
            f"{counts.missing:,} missing, {counts.rejected:,} rejected; "
            f"{counted(counts.alerts, 'alert', 'alerts')} ({report.seconds:.1f} s)"
        )
    _remark(call, report.counts, report.gaps)
    undelivered = 0 if call.args.no_dispatch else send_owed(call)
    return undelivered or (0 if report.is_complete else 5)


def _remark(call: Call, counts: Counts, gaps: tuple[str, ...]) -> None:
    if counts.rejected:
        aside = counted(counts.rejected, "input was", "inputs were")
        call.say(f"{aside} set aside; `ctmonitor rejects` says why")
    if counts.older:
        older = counted(counts.older, "record is", "records are")
        call.say(f"{older} of an older release than held; left as it was")
    for gap in gaps:
        call.say(f"partial: {gap}")


def _progress(call: Call) -> Callable[[Counts], None] | None:
    """A line that counts on a terminal; None elsewhere."""
    if call.args.quiet or not sys.stderr.isatty():
        return None
    started = time.monotonic()

    def show(counts: Counts) -> None:
        rate = counts.received / max(time.monotonic() - started, 0.001)
        line = f"{counts.received:,} read, {counts.changed:,} changed, {rate:,.0f} a second"
        sys.stderr.write(f"\r{line.ljust(60)}")
        sys.stderr.flush()

    return show
