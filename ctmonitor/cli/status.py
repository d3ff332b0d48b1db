"""Say whether the watch goes on; exit code 8 when something needs a person.

It looks at the last good sweep, at what is owed and what was given up, at addresses that are not
sent to, at the last proof that nothing was altered, and at the disk.
"""

from __future__ import annotations

import argparse

from ctmonitor.cli.call import Call

EXAMPLE = "ctmonitor status --json"
NOT_WELL = 8
MOST_NAMED = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `status` takes: nothing of its own."""


def run(call: Call) -> int:
    """Look, and say one line a check."""
    from ctmonitor.jobs.health import health

    found = health(call.store, call.clock, call.settings["sweep_interval"])
    if call.args.json:
        checks = [{**check.plain(), "names": list(check.names)} for check in found.checks]
        call.give_json({"ok": found.is_well, "checks": checks})
        return 0 if found.is_well else NOT_WELL
    rows = []
    for check in found.checks:
        more = "" if len(check.names) <= MOST_NAMED else ", ..."
        named = f" ({', '.join(check.names[:MOST_NAMED])}{more})" if check.names else ""
        rows.append(["ok" if check.is_well else "failed", check.name, f"{check.why}{named}"])
    call.give_table(("state", "check", "why"), rows)
    return 0 if found.is_well else NOT_WELL
