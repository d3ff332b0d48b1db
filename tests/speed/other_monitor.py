"""BioCatalystFeed, as far as it may be installed here, put before the same registry as we are.

Its environment is its own. This file is also what runs in there, so that it imports nothing of
ours: `python other_monitor.py ADDRESS DATABASE COUNT` looks once at all studies by its own
command line, without its waits between requests, and says how much it asked for.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

NAMED = "biocatalystfeed==0.3.3"


def installed(folder: Path) -> str | None:
    """The Python of an environment in which it is installed; None where that cannot be had."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    told = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", NAMED], check=False, capture_output=True
    )
    return None if told.returncode else python


def look(address: str, database: str, count: str) -> int:
    """One of its looks at everything; the last line printed is what it asked for."""
    import requests

    class Counted(requests.Session):
        asked = received = 0

        def send(self, request: Any, **options: Any) -> Any:
            answer = super().send(request, **options)
            self.asked += 1
            self.received += answer.raw.tell()
            return answer

    cli, client = (importlib.import_module(f"trialwatch.{name}") for name in ("cli", "client"))
    session, made = Counted(), client.CTGovClient
    client.BASE = address
    cli.CTGovClient = lambda: made(min_interval=0, session=session)
    watch = ["watch", "--name", "everything", "--max", count]
    code: int = importlib.import_module("biocatalystfeed.cli").main(
        ["trials", "--db", database, *watch]
    )
    print(json.dumps({"requests": session.asked, "bytes": session.received}))
    return code


if __name__ == "__main__":
    sys.exit(look(*sys.argv[1:]))
