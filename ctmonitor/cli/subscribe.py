"""Say who wants to hear: add, list, remove and mute subscriptions to watch lists."""

from __future__ import annotations

import argparse
from datetime import timedelta

from ctmonitor.cli.call import Call, a_day, a_number, counted
from ctmonitor.cli.filters import rule_known
from ctmonitor.cli.options import everywhere
from ctmonitor.errors import CommandWrong

EXAMPLE = "ctmonitor subscribe add ada@example.org --watch oncology --min-severity normal"
MUTE_DAYS = 90
SEVERITIES = ("critical", "high", "normal", "low")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `subscribe` takes."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="add|list|remove|mute")
    add = acts.add_parser(
        "add",
        help="add a subscription",
        epilog=f"example: {EXAMPLE}",
        parents=[everywhere()],
    )
    add.add_argument("address", metavar="ADDRESS", help="a mail address, or file:FOLDER")
    add.add_argument("--watch", metavar="NAME", required=True, help="the watch list")
    add.add_argument("--rule", metavar="RULE", action="append", help="only alerts of this rule")
    add.add_argument("--min-severity", choices=SEVERITIES, default="low")
    add.add_argument("--cadence", choices=("run",), default="run", help="one digest for each run")
    acts.add_parser(
        "list",
        help="list them",
        epilog="example: ctmonitor subscribe list",
        parents=[everywhere()],
    )
    remove = acts.add_parser(
        "remove",
        help="remove them",
        epilog="example: ctmonitor subscribe remove ada@example.org",
        parents=[everywhere()],
    )
    remove.add_argument("address", metavar="ADDRESS")
    remove.add_argument("--watch", metavar="NAME", help="only to this watch list")
    mute = acts.add_parser(
        "mute",
        help="hear nothing of a study or rule for a while",
        epilog="example: ctmonitor subscribe mute ada@example.org --nct NCT04946669 "
        '--until 2026-12-31 --reason "known"',
        parents=[everywhere()],
    )
    mute.add_argument("address", metavar="ADDRESS")
    mute.add_argument("--nct", metavar="NCT", help="this study")
    mute.add_argument("--rule", metavar="RULE", help="this rule")
    ahead = f"up to and including this day; default {MUTE_DAYS} days from today"
    mute.add_argument("--until", metavar="DATE", help=ahead)
    mute.add_argument("--reason", metavar="TEXT", default="", help="why; kept in the journal")


def run(call: Call) -> int:
    """Do the one act that was asked for."""
    acts = {"add": _add, "list": _list, "remove": _remove, "mute": _mute}
    return acts[call.args.act](call)


def _add(call: Call) -> int:
    from ctmonitor.alerts import Severity
    from ctmonitor.delivery import check_address
    from ctmonitor.store import journal, watching

    args = call.args
    address = check_address(args.address)
    rules = [rule_known(name) for name in args.rule or ()]
    at = call.clock.now()
    with call.store.writing() as tx:
        watching.subscribe(
            tx,
            address,
            args.watch,
            rules=rules,
            min_severity=Severity(args.min_severity),
            cadence=args.cadence,
            at=at,
        )
        detail = {"address": address, "watch": args.watch, "rules": rules}
        detail["min_severity"] = args.min_severity
        journal.note(tx, "subscribed", detail, who=call.who, at=at)
    if args.json:
        call.give_json({"address": address, "watch": args.watch, "rules": rules})
    else:
        call.give(f"{address} hears about {args.watch}")
    return 0


def _list(call: Call) -> int:
    from ctmonitor.store import watching

    with call.store.reading() as tx:
        wishes = watching.wishes(tx)
    rows = [
        {
            "address": one.address,
            "watch": one.watch_list,
            "rules": list(one.rules),
            "min_severity": str(one.min_severity),
            "cadence": one.cadence,
        }
        for one in wishes
    ]
    if call.args.json:
        call.give_json(rows)
    else:
        names = ("address", "watch", "min_severity", "cadence")
        call.give_table(
            (*names, "rules"),
            [[*(row[n] for n in names), ", ".join(row["rules"]) or "all"] for row in rows],
        )
    return 0


def _remove(call: Call) -> int:
    from ctmonitor.delivery import check_address
    from ctmonitor.store import journal, watching

    args = call.args
    address = check_address(args.address)
    at = call.clock.now()
    with call.store.writing() as tx:
        gone = watching.unsubscribe(tx, address, args.watch)
        if not gone:
            raise CommandWrong(f"{address} has no such subscription; `ctmonitor subscribe list`")
        detail = {"address": address, "watch": args.watch}
        journal.note(tx, "unsubscribed", detail, who=call.who, at=at)
    if args.json:
        call.give_json({"address": address, "removed": gone})
    else:
        call.give(f"{address}: {counted(gone, 'subscription', 'subscriptions')} removed")
    return 0


def _mute(call: Call) -> int:
    from ctmonitor.delivery import check_address
    from ctmonitor.store import journal, watching

    args = call.args
    if not args.nct and not args.rule:
        raise CommandWrong("say what to mute: --nct, --rule, or both")
    address = check_address(args.address)
    nct_id = a_number(args.nct) if args.nct else None
    rule = rule_known(args.rule) if args.rule else None
    last = call.clock.today + timedelta(days=MUTE_DAYS)
    until = a_day(args.until) if args.until else last
    at = call.clock.now()
    with call.store.writing() as tx:
        watching.mute(
            tx,
            address,
            nct_id=nct_id,
            rule=rule,
            until=until,
            reason=args.reason,
            at=at,
        )
        detail = {"address": address, "nct_id": nct_id, "rule": rule, "until": str(until)}
        detail["reason"] = args.reason
        journal.note(tx, "muted", detail, who=call.who, at=at)
    if args.json:
        call.give_json(detail)
    else:
        call.give(f"{address}: {' '.join(filter(None, (nct_id, rule)))} muted until {until}")
    return 0
