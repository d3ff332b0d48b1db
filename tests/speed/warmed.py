"""Our command line in a process that has loaded its code first, so that the work alone is counted.

    python -m tests.speed.warmed FILE WORD...

calls `ctmonitor WORD...`, and writes to a file, as JSON, what that took: CPU seconds with those of
the processes it started, and the peaks of this process and of the largest it started. It leaves
well when the command finished, also with something to tell; else as the command left.
"""

from __future__ import annotations

import json
import pkgutil
import resource
import sys
from importlib import import_module
from pathlib import Path

import ctmonitor
from ctmonitor.cli import entry
from tests.speed.spent import FINISHED

_ROOMS = ("alerts", "changes", "formats", "jobs", "records", "rules", "sources", "store", "watches")
_COLD = ("migrations", "upgrade", "demo", "__main__")
"""Parts that a look at a store in use never loads."""


def load() -> None:
    """Import what a look imports when it first needs it."""
    for module in pkgutil.walk_packages(ctmonitor.__path__, "ctmonitor.", onerror=_pass_over):
        parts = module.name.split(".")
        if parts[1] in _ROOMS and not set(parts) & set(_COLD):
            import_module(module.name)
    for name in ("ctmonitor.cli.parser", "ctmonitor.cli.sweep", "sqlalchemy.dialects.sqlite"):
        import_module(name)


def _pass_over(name: str) -> None:
    """A part that cannot be loaded is not what is measured; a look that needs it will say so."""


def _spent() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def _peak_mb(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def main() -> int:
    """Call the command and write what it took."""
    told, *words = sys.argv[1:]
    load()
    sys.argv = ["ctmonitor", *words]
    began = _spent()
    code: object = 0
    try:
        entry()
    except SystemExit as end:
        code = end.code or 0
    took = {
        "cpu_seconds": _spent() - began,
        "own_peak_mb": _peak_mb(resource.RUSAGE_SELF),
        "child_peak_mb": _peak_mb(resource.RUSAGE_CHILDREN),
        "code": code,
    }
    Path(told).write_text(json.dumps(took), encoding="utf-8")
    return 0 if code in FINISHED else int(str(code))


if __name__ == "__main__":
    sys.exit(main())
