"""The filters that `alerts` and `changes` share."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, a_number, an_instant
from ctmonitor.cli.options import a_count
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
    which.add_argument("--rule", metavar="RULE", action="append", help="that this rule told of")
    which.add_argument(
        "--field", metavar="FIELD", action="append", help="of this field and all below it"
    )
    which.add_argument("--module", metavar="MODULE", help="of this module, e.g. statusModule")
    which.add_argument("--sponsor", metavar="TEXT", help="of lead sponsors whose name holds this")
    which.add_argument("--status", metavar="STATUS", help="of studies that have this status now")
    which.add_argument("--made-by", choices=MADE_BY, help="made by the sponsor or the registry")
    which.add_argument("--since", metavar="DATE", help="seen on this day or later")
    which.add_argument("--until", metavar="DATE", help="seen on this day or earlier")
    which.add_argument("--limit", metavar="N", type=a_count, help="at most so many rows")
    parser.add_argument("--csv", action="store_true", help="print CSV")


def filter_of(call: Call) -> Filter:
    """The filter that the arguments say; CommandWrong for what cannot be."""
    from ctmonitor.store.questions import Filter

    args = call.args
    return Filter(
        nct_ids=_numbers(call),
        rules=tuple(_rule_heard(call, name) for name in args.rule or ()),
        fields=_fields(call),
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


def rule_known(call: Call, name: str) -> str:
    """The rule's name; CommandWrong when there is none of that name, nor an own one."""
    if call.tuning.rule_named(name) is None:
        raise CommandWrong(f"there is no rule {name!r}; `ctmonitor rules` shows them")
    return name


def _rule_heard(call: Call, name: str) -> str:
    """A rule's name, also of one that is no longer written but told something once."""
    from ctmonitor.store.questions import Filter, alerts_raised

    with call.store.reading() as tx:
        is_heard = bool(alerts_raised(tx, Filter(rules=(name,), limit=1)))
    return name if is_heard else rule_known(call, name)


def _fields(call: Call) -> tuple[str, ...]:
    """The names that `--field` and `--module` mean; CommandWrong for one that means nothing."""
    asked, module = call.args.field or (), call.args.module
    names = {name for text in asked for name in _names_of(call, text)}
    if module:
        inside = _names_below(_module_path(module))
        if asked and not names & inside:
            raise CommandWrong(
                f"{', '.join(asked)}: not a field of {module}; leave out one of both"
            )
        names = names & inside if asked else inside
    # A name stands for all below it, and a database bears only so many conditions.
    return tuple(sorted(name for name in names if not _above(name) & names))


def _names_of(call: Call, text: str) -> set[str]:
    from ctmonitor.records import field_named

    field = field_named(text)
    return {_kept_field(call, text)} if field is None else _names_below(field.path)


def _names_below(path: str) -> set[str]:
    from ctmonitor.records import catalogue

    return {field.name for field in catalogue().values() if f"{field.path}.".startswith(f"{path}.")}


def _above(name: str) -> set[str]:
    parts = name.split(".")
    return {".".join(parts[:count]) for count in range(1, len(parts))}


def _kept_field(call: Call, name: str) -> str:
    """A field that no catalogue knew may still have been compared and kept."""
    from ctmonitor.store.questions import has_field

    with call.store.reading() as tx:
        if not has_field(tx, name):
            raise CommandWrong(
                f"there is no field {name!r}; give its name or the registry's path, such as "
                "overall_status or protocolSection.statusModule.overallStatus"
            )
    return name


def _module_path(module: str) -> str:
    from ctmonitor.records import catalogue

    wanted = module.replace("_", "").casefold().removesuffix("module")
    paths = {field.module: field.path for field in reversed(catalogue().values())}
    for name, path in paths.items():
        if name.casefold().removesuffix("module") == wanted:
            return ".".join(path.split(".")[:2])
    known = ", ".join(sorted(name for name in paths if name.endswith("Module")))
    raise CommandWrong(f"there is no module {module!r}; one of {known}")


def _status(text: str | None) -> str | None:
    from ctmonitor.records import OverallStatus

    if text is None:
        return None
    word = text.strip().upper().replace(" ", "_").replace(",", "")
    if word not in OverallStatus.__members__:
        known = ", ".join(OverallStatus.__members__)
        raise CommandWrong(f"{text!r} is not a status; one of {known}")
    return word
