"""Look now at a source, keep what changed, raise alerts and send them."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, counted
from ctmonitor.cli.dispatch import send_owed
from ctmonitor.cli.options import a_count
from ctmonitor.cli.progress import fetching, shown

if TYPE_CHECKING:
    from ctmonitor.jobs.sweep import Report

EXAMPLE = "ctmonitor sweep --watch oncology"
MOST_NAMED = 20
IDLE = {"nothing-new": "nothing new", "stale": "nothing read"}
"""Ways to look in which no study is read, and what came of them."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `sweep` takes."""
    parser.add_argument(
        "source",
        nargs="*",
        metavar="SOURCE",
        help="ctgov, the registry's API; bulk, its archive of everything; or files and folders of "
        "records (JSON, NDJSON, .gz, .zip, study pages), or - for NDJSON on standard input. "
        "Without any: the API, for every watched study, or for the whole registry where no list "
        "says which",
    )
    parser.add_argument("--watch", metavar="NAME", help="only the studies on this watch list")
    parser.add_argument(
        "--way",
        choices=("full", "status", "incremental"),
        help="how to look at the registry; without it the cheapest way that misses nothing",
    )
    archives = parser.add_argument_group("archives")
    archives.add_argument(
        "--deep", action="store_true", help="read every study, whatever the directory proves"
    )
    archives.add_argument(
        "--whole",
        action="store_true",
        help="the archive holds the whole registry: what it lacks is missing there",
    )
    archives.add_argument(
        "--processes",
        metavar="N",
        type=a_count,
        help="read in so many processes, from some thousand studies on; else one a processor",
    )
    parser.add_argument("--today", metavar="DATE", help="the date to believe in (for replays)")
    parser.add_argument("--no-dispatch", action="store_true", help="send nothing now")


def run(call: Call) -> int:
    """Sweep, say what came out, dispatch."""
    from ctmonitor.jobs.opening import ArchiveTerms, opened
    from ctmonitor.jobs.sweep import Plan, sweep
    from ctmonitor.jobs.watched_run import pinging

    if call.settings["smtp_url"] and not call.args.no_dispatch:
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
        terms=ArchiveTerms(
            tuning=call.tuning,
            is_deep=call.args.deep,
            is_whole=call.args.whole,
            processes=call.args.processes,
            folder=call.data_folder,
            progress=fetching(call),
        ),
    )
    with shown(call) as progress:
        plan = Plan(
            tuning=call.tuning,
            flood_limit=call.flood_limit,
            clock=call.clock,
            watch=watch,
            progress=progress,
        )
        report = pinging(
            call.settings["ping_url"], lambda: sweep(call.store, source, plan), call.say
        )
    if call.args.json:
        call.give_json(report.plain())
    else:
        call.give(in_words(report))
    for sentence in remarks(report):
        call.say(sentence)
    undelivered = 0 if call.args.no_dispatch else send_owed(call)
    return undelivered or (0 if report.is_complete and not report.held else 5)


def in_words(report: Report) -> str:
    """What a look came to, in one sentence."""
    seconds = f"{report.seconds:.1f} s"
    told = report.certificate
    if report.way in IDLE:
        found = f"{IDLE[report.way]}, {told['why']}"
        asked = f"{counted(told['requests'], 'request', 'requests')}, " if told["requests"] else ""
        return f"Sweep {report.sweep} of {told['scope']}: {found} ({asked}{seconds})"
    counts = report.counts
    alerts = counted(counts.alerts, "alert", "alerts")
    return (
        f"Sweep {report.sweep} of {_look(report)}: {_read(report)}; "
        f"{counts.new:,} new, {counts.changed:,} changed, {counts.unchanged:,} unchanged, "
        f"{counts.missing:,} missing, {counts.rejected:,} rejected; {alerts} ({seconds})"
    )


def remarks(report: Report) -> Iterator[str]:
    """What else there is to know about a look, and what to do about it."""
    counts = report.counts
    if counts.rejected:
        aside = counted(counts.rejected, "input was", "inputs were")
        yield f"{aside} set aside; `ctmonitor rejects` says why"
    if counts.older:
        older = counted(counts.older, "record is", "records are")
        yield f"{older} of an older release than held; left as it was"
    if unknown := report.certificate.get("unknown"):
        yield f"not known to the registry, and never was to us: {_named(unknown)}"
    yield from _of_a_look_gone_on(report)
    yield from _of_what_lacks(report)
    for why in report.held:
        yield f"held: {why}"
    if report.held:
        settle = f"{report.sweep} --reason ..."
        yield (
            f"its alerts wait for you: `ctmonitor sweeps release {settle}` raises them, "
            f"`ctmonitor sweeps absorb {settle}` forgets them"
        )


def _of_a_look_gone_on(report: Report) -> Iterator[str]:
    if earlier := report.certificate.get("goes_on_from"):
        seen = counted(report.certificate["seen_before"], "study", "studies")
        sweeps = "sweep" if len(earlier) == 1 else "sweeps"
        named = ", ".join(map(str, earlier))
        yield f"gone on where {sweeps} {named} stopped; {seen} had been seen there"


def _of_what_lacks(report: Report) -> Iterator[str]:
    if report.state == "stale" and "members" in report.certificate:
        yield "nothing was changed; an archive of an earlier day is read without --whole"
        return
    if report.state == "stale":
        yield "a server behind the registry may lag; nothing was changed, the next sweep asks again"
        return
    for gap in report.gaps:
        yield f"partial: {gap}"
    if report.gaps and report.way:
        yield "what came is kept, and nothing is called missing; sweep again to read the rest"


def _look(report: Report) -> str:
    """What was looked at, how and why so: `all watched studies, full (asked for)`."""
    if not report.way:
        return report.source
    told = report.certificate
    ended = f", {report.state}" if report.state in ("partial", "held") else ""
    return f"{told['scope']}, {report.way} ({told['why']}){ended}"


def _read(report: Report) -> str:
    received = counted(report.counts.received, "study", "studies")
    if report.way == "fast":
        return f"{received}, {report.certificate['read']:,} of them read"
    read = f"{received} read"
    if report.way != "status":
        return read
    return f"{read}, {report.certificate['whole_records']:,} of them whole"


def _named(numbers: Sequence[str]) -> str:
    more = f" and {len(numbers) - MOST_NAMED:,} more" if len(numbers) > MOST_NAMED else ""
    return f"{', '.join(numbers[:MOST_NAMED])}{more}"
