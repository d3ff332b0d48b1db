"""`python -m flows.demo`: the demo as Prefect flows, on a server of its own that ends with it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ctmonitor.jobs.demo import Stage, prepare, tell


def main() -> None:
    """Lay out the demo, run its looks and its due day as flows, tell the story."""
    parser = argparse.ArgumentParser(prog="python -m flows.demo", description=__doc__)
    parser.add_argument("--folder", metavar="FOLDER", help="where to put its store and mails")
    folder = parser.parse_args().folder
    stage = prepare(Path(folder) if folder else None)
    settle_in(stage)
    sys.stderr.write("Starting a Prefect server for this run; this takes about half a minute.\n")
    run(stage)
    for line in tell(stage):
        sys.stdout.write(f"{line}\n")


def settle_in(stage: Stage) -> None:
    """Let this process's settings be the demo's alone, whatever the user set for real work."""
    for name in list(os.environ):
        if name.startswith(("PREFECT_", "CTMONITOR_")):
            del os.environ[name]
    os.environ |= {
        "CTMONITOR_CONFIG": os.devnull,
        "CTMONITOR_DATABASE_URL": stage.database_url,
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(stage.folder / "prefect"),
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # A first start makes Prefect's tables, which can outlast its own limit of 20 s.
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    }


def run(stage: Stage) -> None:
    """The flows of the demo, one after the other."""
    # Prefect reads its settings when it is imported.
    from flows.due import due
    from flows.sweep import sweep

    for look in stage.looks:
        sweep(list(look.sources), today=look.today.isoformat())
    due(today=stage.looks[-1].today.isoformat())


if __name__ == "__main__":
    main()
