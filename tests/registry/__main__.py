"""Serve studies from files, by hand: `python -m tests.registry --port 8080 FOLDER_OR_FILES`.

Each FILE or FOLDER is one release, in the order given; `--made COUNT` makes some instead.
Enter shows the next release. `--stay` goes on when there is no more input, until interrupted.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import orjson

from ctmonitor.formats import Piece
from ctmonitor.sources import Files
from tests.registry.faults import NAMED, read_faults
from tests.registry.releases import Registry, Release, Study, a_release, number_of
from tests.registry.server import serving
from tests.speed.made_registry import RELEASED, next_release, studies


def main(argv: list[str] | None = None) -> int:
    """Serve until the input ends, or until interrupted."""
    chosen = _parser().parse_args(argv)
    releases = [*map(release_of, chosen.releases), *made_releases(chosen.made)]
    if not releases:
        print("Nothing to serve: name files or folders, or say --made COUNT.", file=sys.stderr)
        return 2
    with (
        serving(Registry(*releases), *read_faults(chosen.fault), port=chosen.port) as served,
        suppress(KeyboardInterrupt),
    ):
        print(f"{served.url} {_told(served.registry.current)}", flush=True)
        for _ in sys.stdin:
            print(_told(served.registry.advance()), flush=True)
        while chosen.stay:
            signal.pause()
    print(f"{len(served.asked)} requests; went wrong: {served.struck}")
    return 0


def release_of(path: Path) -> Release:
    """All studies in a file or folder as one release, dated by what they say, or today."""
    found = {number_of(study): study for study in _studies(path)}
    dates = {_date(study) for study in found.values()} - {None}
    return a_release(max(dates, default=str(date.today())), found.values())  # noqa: DTZ011


def made_releases(count: int) -> Iterator[Release]:
    """Two releases of a made registry, when any studies are wanted."""
    if count:
        first = list(studies(count))
        day = str(date.fromisoformat(RELEASED) + timedelta(days=1))
        yield a_release(RELEASED, first)
        yield a_release(day, next_release(first, seed=0, released=day))


def _studies(path: Path) -> Iterator[Study]:
    for found in Files((path,)).pieces():
        if isinstance(found, Piece):
            study = orjson.loads(found.payload)
            if "protocolSection" in study:
                yield study


def _date(study: Study) -> str | None:
    return study.get("derivedSection", {}).get("miscInfoModule", {}).get("versionHolder")


def _told(release: Release) -> str:
    return f"shows {release.data_timestamp}, {len(release.studies)} studies"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.registry", description=__doc__)
    parser.add_argument("releases", nargs="*", type=Path, metavar="FILE_OR_FOLDER")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--made", type=int, default=0, metavar="COUNT")
    parser.add_argument("--stay", action="store_true", help="go on when the input ends")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[:VALUE][,path=P][,nth=N][,times=N][,holding=TEXT]",
        help=f"one of {', '.join(NAMED)}",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
