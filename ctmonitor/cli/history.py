"""Tell everything that was seen of one study, and the registry's own versions of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ctmonitor.cli.call import Call, a_number, counted
from ctmonitor.cli.moments import none_there, said_of_numbers
from ctmonitor.cli.shape import change_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctmonitor.changes import Change
    from ctmonitor.store import Transaction
    from ctmonitor.store.timeline import Moment, Numbers

EXAMPLE = "ctmonitor history NCT04946669"
_Changes = dict[tuple[str, str], tuple[int | None, list[dict[str, Any]]]]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `history` takes."""
    parser.add_argument("nct", metavar="NCT", help="the study's number")


def run(call: Call) -> int:
    """Ask, print."""
    from ctmonitor.store.timeline import numbers_of, timeline

    nct_id = a_number(call.args.nct)
    with call.store.reading() as tx:
        numbers = numbers_of(tx, nct_id)
        moments = timeline(tx, numbers.every)
        changes = _changes(tx, moments, numbers)
    if not moments:
        raise none_there(nct_id)
    said_of_numbers(call, numbers)
    rows = [_row(one, changes) for one in moments]
    if call.args.json:
        call.give_json({"nct_id": numbers.now, "snapshots": rows})
        return 0
    for moment, row in zip(moments, rows, strict=True):
        whose = f"{moment.nct_id} " if numbers.former else ""
        call.give(f"{whose}{moment.name}: {_heading(moment, row)}")
        for change in row["changes"]:
            if not change["noise"]:
                call.give(f"  {_said(change)}")
    return 0


def _changes(tx: Transaction, moments: list[Moment], numbers: Numbers) -> _Changes:
    """By study and name of a state: the one it is held against, and what changed since."""
    from ctmonitor.store.questions import changes_of
    from ctmonitor.store.timeline import changes_by_version

    found: _Changes = {}
    for nct_id in numbers.every:
        for seen in changes_of(tx, nct_id):
            place = (nct_id, f"snapshot {seen.number}")
            found.setdefault(place, (seen.number - 1, []))[1].append(change_object(seen))
    by_version = changes_by_version(tx, moments)
    for moment in moments:
        if moment.version and (moment.nct_id, moment.number) in by_version:
            before, changed = by_version[moment.nct_id, moment.number]
            rows = [version_change(moment, change) for change in changed]
            found[moment.nct_id, moment.name] = (before, rows)
    return found


def version_change(moment: Moment, change: Change) -> dict[str, Any]:
    """One change that led to a state, as `changes --json` prints it."""
    from ctmonitor.store.questions import Seen

    seen = Seen(moment.nct_id, moment.number, change, moment.seen_at, moment.registry_date)
    row = change_object(seen)
    return row if moment.snapshot else {**row, "snapshot": None, "version": moment.number}


def _row(moment: Moment, changes: Mapping[tuple[str, str], Any]) -> dict[str, Any]:
    snapshot, version = moment.snapshot, moment.version
    before, rows = changes.get((moment.nct_id, moment.name), (None, []))
    row = {
        "nct_id": moment.nct_id,
        "number": snapshot.number if snapshot else None,
        "origin": snapshot.origin if snapshot else "version",
        "seen_at": moment.seen_at,
        "registry_date": moment.registry_date,
        "data_date": snapshot.data_date if snapshot else None,
        "changes": rows,
    }
    if version is None:
        return row
    return row | {
        "version": version.version,
        "submitted_date": version.submitted_date,
        "overall_status": version.overall_status,
        "qc_failed": version.is_qc_failed,
        "modules": None if version.modules is None else list(version.modules),
        "has_content": moment.has_content,
        "compared_with": before,
        "source": version.source,
    }


def _heading(moment: Moment, row: dict[str, Any]) -> str:
    many = counted(len(row["changes"]), "change", "changes")
    if moment.snapshot is not None:
        told = "first seen" if moment.number == 1 else many
        return f"seen {moment.seen_at[:19]}Z, registry {moment.registry_date or '-'}; {told}"
    told = f"registry {row['registry_date']}, submitted {row['submitted_date']}"
    told += f", {row['overall_status'] or '-'}"
    if row["qc_failed"]:
        told += ", failed quality control (not public)"
    if row["compared_with"] is not None:
        return f"{told}; {many} since version {row['compared_with']}"
    modules = ", ".join(row["modules"] or ())
    told += "" if row["has_content"] else "; only listed"
    return f"{told}; modules changed: {modules}" if modules else told


def _said(change: dict[str, Any]) -> str:
    item = f" [{change['item'][:60]}]" if change["item"] else ""
    before, after = (_short(change[name]) for name in ("before", "after"))
    return f"{change['label']}{item}: {before} -> {after} ({change['kind']}, {change['made_by']})"


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "an entry" if isinstance(value, dict) else f"{len(value)} entries"
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:59]}…"
