"""Show every setting with its value and where it came from; secrets are masked."""

from __future__ import annotations

import argparse

from ctmonitor.cli.call import Call

EXAMPLE = "CTMONITOR_ZONE=Europe/Berlin ctmonitor settings"


def arguments(_parser: argparse.ArgumentParser) -> None:
    """`settings` takes nothing of its own."""


def run(call: Call) -> int:
    """Print the settings."""
    rows = [{**row, "value": _plain(row["value"])} for row in call.settings.plain()]
    if call.args.json:
        call.give_json(rows)
        return 0
    names = ("variable", "value", "origin", "meaning")
    call.give_table(names, [[row[name] for name in names] for row in rows])
    return 0


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float) else str(value)
