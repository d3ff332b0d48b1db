"""How far a look has come: a line that counts on a terminal, a line a page elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, counted

if TYPE_CHECKING:
    from ctmonitor.jobs.sweep import Progress

LINE = 78


def shown(call: Call) -> Callable[[Progress], None] | None:
    """What to do with each sign of progress; None when nobody wants to see it."""
    if call.args.quiet:
        return None
    started = time.monotonic()
    is_terminal = sys.stderr.isatty()

    def show(progress: Progress) -> None:
        line = in_words(progress, time.monotonic() - started)
        if is_terminal:
            sys.stderr.write(f"\r{line[:LINE].ljust(LINE)}")
            sys.stderr.flush()
        elif progress.done:
            call.say(line)

    return show


def in_words(progress: Progress, seconds: float) -> str:
    """`page 3 of 67: 450 studies, 4 changed, 150 a second, 64 s left`."""
    counts = progress.counts
    rate = counts.received / max(seconds, 0.001)
    read = counted(counts.received, "study", "studies")
    told = f"{read}, {counts.changed:,} changed, {rate:,.0f} a second"
    if not progress.done:
        return told
    of = f" of {progress.expected:,}" if progress.expected else ""
    line = f"page {progress.done:,}{of}: {told}"
    if progress.expected and progress.expected > progress.done:
        left = seconds / progress.done * (progress.expected - progress.done)
        line = f"{line}, {left:,.0f} s left"
    return line
