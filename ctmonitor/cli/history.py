"""Tell everything that was seen of one study, from the first snapshot to the last."""

from __future__ import annotations

import argparse
from typing import Any

from ctmonitor.cli.call import Call, a_number, counted
from ctmonitor.cli.shape import change_object
from ctmonitor.errors import CommandWrong

EXAMPLE = "ctmonitor history NCT04946669"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `history` takes."""
    parser.add_argument("nct", metavar="NCT", help="the study's number")


def run(call: Call) -> int:
    """Ask, print."""
    from ctmonitor.store.questions import changes_of, snapshots_of

    nct_id = a_number(call.args.nct)
    with call.store.reading() as tx:
        snapshots = snapshots_of(tx, nct_id)
        changes: dict[int, list[dict[str, Any]]] = {}
        for seen in changes_of(tx, nct_id):
            changes.setdefault(seen.number, []).append(change_object(seen))
    if not snapshots:
        raise CommandWrong(f"{nct_id} was never seen; sweep a source that has it")
    rows: list[dict[str, Any]] = [
        {
            "number": one.number,
            "origin": one.origin,
            "seen_at": one.seen_at,
            "registry_date": one.registry_date,
            "data_date": one.data_date,
            "changes": changes.get(one.number, []),
        }
        for one in snapshots
    ]
    if call.args.json:
        call.give_json({"nct_id": nct_id, "snapshots": rows})
        return 0
    for row in rows:
        first = (
            "first seen"
            if row["number"] == 1
            else counted(len(row["changes"]), "change", "changes")
        )
        call.give(
            f"snapshot {row['number']}: seen {row['seen_at'][:19]}Z, "
            f"registry {row['registry_date'] or '-'}; {first}"
        )
        for change in row["changes"]:
            if not change["noise"]:
                call.give(f"  {_said(change)}")
    return 0


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
