"""Show what the registry said about one study: now, as we knew it, or as it was registered."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ctmonitor.cli.call import Call, a_day, a_number, an_instant
from ctmonitor.cli.moments import named, none_there, said_of_numbers
from ctmonitor.errors import CommandWrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctmonitor.store.timeline import Moment, Numbers

EXAMPLE = "ctmonitor show NCT04946669 --as-of 2026-03-02 --json"
ONLY_LISTED = 5
"""The exit code where no more than an entry in a listing can be shown."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `show` takes."""
    parser.add_argument("nct", metavar="NCT", help="the study's number")
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--as-of", metavar="DATE", help="what we knew at the end of this day")
    when.add_argument(
        "--as-registered",
        metavar="DATE",
        help="what the registry said on this day, by its dates, back-filled versions too",
    )
    when.add_argument(
        "--snapshot",
        metavar="N|vN",
        help="this snapshot, by its number, or this version of the registry's",
    )


def run(call: Call) -> int:
    """Ask, print; JSON is in the registry's own shape."""
    from ctmonitor.store.timeline import numbers_of, record_of, timeline

    nct_id = a_number(call.args.nct)
    with call.store.reading() as tx:
        numbers = numbers_of(tx, nct_id)
        moments = timeline(tx, numbers.every)
        moment = _moment(call, moments, numbers)
        record = record_of(tx, moment)
    said_of_numbers(call, numbers)
    _remark(call, moment, moments)
    if record is None:
        return _listed(call, moment)
    if call.args.json:
        call.give_json(record.content)
        return 0
    call.give(f"{moment.nct_id} ({moment.name}): {record.facts.brief_title or '-'}")
    for label, value in _lines(record.facts):
        call.give(f"  {label:<29}{value if value is not None else '-'}")
    return 0


def _moment(call: Call, moments: Sequence[Moment], numbers: Numbers) -> Moment:
    from ctmonitor.store.timeline import as_of, as_registered, latest

    args, nct_id = call.args, numbers.asked
    if not moments:
        raise none_there(nct_id)
    if args.as_of:
        at = an_instant(args.as_of, call.clock, is_end=True)
        found, why = as_of(moments, numbers, at), f"on {args.as_of} we had not seen {nct_id} yet"
    elif args.as_registered:
        found = as_registered(moments, numbers, a_day(args.as_registered))
        why = f"we hold nothing that the registry said about {nct_id} on {args.as_registered}"
    elif args.snapshot is not None:
        found, why = named(args.snapshot, moments, numbers), f"{nct_id} has no {args.snapshot}"
    else:
        found = latest(moments, numbers)
        why = f"{nct_id} was never seen, only its versions were back-filled"
    if found is None:
        raise CommandWrong(f"{why}; `ctmonitor history {nct_id}` shows what there is")
    return found


def _remark(call: Call, moment: Moment, moments: Sequence[Moment]) -> None:
    """Say what somebody who relies on a version must know of it."""
    version = moment.version
    if version is not None and version.is_qc_failed:
        call.say(f"{moment.name} failed the registry's quality control and was not public")
    elif version is not None and version.modules is None:
        call.say(
            f"{moment.name} was given without the listing of versions; whether it passed the "
            "registry's quality control is not known"
        )
    if version is not None and version.registry_date == version.submitted_date:
        call.say(
            f"{moment.name} is dated by its submission on {version.submitted_date}; the day it "
            "was posted is not held"
        )
    if call.args.as_registered:
        for one in moments:
            if one.is_public or not (
                str(moment.registry_date) <= str(one.registry_date) <= call.args.as_registered
            ):
                continue
            call.say(f"{one.name} ({one.registry_date}) failed quality control; it is passed over")


def _listed(call: Call, moment: Moment) -> int:
    """Give what a listing says of a version, and say plainly that it is no more than that."""
    version = moment.version
    assert version is not None
    if call.args.json:
        status = {"overallStatus": version.overall_status} if version.overall_status else {}
        titles = {"nctId": moment.nct_id}
        call.give_json(
            {"protocolSection": {"identificationModule": titles, "statusModule": status}}
        )
    else:
        call.give(f"{moment.nct_id} ({moment.name}): only listed")
        call.give(f"  {'Overall Status':<29}{version.overall_status or '-'}")
        call.give(f"  {'Submitted':<29}{version.submitted_date}")
        call.give(f"  {'Modules changed':<29}{', '.join(version.modules or ()) or '-'}")
    call.say(
        f"{moment.name} of {moment.nct_id} is known from the listing of versions alone: this is no "
        "record, only what the listing says; `ctmonitor backfill` takes its content"
    )
    return ONLY_LISTED


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
