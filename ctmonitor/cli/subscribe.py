"""Say who wants to hear: add, list, remove and mute subscriptions to watch lists."""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ctmonitor.cli.call import Call, a_day, a_number, counted
from ctmonitor.cli.filters import rule_known
from ctmonitor.cli.options import a_count, everywhere
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from ctmonitor.watches import Cadence

EXAMPLE = "ctmonitor subscribe add ada@example.org --watch oncology --min-severity normal"
MUTE_DAYS = 90
ADDRESS = "a mail address, webhook:NAME, chat:NAME or file:FOLDER"
SEVERITIES = ("critical", "high", "normal", "low")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `subscribe` takes."""
    acts = parser.add_subparsers(
        dest="act", required=True, metavar="add|list|remove|mute|apply|test"
    )
    add = acts.add_parser(
        "add",
        help="add a subscription",
        epilog=f"example: {EXAMPLE}",
        parents=[everywhere()],
    )
    add.add_argument("address", metavar="ADDRESS", help=ADDRESS)
    add.add_argument("--watch", metavar="NAME", required=True, help="the watch list")
    add.add_argument("--rule", metavar="RULE", action="append", help="only alerts of this rule")
    add.add_argument("--min-severity", choices=SEVERITIES, default="low")
    add.add_argument(
        "--cadence",
        metavar="WHEN",
        default="run",
        help="run (one digest for each run), now (one message a study, at once), "
        "'daily HH:MM' or 'weekly mon HH:MM'; default run",
    )
    manner = add.add_argument_group("how they are told, whatever the watch list")
    manner.add_argument("--zone", metavar="ZONE", help="their time zone, such as Europe/Berlin")
    manner.add_argument(
        "--quiet-hours",
        metavar="HOURS",
        help="when to hold what is owed, as 'mon-fri 18:00-08:00, sat-sun 00:00-24:00'; "
        "'none' ends it",
    )
    manner.add_argument(
        "--breaks-quiet",
        choices=SEVERITIES,
        help="from which severity on even those hours do not hold it; default critical",
    )
    manner.add_argument(
        "--repeat-days",
        metavar="N",
        type=a_count,
        help="tell again what is still so after so many days without a mark",
    )
    manner.add_argument("--escalate-to", metavar="ADDRESS", help="tell this address, too, ...")
    manner.add_argument(
        "--escalate-hours",
        metavar="N",
        type=a_count,
        help="... what is high or critical and has no mark after so many hours; default 72",
    )
    acts.add_parser(
        "list",
        help="list them",
        epilog="example: ctmonitor subscribe list",
        parents=[everywhere()],
    )
    apply = acts.add_parser(
        "apply",
        help="make the subscribers in ctmonitor.toml what it says of them",
        epilog="example: ctmonitor subscribe apply --dry-run",
        parents=[everywhere()],
    )
    apply.add_argument("--dry-run", action="store_true", help="only check what is written")
    test = acts.add_parser(
        "test",
        help="send one message that says that it is a test",
        epilog="example: ctmonitor subscribe test ada@example.org",
        parents=[everywhere()],
    )
    test.add_argument("address", metavar="ADDRESS", help=ADDRESS)
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
    mute.add_argument(
        "--rule",
        metavar="RULE",
        help="this rule; or all-quiet, the word after each week without news",
    )
    ahead = f"up to and including this day; default {MUTE_DAYS} days from today, all-quiet for good"
    mute.add_argument("--until", metavar="DATE", help=ahead)
    mute.add_argument("--reason", metavar="TEXT", default="", help="why; kept in the journal")


def run(call: Call) -> int:
    """Do the one act that was asked for."""
    acts = {
        "add": _add,
        "list": _list,
        "remove": _remove,
        "mute": _mute,
        "apply": _apply,
        "test": _test,
    }
    return acts[call.args.act](call)


def _add(call: Call) -> int:
    from ctmonitor.alerts import Severity
    from ctmonitor.delivery import check_address
    from ctmonitor.store import journal, subscribing

    args = call.args
    address = check_address(args.address)
    call.outlets.check(address)
    rules = [rule_known(call, name) for name in args.rule or ()]
    cadence, manner = _cadence(args.cadence), _manner(args)
    at = call.clock.now()
    with call.store.writing() as tx:
        subscribing.subscribe(
            tx,
            address,
            args.watch,
            rules=rules,
            min_severity=Severity(args.min_severity),
            cadence=cadence,
            at=at,
        )
        subscribing.set_manner(tx, address, manner, usual_zone=str(call.settings["zone"]), at=at)
        detail = {"address": address, "watch": args.watch, "rules": rules}
        detail |= {"min_severity": args.min_severity, "cadence": str(cadence), **manner}
        journal.note(tx, "subscribed", detail, who=call.who, at=at)
    if args.json:
        call.give_json({"address": address, "watch": args.watch, "rules": rules})
    else:
        call.give(f"{address} hears about {args.watch}")
    return 0


def _apply(call: Call) -> int:
    from ctmonitor.jobs.wishes import apply_wishes, read_wishes

    wishes = read_wishes(call.settings.subscribers, call.tuning)
    for wish in wishes:
        call.outlets.check(wish.address)
    if not wishes:
        raise CommandWrong("ctmonitor.toml names no subscribers; write [[subscribers]]")
    changed: list[dict[str, Any]] = []
    if not call.args.dry_run:
        zone = str(call.settings["zone"])
        changed = apply_wishes(call.store, wishes, who=call.who, usual_zone=zone, clock=call.clock)
    if call.args.json:
        call.give_json({"subscribers": len(wishes), "changed": changed})
        return 0
    for one in changed:
        call.give(f"{one['address']}: {one['act']}, {one['watch']}")
    call.give(
        f"{counted(len(wishes), 'subscriber', 'subscribers')}, "
        f"{counted(len(changed), 'change', 'changes')}"
    )
    return 0


def _test(call: Call) -> int:
    from ctmonitor.delivery import check_address
    from ctmonitor.jobs.notice import send_test
    from ctmonitor.store import journal

    address, at = check_address(call.args.address), call.clock.now()
    call.outlets.check(address)
    send_test(call.outlets, address, now=at)
    with call.store.writing() as tx:
        journal.note(tx, "tested", {"address": address}, who=call.who, at=at)
    if call.args.json:
        call.give_json({"address": address, "sent": True})
    else:
        call.give(f"A test left for {address}")
    return 0


def _cadence(text: str) -> Cadence:
    from ctmonitor.watches import Cadence

    try:
        return Cadence.parse(text)
    except ValueError as problem:
        raise CommandWrong(f"--cadence: {problem}") from None


def _manner(args: argparse.Namespace) -> dict[str, Any]:
    """How the subscriber is to be told, as far as the arguments say it."""
    from ctmonitor.delivery import check_address
    from ctmonitor.jobs.wishes import ESCALATE_HOURS
    from ctmonitor.watches import spans

    hours = None if args.quiet_hours in (None, "none") else args.quiet_hours
    try:
        if args.zone:
            ZoneInfo(args.zone)
        spans(hours or "")
    except (ZoneInfoNotFoundError, OSError):
        raise CommandWrong(f"--zone: {args.zone!r} is not a time zone") from None
    except ValueError as problem:
        raise CommandWrong(f"--quiet-hours: {problem}") from None
    to = check_address(args.escalate_to) if args.escalate_to else None
    chosen = {
        "zone": args.zone,
        "breaks_quiet": args.breaks_quiet,
        "repeat_days": args.repeat_days,
        "escalate_to": to,
        "escalate_hours": args.escalate_hours or (ESCALATE_HOURS if to else None),
    }
    said = {name: value for name, value in chosen.items() if value is not None}
    return said if args.quiet_hours is None else {**said, "quiet": hours}


def _list(call: Call) -> int:
    from ctmonitor.store import subscribing

    with call.store.reading() as tx:
        wishes = subscribing.wishes(tx)
    rows: list[dict[str, Any]] = [
        {
            "address": one.address,
            "watch": one.watch_list,
            "rules": list(one.rules),
            "min_severity": str(one.min_severity),
            "cadence": one.cadence,
            "zone": one.zone,
            "quiet_hours": one.quiet,
            "breaks_quiet": one.breaks_quiet,
            "repeat_days": one.repeat_days,
            "escalate_to": one.escalate_to,
            "escalate_hours": one.escalate_hours,
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
    from ctmonitor.store import journal, subscribing

    args = call.args
    address = check_address(args.address)
    at = call.clock.now()
    with call.store.writing() as tx:
        gone = subscribing.unsubscribe(tx, address, args.watch)
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
    from ctmonitor.store import journal, subscribing
    from ctmonitor.store.silence import ALL_QUIET

    args = call.args
    if not args.nct and not args.rule:
        raise CommandWrong("say what to mute: --nct, --rule, or both")
    address = check_address(args.address)
    nct_id = a_number(args.nct) if args.nct else None
    rule = args.rule if args.rule in (None, ALL_QUIET) else rule_known(call, args.rule)
    last = call.clock.today + timedelta(days=MUTE_DAYS)
    # Who refuses the word after a quiet week refuses it for good.
    usual = date.max if rule == ALL_QUIET and nct_id is None else last
    until = a_day(args.until) if args.until else usual
    at = call.clock.now()
    with call.store.writing() as tx:
        subscribing.mute(
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
        long = "for good" if until == date.max else f"until {until}"
        call.give(f"{address}: {' '.join(filter(None, (nct_id, rule)))} muted {long}")
    return 0
