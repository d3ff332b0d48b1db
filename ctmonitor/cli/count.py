"""Count studies: how many had which status on a day, whose turned UNKNOWN, which dates slipped.

Without `--flips` and `--slips` it counts the studies as they stood on a day, today if none is
named. Removed and merged studies are left out from the day on which that was known.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ctmonitor.cli.call import Call, a_day, an_instant, counted
from ctmonitor.cli.filters import watched_numbers
from ctmonitor.errors import CommandWrong
from ctmonitor.records import field_named

if TYPE_CHECKING:
    from ctmonitor.store.spans import Slip

EXAMPLE = "ctmonitor count --flips --since 2026-02-01 --until 2026-02-28"
SLIP_COLUMNS = (
    *("nct_id", "sponsor", "field", "label", "before", "after", "days_later"),
    *("seen_at", "registry_date"),
)
_STANDING = ("as_of", "as_registered", "by")
_OVER_A_TIME = ("since", "until", "registered")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `count` takes."""
    what = parser.add_mutually_exclusive_group()
    flips = "count the turns to UNKNOWN by who led the studies then"
    what.add_argument("--flips", action="store_true", help=flips)
    slips = "list the moves of completion dates to a later day"
    what.add_argument("--slips", action="store_true", help=slips)
    day = parser.add_mutually_exclusive_group()
    day.add_argument("--as-of", metavar="DATE", help="as we knew it at the end of this day")
    said = "as the registry said it on this day, by its own dates"
    day.add_argument("--as-registered", metavar="DATE", help=said)
    by = "count by this (status)"
    parser.add_argument("--by", choices=("status", "sponsor"), help=by)
    parser.add_argument("--watch", metavar="NAME", help="of the studies on this watch list")
    sponsor = "slips of studies whose lead sponsor's name holds this"
    parser.add_argument("--sponsor", metavar="TEXT", help=sponsor)
    since = "flips or slips seen on this day or later"
    parser.add_argument("--since", metavar="DATE", help=since)
    until = "flips or slips seen on this day or earlier"
    parser.add_argument("--until", metavar="DATE", help=until)
    theirs = "--since and --until are the registry's own dates, and not of our looks"
    parser.add_argument("--registered", action="store_true", help=theirs)
    parser.add_argument("--csv", action="store_true", help="print CSV")


def run(call: Call) -> int:
    """Ask, print."""
    if call.args.flips:
        _refuse(call, "with --flips; leave it out", *_STANDING, "sponsor")
        _flips(call)
    elif call.args.slips:
        _refuse(call, "with --slips; leave it out", *_STANDING)
        _slips(call)
    else:
        _refuse(call, "without --flips or --slips; add one", *_OVER_A_TIME, "sponsor")
        _standing(call)
    return 0


def _standing(call: Call) -> None:
    from ctmonitor.store import spans

    at = _moment(call)
    by = call.args.by or "status"
    watched = watched_numbers(call, call.args.watch)
    numbers = None if watched is None else sorted(watched)
    found: Counter[Any]
    with call.store.reading() as tx:
        if by == "status":
            found = spans.statuses_as_of(tx, at, numbers)
        else:
            found = spans.sponsors_as_of(tx, at, numbers)
    rows = [
        {by: None if word is None else str(word), "studies": number}
        for word, number in sorted(found.items(), key=lambda one: (-one[1], str(one[0] or "")))
    ]
    clock = "registered" if call.args.as_registered else "seen"
    day = call.args.as_registered or call.args.as_of or call.clock.today.isoformat()
    total = sum(found.values())
    if call.args.json:
        call.give_json({"on": day, "clock": clock, "by": by, "studies": total, "counts": rows})
        return
    _give(call, (by, "studies"), rows)
    how = "as the registry said it" if clock == "registered" else "as we knew it"
    call.say(f"{counted(total, 'study', 'studies')} on {day}, {how}")


def _flips(call: Call) -> None:
    from ctmonitor.store import spans

    watched = watched_numbers(call, call.args.watch)
    numbers = None if watched is None else sorted(watched)
    with call.store.reading() as tx:
        found = spans.flips_by_sponsor(tx, *_bounds(call), numbers)
    rows = [{"sponsor": name, "flips": number} for name, number in found]
    if call.args.json:
        call.give_json(rows)
        return
    _give(call, ("sponsor", "flips"), rows)
    call.say(counted(sum(row[1] for row in found), "turn to UNKNOWN", "turns to UNKNOWN"))


def _slips(call: Call) -> None:
    from ctmonitor.store import spans

    watched = watched_numbers(call, call.args.watch)
    with call.store.reading() as tx:
        found = spans.slips(tx, call.args.sponsor, *_bounds(call))
    rows = [_slip_object(one) for one in found if watched is None or one.nct_id in watched]
    if call.args.json:
        call.give_json(rows)
    elif call.args.csv:
        call.give_csv(SLIP_COLUMNS, rows)
    else:
        names = ("nct_id", "field", "before", "after", "days_later", "sponsor")
        cells = [[row["seen_at"][:10], *(row[name] for name in names)] for row in rows]
        call.give_table(("seen", *names), cells)


def _give(call: Call, names: tuple[str, str], rows: Sequence[dict[str, Any]]) -> None:
    if call.args.csv:
        call.give_csv(names, rows)
    else:
        call.give_table(names, [[row[names[0]], f"{row[names[1]]:,}"] for row in rows])


def _slip_object(slip: Slip) -> dict[str, Any]:
    field = field_named(slip.field)
    return {
        "nct_id": slip.nct_id,
        "sponsor": slip.lead_sponsor,
        "field": slip.field,
        "label": field.label if field else slip.field,
        "before": str(slip.before),
        "after": str(slip.after),
        "days_later": slip.days,
        "seen_at": slip.seen_at,
        "registry_date": slip.registry_date,
    }


def _moment(call: Call) -> datetime | date:
    """The instant of ours, or the day of the registry, that is asked about."""
    if call.args.as_registered:
        return a_day(call.args.as_registered)
    if call.args.as_of:
        return an_instant(call.args.as_of, call.clock, is_end=True)
    return call.clock.end_of(call.clock.today)


def _bounds(call: Call) -> tuple[datetime | date | None, datetime | date | None]:
    """From when, and before when, by the clock that is asked."""
    since, until = call.args.since, call.args.until
    if call.args.registered:
        after = a_day(until) + timedelta(days=1) if until else None
        return (a_day(since) if since else None), after
    return (
        an_instant(since, call.clock, is_end=False) if since else None,
        an_instant(until, call.clock, is_end=True) if until else None,
    )


def _refuse(call: Call, why: str, *names: str) -> None:
    """CommandWrong when an option was given that another question takes."""
    given = [f"--{name.replace('_', '-')}" for name in names if getattr(call.args, name)]
    if given:
        raise CommandWrong(f"{given[0]} means nothing {why}")
