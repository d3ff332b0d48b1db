"""Say which studies matter: add, list, show and remove watch lists."""

from __future__ import annotations

import argparse

from ctmonitor.cli.call import Call, a_number, counted, numbers_in
from ctmonitor.cli.options import everywhere
from ctmonitor.errors import CommandWrong

EXAMPLE = "ctmonitor watch add oncology --nct NCT04946669 --from numbers.txt"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `watch` takes."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="add|list|show|remove")
    add = acts.add_parser(
        "add",
        help="make a list, or add to one",
        epilog=f"example: {EXAMPLE}",
        parents=[everywhere()],
    )
    add.add_argument("name", metavar="NAME")
    add.add_argument("--nct", metavar="NCT", action="extend", nargs="+", help="study numbers")
    add.add_argument("--from", dest="file", metavar="FILE", help="a text file of study numbers")
    add.add_argument("--all", action="store_true", help="every study")
    acts.add_parser(
        "list",
        help="list the lists",
        epilog="example: ctmonitor watch list",
        parents=[everywhere()],
    )
    for act in ("show", "remove"):
        one = acts.add_parser(
            act,
            help=f"{act} a list",
            epilog=f"example: ctmonitor watch {act} NAME",
            parents=[everywhere()],
        )
        one.add_argument("name", metavar="NAME")
        if act == "remove":
            one.add_argument(
                "--nct", metavar="NCT", action="extend", nargs="+", help="only these numbers of it"
            )


def run(call: Call) -> int:
    """Do the one act that was asked for."""
    acts = {"add": _add, "list": _list, "show": _show, "remove": _remove}
    return acts[call.args.act](call)


def _add(call: Call) -> int:
    from ctmonitor.store import journal, watching
    from ctmonitor.watches import WatchList

    args = call.args
    numbers = {a_number(text) for text in args.nct or ()}
    numbers.update(numbers_in(args.file) if args.file else ())
    if args.all == bool(numbers):
        raise CommandWrong("say which studies: --nct, --from FILE, or --all alone")
    if not args.name.strip() or any(not sign.isprintable() for sign in args.name):
        raise CommandWrong("a watch list needs a name of printable letters")
    at = call.clock.now()
    with call.store.writing() as tx:
        watch_list = WatchList(args.name, args.all, frozenset(numbers))
        is_new = watching.add_watch_list(tx, watch_list, at)
        detail = {"name": args.name, "all": args.all, "numbers": sorted(numbers)}
        journal.note(tx, "added to a watch list", detail, who=call.who, at=at)
        now = watching.watch_list(tx, args.name)
    many = "everything" if now.is_all else counted(len(now.nct_ids), "study", "studies")
    if call.args.json:
        call.give_json({"name": now.name, "all": now.is_all, "studies": len(now.nct_ids)})
    else:
        call.give(f"Watch list {now.name}{' made' if is_new else ''}: {many}")
    return 0


def _list(call: Call) -> int:
    from ctmonitor.store import watching

    with call.store.reading() as tx:
        lists = watching.all_watch_lists(tx)
    rows = [{"name": one.name, "all": one.is_all, "studies": len(one.nct_ids)} for one in lists]
    if call.args.json:
        call.give_json(rows)
    else:
        names = ("name", "studies")
        call.give_table(
            names, [[row["name"], "everything" if row["all"] else row["studies"]] for row in rows]
        )
    return 0


def _show(call: Call) -> int:
    from ctmonitor.store import studies, watching

    with call.store.reading() as tx:
        one = watching.watch_list(tx, call.args.name)
        numbers = sorted(one.nct_ids)
        known = studies.held(tx, numbers)
    rows = [
        {
            "nct_id": number,
            "overall_status": known[number].facts.overall_status if number in known else None,
            "brief_title": known[number].facts.brief_title if number in known else None,
        }
        for number in numbers
    ]
    if call.args.json:
        call.give_json({"name": one.name, "all": one.is_all, "studies": rows})
    elif one.is_all:
        call.give(f"{one.name}: everything")
    else:
        names = ("nct_id", "overall_status", "brief_title")
        call.give_table(names, [[row[name] for name in names] for row in rows])
    return 0


def _remove(call: Call) -> int:
    from ctmonitor.store import journal, watching

    args = call.args
    numbers = [a_number(text) for text in args.nct or ()]
    at = call.clock.now()
    with call.store.writing() as tx:
        if numbers:
            gone = watching.drop_members(tx, args.name, numbers)
            said = f"{counted(gone, 'study', 'studies')} taken off {args.name}"
        else:
            watching.remove_watch_list(tx, args.name)
            said = f"Watch list {args.name} removed, with the subscriptions to it"
        detail = {"name": args.name, "numbers": numbers}
        journal.note(tx, "removed from a watch list", detail, who=call.who, at=at)
    if args.json:
        call.give_json({"name": args.name, "removed": numbers or "all"})
    else:
        call.give(said)
    return 0
