"""Compare two states of one study: snapshots, or the registry's own versions."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, a_number, an_instant, counted
from ctmonitor.cli.moments import is_name, named, none_there, said_of_numbers
from ctmonitor.cli.shape import change_object
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctmonitor.records import Record
    from ctmonitor.store import Transaction
    from ctmonitor.store.timeline import Moment, Numbers

EXAMPLE = "ctmonitor diff NCT04946669 --from 1 --to 2026-03-02"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `diff` takes."""
    parser.add_argument("nct", metavar="NCT", help="the study's number")
    parser.add_argument(
        "--from",
        dest="earlier",
        metavar="N|vN|DATE",
        help="a snapshot, a version or a day; default the one before",
    )
    parser.add_argument(
        "--to",
        dest="later",
        metavar="N|vN|DATE",
        help="a snapshot, a version or a day; default the last snapshot",
    )


def run(call: Call) -> int:
    """Compare, print."""
    from ctmonitor.store.questions import Seen
    from ctmonitor.store.timeline import differences, numbers_of, timeline

    nct_id = a_number(call.args.nct)
    with call.store.reading() as tx:
        numbers = numbers_of(tx, nct_id)
        moments = timeline(tx, numbers.every)
        if not moments:
            raise none_there(nct_id)
        later = _moment(call, moments, numbers, call.args.later) or _last(moments, numbers)
        earlier = _moment(call, moments, numbers, call.args.earlier) or _before(moments, later)
        found = differences(_with_record(tx, earlier), _with_record(tx, later))
    said_of_numbers(call, numbers)
    rows = [
        change_object(Seen(later.nct_id, later.number, change, later.seen_at, later.registry_date))
        for change in found
    ]
    if later.version:
        rows = [{**row, "snapshot": None, "version": later.number} for row in rows]
    if call.args.json:
        call.give_json(rows)
        return 0
    many = counted(len(rows), "change", "changes")
    call.give(f"{nct_id}: {_name(earlier, numbers)} -> {_name(later, numbers)}: {many}")
    names = ("label", "item", "kind", "before", "after", "made_by")
    call.give_table(names, [[row[name] for name in names] for row in rows])
    return 0


def _moment(
    call: Call, moments: Sequence[Moment], numbers: Numbers, word: str | None
) -> Moment | None:
    from ctmonitor.store.timeline import as_of

    if word is None:
        return None
    if is_name(word):
        found = named(word, moments, numbers)
    else:
        found = as_of(moments, numbers, an_instant(word, call.clock, is_end=True))
    if found is None:
        raise _none(numbers, f"for {word}")
    return found


def _last(moments: Sequence[Moment], numbers: Numbers) -> Moment:
    """The last snapshot; of a study never seen, the last version with a content."""
    from ctmonitor.store.timeline import latest

    contents = [one for one in moments if one.has_content]
    if not contents:
        raise _none(numbers, "with a content")
    return latest(moments, numbers) or contents[-1]


def _before(moments: Sequence[Moment], later: Moment) -> Moment:
    """The one of its kind before, or itself when it is the first."""
    alike = [
        one
        for one in moments
        if one.nct_id == later.nct_id
        and bool(one.snapshot) is bool(later.snapshot)
        and one.has_content
        and one.number < later.number
    ]
    return max(alike, key=lambda one: one.number, default=later)


def _with_record(tx: Transaction, moment: Moment) -> tuple[Moment, Record]:
    from ctmonitor.store.timeline import record_of

    record = record_of(tx, moment)
    if record is None:
        raise CommandWrong(
            f"{moment.name} of {moment.nct_id} is only listed; `ctmonitor backfill` takes its "
            "content"
        )
    return moment, record


def _name(moment: Moment, numbers: Numbers) -> str:
    return moment.name if moment.nct_id == numbers.asked else f"{moment.name} of {moment.nct_id}"


def _none(numbers: Numbers, what: str) -> CommandWrong:
    nct_id = numbers.asked
    return CommandWrong(
        f"{nct_id} has no snapshot {what}; `ctmonitor history {nct_id}` shows what there is"
    )
