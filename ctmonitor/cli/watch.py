"""Say which studies matter: add, list, show and remove watch lists."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import orjson

from ctmonitor.cli.call import Call, a_number, counted, numbers_in
from ctmonitor.cli.options import everywhere
from ctmonitor.errors import CommandWrong, SourceUnreadable

if TYPE_CHECKING:
    from ctmonitor.watches import Question, WatchList

EXAMPLE = "ctmonitor watch add oncology --nct NCT04946669 --from numbers.txt"
SHOWN = 10
"""Studies that a preview shows of those that match."""
MANY = 20_000
"""More studies than this are rarely what a question was meant to find."""
FIELDS = ("NCTId", "BriefTitle", "OverallStatus")


class Once(argparse.Action):
    """An option that is not said twice, since the first would be forgotten in silence."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Take its word, or end with a sentence."""
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{option_string} is given twice; ask for either with --query 'A OR B'")
        setattr(namespace, self.dest, values)


@dataclass(frozen=True, slots=True)
class Found:
    """What a question finds now: how many studies, and the first of them."""

    matches: int
    first: tuple[dict[str, Any], ...]


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
    asking = add.add_argument_group(
        "a question to the registry",
        "several together find what answers all of them: --condition 'lung cancer' --sponsor Acme",
    )
    for option, metavar, meaning in (
        ("--query", "EXPR", "a search expression of the registry"),
        ("--url", "URL", "a search on the registry's site"),
        ("--sponsor", "NAME", "a lead sponsor or collaborator"),
        ("--condition", "NAME", "a condition or disease"),
    ):
        asking.add_argument(option, metavar=metavar, action=Once, help=meaning)
    asking.add_argument(
        "--preview", action="store_true", help="show what the question finds, and keep nothing"
    )
    asking.add_argument(
        "--offline", action="store_true", help="keep the question without asking the registry now"
    )
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
    wanted = _wanted(call.args)
    if wanted.question is None:
        return _saved(call, wanted, None)
    if call.args.offline:
        return _saved(call, wanted, None)
    found = _asked(call, wanted.question)
    return _previewed(call, wanted, found) if call.args.preview else _saved(call, wanted, found)


def _wanted(args: argparse.Namespace) -> WatchList:
    """The list that was asked for; CommandWrong for one that cannot be."""
    from ctmonitor.watches import WatchList

    numbers = {a_number(text) for text in args.nct or ()}
    numbers.update(numbers_in(args.file) if args.file else ())
    question = _question(args)
    if args.all + bool(numbers) + (question is not None) != 1:
        raise CommandWrong(
            "say which studies: --nct and --from FILE, or a question "
            "(--query, --url, --sponsor, --condition), or --all alone"
        )
    if not args.name.strip() or any(not sign.isprintable() for sign in args.name):
        raise CommandWrong("a watch list needs a name of printable letters")
    if question is None and (args.preview or args.offline):
        raise CommandWrong("--preview and --offline go with a question; leave them out")
    if args.preview and args.offline:
        raise CommandWrong("--preview asks the registry, --offline does not; leave one out")
    return WatchList(args.name, args.all, frozenset(numbers), question)


def _question(args: argparse.Namespace) -> Question | None:
    from ctmonitor.watches import Question

    asked = []
    if args.query is not None:
        asked.append(Question.from_expression(args.query))
    if args.url is not None:
        asked.append(Question.from_url(args.url))
    if args.sponsor is not None:
        asked.append(Question.of(sponsor=args.sponsor))
    if args.condition is not None:
        asked.append(Question.of(condition=args.condition))
    return reduce(Question.narrowed, asked) if asked else None


def _asked(call: Call, question: Question) -> Found:
    """What the registry finds now; a registry that cannot be asked says how to go on."""
    mend = "nothing was kept; --offline keeps a question that was not tried"
    try:
        page = call.registry.page(question.plain(), fields=FIELDS, size=SHOWN)
    except SourceUnreadable as problem:
        raise SourceUnreadable(problem.source, problem.why, mend) from None
    first = tuple(_row(study) for study in page.studies[:SHOWN])
    if any(row["nct_id"] is None for row in first):
        raise SourceUnreadable("the registry", "its answer has something that is no study", mend)
    matches = len(page.studies) if page.total is None else page.total
    if not matches:
        call.say("No study matches now; the list has its first when one does")
    if matches > MANY:
        call.say(
            f"More than {MANY:,} studies match, and every sweep of the list asks for all of them; "
            "perhaps a narrower question was meant"
        )
    return Found(matches, first)


