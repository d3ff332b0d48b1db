"""The filters that `alerts` and `changes` share."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, a_number, an_instant
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from ctmonitor.store.questions import Filter

MADE_BY = ("sponsor", "registry")


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add every filter, and the format CSV, to a command."""
    which = parser.add_argument_group("which rows")
    which.add_argument(
        "--nct", metavar="NCT", action="append", help="of this study (again for more)"
    )
    which.add_argument("--watch", metavar="NAME", help="of the studies on this watch list")
    which.add_argument("--rule", metavar="RULE", action="append", help="by this rule")
    which.add_argument(
        "--field", metavar="FIELD", action="append", help="of this field and all below it"
    )
    which.add_argument("--module", metavar="MODULE", help="of this module, e.g. statusModule")
    which.add_argument("--sponsor", metavar="TEXT", help="of lead sponsors whose name holds this")
    which.add_argument("--status", metavar="STATUS", help="of studies that have this status now")
    which.add_argument("--made-by", choices=MADE_BY, help="made by the sponsor or the registry")
    which.add_argument("--since", metavar="DATE", help="seen on this day or later")
    which.add_argument("--until", metavar="DATE", help="seen on this day or earlier")
    which.add_argument("--limit", metavar="N", type=int, help="at most so many rows")
    parser.add_argument("--csv", action="store_true", help="print CSV")


def filter_of(call: Call) -> Filter:
    """The filter that the arguments say; CommandWrong for what cannot be."""
    from ctmonitor.store.questions import Filter

    args = call.args
    if args.limit is not None and args.limit < 1:
        raise CommandWrong(f"--limit {args.limit}: give a number from 1")
    return Filter(
        nct_ids=_numbers(call),
        rules=tuple(_rule(name) for name in args.rule or ()),
        fields=tuple(_fields(args)),
        sponsor=args.sponsor,
        status=_status(args.status),
        made_by=args.made_by,
        since=an_instant(args.since, call.clock, is_end=False) if args.since else None,
        until=an_instant(args.until, call.clock, is_end=True) if args.until else None,
        limit=args.limit,
    )


def watched_numbers(call: Call, name: str | None) -> frozenset[str] | None:
    """The numbers on a watch list; None when everything is watched or no list is named."""
    from ctmonitor.store import watching

    if name is None:
        return None
    with call.store.reading() as tx:
        watch_list = watching.watch_list(tx, name)
    return None if watch_list.is_all else watch_list.nct_ids


def _numbers(call: Call) -> list[str] | None:
    asked = {a_number(text) for text in call.args.nct or ()}
    watched = watched_numbers(call, call.args.watch)
    if watched is None:
        return sorted(asked) or None
    return sorted(asked & watched) if asked else sorted(watched)


def _rule(name: str) -> str:
    from ctmonitor.rules import rule_named

    if rule_named(name) is None:
        raise CommandWrong(f"there is no rule {name!r}; `ctmonitor rules` shows them")
    return name


def _fields(args: argparse.Namespace) -> list[str]:
    from ctmonitor.records import catalogue, field_named

    names = []
    for text in args.field or ():
        field = field_named(text)
        # A field that no catalogue knew may still have been compared and kept.
        names.append(field.name if field else text)
    if args.module:
        wanted = args.module.removesuffix("Module").casefold()
        found = [
            field.name
            for field in catalogue().values()
            if field.module.removesuffix("Module").casefold() == wanted
        ]
        if not found:
            modules = sorted(
                {f.module for f in catalogue().values() if f.module.endswith("Module")}
            )
            raise CommandWrong(f"there is no module {args.module!r}; one of {', '.join(modules)}")
        names += found
    return names


def _status(text: str | None) -> str | None:
    from ctmonitor.records import OverallStatus

    if text is None:
        return None
    word = text.strip().upper().replace(" ", "_").replace(",", "")
    if word not in OverallStatus.__members__:
        known = ", ".join(OverallStatus.__members__)
        raise CommandWrong(f"{text!r} is not a status; one of {known}")
    return word
