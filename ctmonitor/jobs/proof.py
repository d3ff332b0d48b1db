"""Prove that what is kept is what was written, and note that it was proved."""

from __future__ import annotations

from dataclasses import dataclass

from ctmonitor.errors import StoreError
from ctmonitor.jobs.clock import Clock
from ctmonitor.store import Store, audit, chain, journal
from ctmonitor.store.health import PROVED


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved: rows by table, the journal's head then, and what a given head sealed."""

    counts: dict[str, int]
    head: str
    sealed_at: str | None = None
    unnoted: str | None = None
    """Why the proof could not be written down; None when it was."""


def prove(store: Store, asked: str | None, *, who: str, clock: Clock) -> Proof:
    """Recompute everything; ChainBroken at the first break, of which nothing is noted.

    `asked` is a chain head from outside, to be found again. A copy that may not be written to
    is proved all the same.
    """
    with store.reading() as tx:
        counts = audit.verify(tx)
        sealed_at = audit.sealed_at(tx, asked) if asked else None
        head = chain.heads(tx)["journal"][1]
    try:
        with store.writing() as tx:
            journal.note(tx, PROVED, {"rows": counts, "head": head}, who=who, at=clock.now())
    except StoreError as problem:
        return Proof(counts, head, sealed_at, str(problem))
    return Proof(counts, head, sealed_at)