def _row(study: bytes) -> dict[str, Any]:
    """A study of a page in the words of `watch show`."""
    protocol = _part(orjson.loads(study), "protocolSection")
    about = _part(protocol, "identificationModule")
    return {
        "nct_id": about.get("nctId"),
        "overall_status": _part(protocol, "statusModule").get("overallStatus"),
        "brief_title": about.get("briefTitle"),
    }


def _part(tree: Any, name: str) -> dict[str, Any]:
    part = tree.get(name) if isinstance(tree, dict) else None
    return part if isinstance(part, dict) else {}


def _previewed(call: Call, wanted: WatchList, found: Found) -> int:
    if call.args.json:
        call.give_json(_plain(wanted) | _plain_found(found) | {"saved": False})
        return 0
    call.give(f"{_said(wanted)}: {counted(found.matches, 'study matches', 'studies match')} now")
    _give_rows(call, found.first)
    if found.matches > len(found.first):
        call.give(f"and {found.matches - len(found.first):,} more")
    call.say(f"Watch list {wanted.name} was not kept; without --preview it is")
    return 0


def _saved(call: Call, wanted: WatchList, found: Found | None) -> int:
    from ctmonitor.store import journal, watching

    at = call.clock.now()
    asked = wanted.question.plain() if wanted.question else None
    with call.store.writing() as tx:
        is_new = watching.add_watch_list(tx, wanted, at)
        detail = {"name": wanted.name, "all": wanted.is_all, "numbers": sorted(wanted.nct_ids)}
        if asked is not None:
            detail["question"] = asked
        journal.note(tx, "added to a watch list", detail, who=call.who, at=at)
        now = watching.watch_list(tx, wanted.name)
    if call.args.json:
        more = {} if found is None else _plain_found(found)
        saved = {} if now.question is None else {"saved": True}
        call.give_json(_plain(now) | more | saved)
        return 0
    many = "everything" if now.is_all else counted(len(now.nct_ids), "study", "studies")
    if now.question is not None:
        many = f"{_said(now)}; not asked yet, the next sweep does"
        if found is not None:
            many = f"{_said(now)}; {counted(found.matches, 'study matches', 'studies match')} now"
    call.give(f"Watch list {now.name}{' made' if is_new else ''}: {many}")
    return 0


def _list(call: Call) -> int:
    from ctmonitor.store import watching

    with call.store.reading() as tx:
        lists = watching.all_watch_lists(tx)
    if call.args.json:
        call.give_json([_plain(one) for one in lists])
        return 0
    has_questions = any(one.question for one in lists)
    names = ("name", "studies", "question") if has_questions else ("name", "studies")
    rows = [
        [one.name, "everything" if one.is_all else len(one.nct_ids), _said(one) or None]
        for one in lists
    ]
    call.give_table(names, [row[: len(names)] for row in rows])
    return 0


def _show(call: Call) -> int:
    from ctmonitor.store import studies, watching

    with call.store.reading() as tx:
        one = watching.watch_list(tx, call.args.name)
        release = watching.asked_release(tx, one.name)
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
        call.give_json(_plain(one) | {"asked_release": release, "studies": rows})
        return 0
    if one.is_all:
        call.give(f"{one.name}: everything")
        return 0
    if one.question is not None:
        when = f"in the release of {release}" if release else "not asked yet, the next sweep does"
        many = f"{counted(len(numbers), 'study', 'studies')} " if release else ""
        call.give(f"{one.name}: {_said(one)}; {many}{when}")
    _give_rows(call, rows)
    return 0


def _said(one: WatchList) -> str:
    return one.question.said if one.question else ""


def _plain(one: WatchList) -> dict[str, Any]:
    question = one.question and {"said": one.question.said, "asked": one.question.plain()}
    return {"name": one.name, "all": one.is_all, "question": question, "studies": len(one.nct_ids)}


def _plain_found(found: Found) -> dict[str, Any]:
    return {"matches": found.matches, "first": list(found.first)}


def _give_rows(call: Call, rows: Sequence[Mapping[str, Any]]) -> None:
    names = ("nct_id", "overall_status", "brief_title")
    call.give_table(names, [[row[name] for name in names] for row in rows])


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
