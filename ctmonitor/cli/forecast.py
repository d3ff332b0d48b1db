"""Tell what is about to happen: which studies turn UNKNOWN or fall due, and when."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from ctmonitor.cli.call import Call, a_number
from ctmonitor.cli.filters import rule_known, watched_numbers
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from ctmonitor.rules import Forecast

EXAMPLE = "ctmonitor forecast --days 30 --rule unknown-due"
DAYS = 90


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `forecast` takes."""
    parser.add_argument(
        "--days", metavar="N", type=int, default=DAYS, help=f"how far ahead ({DAYS})"
    )
    parser.add_argument("--nct", metavar="NCT", action="append", help="of this study")
    parser.add_argument("--watch", metavar="NAME", help="of the studies on this watch list")
    parser.add_argument("--sponsor", metavar="TEXT", help="of lead sponsors whose name holds this")
    parser.add_argument("--rule", metavar="RULE", action="append", help="of this kind, by its rule")
    parser.add_argument("--by-month", action="store_true", help="count by month and rule")
    parser.add_argument("--today", metavar="DATE", help="the date to believe in")


def run(call: Call) -> int:
    """Ask, print, soonest first."""
    from ctmonitor.jobs.due import forecasts

    rules = {rule_known(call, name) for name in call.args.rule or ()}
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
    rows = [_object(one) for one in found if _is_asked_for(one, rules, call.args.sponsor)]
    if call.args.by_month:
        _give_months(call, rows)
    elif call.args.json:
        call.give_json(rows)
    else:
        names = ("due_on", "days_left", "nct_id", "rule", "sure", "because")
        call.give_table(names, [_cells(row, names[:-2]) for row in rows])
    return 0


def _is_asked_for(one: Forecast, rules: Collection[str], sponsor: str | None) -> bool:
    is_of = sponsor is None or sponsor.casefold() in (one.sponsor or "").casefold()
    return is_of and (not rules or one.rule in rules)


def _object(one: Forecast) -> dict[str, Any]:
    return {
        "nct_id": one.nct_id,
        "rule": one.rule,
        "due_on": one.due_on.isoformat(),
        "days_left": one.days_left,
        "because": one.because,
        "sponsor": one.sponsor,
        "prevented_by": one.prevented_by,
        "probably": one.probably or None,
    }


def _cells(row: dict[str, Any], names: Sequence[str]) -> list[object]:
    sure = "probably" if row["probably"] else "yes"
    return [*(row[name] for name in names), sure, _because(row["because"])]


def _give_months(call: Call, rows: Sequence[dict[str, Any]]) -> None:
    counted = Counter((row["due_on"][:7], row["rule"]) for row in rows)
    months = [
        {"month": month, "rule": rule, "studies": count}
        for (month, rule), count in sorted(counted.items())
    ]
    if call.args.json:
        call.give_json(months)
    else:
        names = ("month", "rule", "studies")
        call.give_table(names, [[row[name] for name in names] for row in months])


def _numbers(call: Call) -> frozenset[str] | None:
    asked = frozenset(a_number(text) for text in call.args.nct or ())
    watched = watched_numbers(call, call.args.watch)
    if watched is None:
        return asked or None
    return asked & watched if asked else watched


def _because(facts: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())
