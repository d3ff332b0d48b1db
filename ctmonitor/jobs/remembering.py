"""What is remembered of an archive once it was looked at, beside what other looks remembered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ctmonitor.jobs.reading import Proofs
from ctmonitor.store.manifest import COLUMNS, UNPROVEN, Manifest

Numbers = NDArray[np.uint32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Learned:
    """What one look learned: of what it read, and which studies it found as they were.

    `same` are those that the directory proved so, `read_same` those that were read, and `unsure`
    the studies that another look changed meanwhile; the last two are in order.
    """

    sweep_id: int
    released: date
    proofs: Proofs
    same: Numbers
    read_same: Numbers
    unsure: Numbers


def remembering(before: Manifest | None, learned: Learned, last_snapshot: int) -> Manifest:
    """What is known now: what was before, with what a look learned in its place.

    `last_snapshot` is the latest that it holds for.
    """
    proofs, sweep_id = learned.proofs, learned.sweep_id
    numbers = proofs.numbers
    old = column(before, "numbers")
    every = np.sort(np.concatenate([old, numbers[~among(numbers, old)]]))
    columns = {name: np.zeros(len(every), np.uint32) for name in COLUMNS}
    glances = np.zeros(len(every), "V16")
    at = np.searchsorted(every, old)
    for name in COLUMNS:
        columns[name][at] = column(before, name)
    glances[at] = digests(before)
    columns["numbers"] = every
    at = np.searchsorted(every, numbers)
    for name in ("sizes", "crcs", "tails"):
        columns[name][at] = getattr(proofs, name)
    columns["read_in"][at] = sweep_id
    read_same = np.searchsorted(every, learned.read_same)
    columns["read_in"][read_same] = sweep_id
    glances[at] = proofs.glances
    if before is None or learned.released >= before.data_date:
        # An older archive says nothing of when a study was seen last, and neither does one of what
        # bears another date.
        columns["seen_in"][np.searchsorted(every, learned.same)] = sweep_id
        columns["seen_in"][read_same] = sweep_id
        columns["seen_in"][at[columns["tails"][at] != UNPROVEN]] = sweep_id
    unsure = among(every, learned.unsure)
    columns["tails"][unsure] = UNPROVEN
    glances[unsure] = b""
    return Manifest(
        last_snapshot,
        sweep_id,
        learned.released if before is None else max(learned.released, before.data_date),
        len(every),
        b"".join(columns[name].tobytes() for name in COLUMNS),
        glances.tobytes(),
    )


def column(before: Manifest | None, name: str) -> Numbers:
    """One column of what is remembered; empty where nothing is."""
    if before is None:
        return np.empty(0, np.uint32)
    return np.frombuffer(before.column(name), np.uint32)


def digests(before: Manifest | None) -> NDArray[np.void]:
    """The digests of what is remembered."""
    return np.frombuffer(b"" if before is None else before.glances, "V16")


def among(numbers: Numbers, others: Numbers) -> Mask:
    """Whether each number is one of some others, which are in order.

    numpy's own way takes twenty times as long for 600,000.
    """
    places = np.searchsorted(others, numbers)
    found = places < len(others)
    found[found] = others[places[found]] == numbers[found]
    return found


def codes(nct_ids: Iterable[str]) -> Numbers:
    """The digits of some study numbers, in order."""
    return np.sort(np.fromiter((int(nct_id[3:]) for nct_id in nct_ids), np.uint32))
