"""Compare two snapshots of one study."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call, a_number, an_instant, counted
from ctmonitor.cli.shape import change_object
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from ctmonitor.store import Transaction
    from ctmonitor.store.questions import Snapshot

EXAMPLE = "ctmonitor diff NCT04946669 --from 1 --to 2026-03-02"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `diff` takes."""
    parser.add_argument("nct", metavar="NCT", help="the study's number")
    parser.add_argument(
        "--from",
        dest="earlier",
        metavar="N|DATE",
        help="a snapshot or a day; default the last but one",
    )
    parser.add_argument(
        "--to",
        dest="later",
        metavar="N|DATE",
        help="a snapshot or a day; default the last",
    )


def run(call: Call) -> int:
    """Compare, print."""
    from ctmonitor.changes import compare
    from ctmonitor.store.questions import Seen, record_at, snapshots_of

    nct_id = a_number(call.args.nct)
    with call.store.reading() as tx:
        there = snapshots_of(tx, nct_id)
        if not there:
            raise CommandWrong(f"{nct_id} was never seen; sweep a source that has it")
        last = there[-1].number
        later = _number(call, tx, there, nct_id, call.args.later, last)
        earlier = _number(call, tx, there, nct_id, call.args.earlier, max(1, later - 1))
        found = compare(record_at(tx, nct_id, earlier), record_at(tx, nct_id, later))
    seen = there[later - 1]
    rows = [
        change_object(Seen(nct_id, later, change, seen.seen_at, seen.registry_date))
        for change in found
    ]
    if call.args.json:
        call.give_json(rows)
        return 0
    many = counted(len(rows), "change", "changes")
    call.give(f"{nct_id}: snapshot {earlier} -> snapshot {later}: {many}")
    names = ("label", "item", "kind", "before", "after", "made_by")
    call.give_table(names, [[row[name] for name in names] for row in rows])
    return 0


def _number(
    call: Call,
    tx: Transaction,
    there: list[Snapshot],
    nct_id: str,
    text: str | None,
    default: int,
) -> int:
    from ctmonitor.store.questions import number_as_of

    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) < 9:
        number: int | None = int(text) if int(text) in {one.number for one in there} else None
    else:
        number = number_as_of(tx, nct_id, an_instant(text, call.clock, is_end=True))
    if number is None:
        raise CommandWrong(
            f"{nct_id} has no snapshot for {text}; `ctmonitor history {nct_id}` shows them"
        )
    return number
