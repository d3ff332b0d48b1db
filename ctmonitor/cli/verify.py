"""Prove that what is kept is what was written, or name the first row that is not."""

from __future__ import annotations

import argparse

from ctmonitor.cli.call import Call

EXAMPLE = "ctmonitor verify"


def arguments(_parser: argparse.ArgumentParser) -> None:
    """`verify` takes nothing of its own."""


def run(call: Call) -> int:
    """Recompute the chains and every content; exit code 6 and a sentence at the first break."""
    from ctmonitor.store import audit, chain

    with call.store.reading() as tx:
        counts = audit.verify(tx)
        head = chain.head_of(tx)
    if call.args.json:
        call.give_json({"intact": True, "rows": counts, "head": head})
    else:
        rows = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        call.give(f"Intact: {rows}. Head {head}")
    return 0
