"""Show what the registry said about one study: now, as we knew it, or as it was registered."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ctmonitor.cli.call import Call, a_day, a_number, an_instant
from ctmonitor.cli.options import a_count
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from ctmonitor.store import Transaction

EXAMPLE = "ctmonitor show NCT04946669 --as-of 2026-03-02 --json"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `show` takes."""
    parser.add_argument("nct", metavar="NCT", help="the study's number")
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--as-of", metavar="DATE", help="what we knew at the end of this day")
    when.add_argument(
        "--as-registered", metavar="DATE", help="what the registry said on this day, by its dates"
    )
    when.add_argument("--snapshot", metavar="N", type=a_count, help="this snapshot, by its number")


def run(call: Call) -> int:
    """Ask, print; JSON is in the registry's own shape."""
    from ctmonitor.store.questions import record_at

    nct_id = a_number(call.args.nct)
    with call.store.reading() as tx:
        number = _number(call, tx, nct_id)
        record = record_at(tx, nct_id, number)
    if call.args.json:
        call.give_json(record.content)
        return 0
    facts = record.facts
    call.give(f"{nct_id} (snapshot {number}): {facts.brief_title or '-'}")
    for label, value in _lines(facts):
        call.give(f"  {label:<29}{value if value is not None else '-'}")
    return 0


def _number(call: Call, tx: Transaction, nct_id: str) -> int:
    from ctmonitor.store.questions import number_as_of, number_as_registered, snapshots_of

    args = call.args
    there = [one.number for one in snapshots_of(tx, nct_id)]
    if not there:
        raise CommandWrong(f"{nct_id} was never seen; sweep a source that has it")
    if args.as_of:
        number = number_as_of(tx, nct_id, an_instant(args.as_of, call.clock, is_end=True))
        why = f"on {args.as_of} we had not seen {nct_id} yet"
    elif args.as_registered:
        number = number_as_registered(tx, nct_id, a_day(args.as_registered))
        why = f"we hold nothing that the registry said about {nct_id} on {args.as_registered}"
    else:
        number = args.snapshot or there[-1]
        number = number if number in there else None
        why = f"{nct_id} has no snapshot {args.snapshot}"
    if number is None:
        raise CommandWrong(f"{why}; `ctmonitor history {nct_id}` shows what there is")
    return number


def _lines(facts: Any) -> list[tuple[str, Any]]:
    def typed(date: Any, type_: Any) -> str | None:
        return None if date is None else f"{date} ({type_})" if type_ else str(date)

    return [
        ("Overall Status", facts.overall_status),
        ("Last Known Status", facts.last_known_status),
        ("Why Study Stopped", facts.why_stopped),
        ("Record Verification Date", facts.status_verified_date),
        ("Start Date", typed(facts.start_date, facts.start_date_type)),
        (
            "Primary Completion Date",
            typed(facts.primary_completion_date, facts.primary_completion_date_type),
        ),
        ("Completion Date", typed(facts.completion_date, facts.completion_date_type)),
        ("Enrollment", typed(facts.enrollment, facts.enrollment_type)),
        ("Lead Sponsor", facts.lead_sponsor),
        ("Last Update Posted", facts.last_update_posted_date),
        ("UNKNOWN from, if unverified", facts.unknown_due_on),
    ]
