"""Show the whole chain on a small made registry, in a folder of its own."""

from __future__ import annotations

import argparse
from pathlib import Path

from ctmonitor.cli.call import Call

EXAMPLE = "ctmonitor demo"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `demo` takes."""
    parser.add_argument("--folder", metavar="FOLDER", help="where to put its store and mails")


def run(call: Call) -> int:
    """Run the demo, print its story."""
    from ctmonitor.jobs.demo import demonstrate

    folder = Path(call.args.folder) if call.args.folder else None
    for told in demonstrate(folder):
        for line in told.splitlines() or [""]:
            call.give(line)
    return 0
