"""Sizes and places of members; where an entry has no room for them, from behind its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ctmonitor.sources.bulk.entries import Entries, taken

_ENTRY: Final = 46
_NOT_SAID: Final = 0xFFFFFFFF
_LARGE: Final = 1
"""The extra field that holds sizes and places of four gigabytes and more."""
_FIELD: Final = np.dtype([("kind", "<u2"), ("length", "<u2"), ("values", "<u8", (3,))])


@dataclass(frozen=True, slots=True)
class Extents:
    """Of each member the bytes unpacked and packed, and where its own header is."""

    sizes: NDArray[np.uint64]
    packed_sizes: NDArray[np.uint64]
    offsets: NDArray[np.uint64]


def extents_of(entries: Entries, table: bytes) -> Extents:
    """The extents that a table of contents declares, whatever they are."""
    columns = [entries.fixed[name].astype(np.uint64) for name in ("size", "packed_size", "offset")]
    is_elsewhere = np.array([column == _NOT_SAID for column in columns])
    rows = np.flatnonzero(is_elsewhere.any(0))
    if len(rows):
        wanted = is_elsewhere[:, rows]
        said, is_said = _said(entries, table, rows, wanted.sum(0, dtype=np.int16))
        # The field holds only what is wanted, always in this order.
        nth = np.cumsum(wanted, axis=0, dtype=np.int8) - np.int8(1)
        for column, is_wanted, which in zip(columns, wanted, nth, strict=True):
            chosen = np.flatnonzero(is_wanted & is_said)
            column[rows[chosen]] = said[chosen, which[chosen]]
    return Extents(*columns)


def _said(
    entries: Entries, table: bytes, rows: NDArray[np.int64], counts: NDArray[np.int16]
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Up to three numbers from each entry's extra fields, and whether as many are there."""
    lengths = entries.fixed["extra_length"][rows]
    starts = entries.places[rows] + _ENTRY + entries.fixed["name_length"][rows]
    # The last entry's field may be shorter than the longest one, and is looked at alone.
    fit = int(np.searchsorted(starts, len(table) - _FIELD.itemsize, side="right"))
    fields = taken(table, starts[:fit], _FIELD)
    said = np.zeros((len(rows), 3), np.uint64)
    said[:fit] = fields["values"]
    is_said = np.zeros(len(rows), np.bool_)
    is_said[:fit] = (fields["kind"] == _LARGE) & (fields["length"] >= 8 * counts[:fit])
    is_said &= lengths >= 4 + 8 * counts
    for row in np.flatnonzero(~is_said & (lengths > 0)).tolist():
        start = int(starts[row])
        found = _behind_others(table[start : start + int(lengths[row])])
        is_said[row] = len(found) >= counts[row]
        said[row, : len(found)] = found
    return said, is_said


def _behind_others(extra: bytes) -> list[int]:
    """The numbers of an entry that has other extra fields first."""
    at = 0
    while at + 4 <= len(extra):
        length = int.from_bytes(extra[at + 2 : at + 4], "little")
        if int.from_bytes(extra[at : at + 2], "little") == _LARGE:
            block = extra[at + 4 : at + 4 + min(length, 24)]
            return [
                int.from_bytes(block[start : start + 8], "little")
                for start in range(0, len(block) - 7, 8)
            ]
        at += 4 + length
    return []
