"""Prove that what is kept is what was written, or name the first row that is not."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call
from ctmonitor.errors import ChainBroken, CommandWrong

if TYPE_CHECKING:
    from ctmonitor.store import Transaction

SHORTEST_HEAD = 8

EXAMPLE = "ctmonitor verify 03745b7b5a1c"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `verify` takes."""
    parser.add_argument(
        "head", nargs="?", metavar="HEAD", help="a chain head from a mail: prove what it sealed"
    )


def run(call: Call) -> int:
    """Recompute the chains and every content; exit code 6 and a sentence at the first break."""
    from ctmonitor.store import audit, chain

    asked = call.args.head
    if asked and (len(asked) < SHORTEST_HEAD or set(asked) - set("0123456789abcdef")):
        raise CommandWrong(
            f"{asked!r} is no chain head; give at least {SHORTEST_HEAD} of its signs"
        )
    with call.store.reading() as tx:
        counts = _verified(call, tx)
        sealed_at = audit.sealed_at(tx, asked) if asked else None
        head = chain.heads(tx)["journal"][1]
    if call.args.json:
        call.give_json({"intact": True, "rows": counts, "head": head, "sealed_at": sealed_at})
        return 0
    rows = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    call.give(f"Intact: {rows}. Head {head}")
    if sealed_at:
        call.give(f"{asked} sealed everything kept until {sealed_at[:19]}Z")
    return 0


def _verified(call: Call, tx: Transaction) -> dict[str, int]:
    """The rows by table; a break is also given as JSON to those who asked for it."""
    from ctmonitor.store import audit

    try:
        return audit.verify(tx)
    except ChainBroken as problem:
        if call.args.json:
            call.give_json({"intact": False, "break": str(problem)})
        raise
