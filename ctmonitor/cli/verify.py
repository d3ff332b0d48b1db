"""Prove that what is kept is what was written, or name the first row that is not."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ctmonitor.cli.call import Call
from ctmonitor.errors import ChainBroken, CommandWrong

if TYPE_CHECKING:
    from ctmonitor.jobs.proof import Proof

SHORTEST_HEAD = 8

EXAMPLE = "ctmonitor verify 03745b7b5a1c"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `verify` takes."""
    parser.add_argument(
        "head", nargs="?", metavar="HEAD", help="a chain head from a mail: prove what it sealed"
    )


def run(call: Call) -> int:
    """Recompute the chains and every content; exit code 6 and a sentence at the first break."""
    asked = call.args.head
    if asked and (len(asked) < SHORTEST_HEAD or set(asked) - set("0123456789abcdef")):
        raise CommandWrong(
            f"{asked!r} is no chain head; give at least {SHORTEST_HEAD} of its signs"
        )
    proof = _proved(call, asked)
    if proof.unnoted:
        call.say(f"proved, but that it was could not be noted: {proof.unnoted}")
    if call.args.json:
        told = {"rows": proof.counts, "head": proof.head, "sealed_at": proof.sealed_at}
        call.give_json({"intact": True, **told})
        return 0
    rows = ", ".join(f"{count:,} {name}" for name, count in proof.counts.items())
    call.give(f"Intact: {rows}. Head {proof.head}")
    if proof.sealed_at:
        call.give(f"{asked} sealed everything kept until {proof.sealed_at[:19]}Z")
    return 0


def _proved(call: Call, asked: str | None) -> Proof:
    """The proof; a break is also given as JSON to those who asked for it."""
    from ctmonitor.jobs.proof import prove

    try:
        return prove(call.store, asked, who=call.who, clock=call.clock)
    except ChainBroken as problem:
        if call.args.json:
            call.give_json({"intact": False, "break": str(problem)})
        raise
