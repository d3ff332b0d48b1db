"""Tell what is about to happen: which studies turn UNKNOWN or fall due, and when."""

from __future__ import annotations

import argparse

from ctmonitor.cli.call import Call, a_number
from ctmonitor.cli.filters import rule_known, watched_numbers
from ctmonitor.errors import CommandWrong

EXAMPLE = "ctmonitor forecast --days 30 --rule unknown-due"
DAYS = 90


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `forecast` takes."""
    parser.add_argument(
        "--days", metavar="N", type=int, default=DAYS, help=f"how far ahead ({DAYS})"
    )
    parser.add_argument("--nct", metavar="NCT", action="append", help="of this study")
    parser.add_argument("--watch", metavar="NAME", help="of the studies on this watch list")
    parser.add_argument("--rule", metavar="RULE", action="append", help="by this rule")
    parser.add_argument("--today", metavar="DATE", help="the date to believe in")


def run(call: Call) -> int:
    """Ask, print, soonest first."""
    from ctmonitor.jobs.due import forecasts

    rules = {rule_known(name) for name in call.args.rule or ()}
    if not 0 <= call.args.days <= 3660:
        raise CommandWrong(f"--days {call.args.days}: give a number from 0 to 3660")
    with call.store.reading() as tx:
        found = forecasts(
            tx,
            days=call.args.days,
            nct_ids=_numbers(call),
            tuning=call.tuning,
            clock=call.clock,
        )
    rows = [
        {
            "nct_id": one.nct_id,
            "rule": one.rule,
            "due_on": one.due_on.isoformat(),
            "days_left": one.days_left,
            "because": one.because,
        }
        for one in found
        if not rules or one.rule in rules
    ]
    if call.args.json:
        call.give_json(rows)
        return 0
    names = ("due_on", "days_left", "nct_id", "rule", "because")
    call.give_table(
        names,
        [[*(row[name] for name in names[:-1]), _because(row["because"])] for row in rows],
    )
    return 0


def _numbers(call: Call) -> frozenset[str] | None:
    asked = frozenset(a_number(text) for text in call.args.nct or ())
    watched = watched_numbers(call, call.args.watch)
    if watched is None:
        return asked or None
    return asked & watched if asked else watched


def _because(facts: object) -> str:
    if not isinstance(facts, dict):
        return str(facts)
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
