"""What an archive's own directory says of the studies in it, before any of them is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import Reject
from ctmonitor.sources.bulk.ending import Ending, read_ending
from ctmonitor.sources.bulk.entries import Damaged, Entries, read_entries
from ctmonitor.sources.limits import MAX_LINE, MAX_RATIO, MAX_UNPACKED

STORED, DEFLATED = 0, 8
_LOCAL_HEADER: Final = 30
_ENCRYPTED: Final = 0x1
_ENTRY: Final = 46
_NOT_SAID: Final = 0xFFFFFFFF
_LARGE: Final = 1
"""The extra field that holds sizes and places of four gigabytes and more."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The studies in an archive, in its own order: equal lengths throughout.

    `numbers` are the eight digits of their study numbers, `crcs` the CRC-32 of each one unpacked,
    `sizes` its bytes, `packed_sizes` its bytes as it lies there from `offsets` on, behind its own
    header, and `methods` how it is packed. `rejects` are members named as studies that are not even
    tried.
    """

    numbers: NDArray[np.uint32]
    crcs: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    packed_sizes: NDArray[np.uint32]
    offsets: NDArray[np.uint64]
    methods: NDArray[np.uint16]
    rejects: tuple[Reject, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    def part(self, places: NDArray[np.int64]) -> Directory:
        """Some of the members, as a directory of their own."""
        return Directory(
            self.numbers[places],
            self.crcs[places],
            self.sizes[places],
            self.packed_sizes[places],
            self.offsets[places],
            self.methods[places],
        )


def read_directory(source: str, opened: BinaryIO) -> Directory:
    """The directory of an archive; SourceUnreadable for one that is cut off or not to be trusted.

    Nothing but the directory is read, and nothing unpacked.
    """
    ending = read_ending(source, opened)
    opened.seek(ending.offset)
    table = opened.read(ending.size)
    try:
        entries = read_entries(table, ending.count)
    except Damaged:
        why = "its table of contents is damaged; fetch it again"
        raise SourceUnreadable(source, why) from None
    large = _Large(entries, table)
    _refuse_overlap(source, entries, large, ending)
    if int(large.sizes.sum()) > MAX_UNPACKED:
        why = f"it says that it unpacks to more than {MAX_UNPACKED // 2**30} GB"
        raise SourceUnreadable(source, why)
    is_study = entries.numbers > 0
    if not is_study.any():
        why = "it holds no study: no member is named as NCT00000001.json"
        raise SourceUnreadable(source, why)
    refused = _refused(entries, large)
    good = is_study & (refused == 0)
    return Directory(
        numbers=entries.numbers[good],
        crcs=entries.fixed["crc"][good],
        sizes=large.sizes[good].astype(np.uint32),
        packed_sizes=large.packed_sizes[good].astype(np.uint32),
        offsets=large.offsets[good],
        methods=entries.fixed["method"][good],
        rejects=tuple(_rejects(source, entries, refused, is_study)),
    )


class _Large:
    """Sizes and places of all entries; where an entry has no room for them, from behind it."""

    def __init__(self, entries: Entries, table: bytes) -> None:
        fixed = entries.fixed
        self.sizes = fixed["size"].astype(np.uint64)
        self.packed_sizes = fixed["packed_size"].astype(np.uint64)
        self.offsets = fixed["offset"].astype(np.uint64)
        columns = (self.sizes, self.packed_sizes, self.offsets)
        elsewhere = np.zeros(len(fixed), np.bool_)
        for column in columns:
            elsewhere |= column == _NOT_SAID
        for at in np.flatnonzero(elsewhere).tolist():
            wanted = [column for column in columns if column[at] == _NOT_SAID]
            said = _said_behind(table, int(entries.places[at]), fixed[at], len(wanted))
            for column, value in zip(wanted, said, strict=False):
                column[at] = value


def _said_behind(table: bytes, place: int, fixed: Any, count: int) -> list[int]:
    """The numbers of eight bytes in an entry's extra field, as many as are wanted."""
    at = place + _ENTRY + int(fixed["name_length"])
    end = at + int(fixed["extra_length"])
    while at + 4 <= end:
        kind, length = (
            int.from_bytes(table[at : at + 2], "little"),
            int.from_bytes(table[at + 2 : at + 4], "little"),
        )
        if kind == _LARGE:
            block = table[at + 4 : min(at + 4 + length, end)]
            return [
                int.from_bytes(block[start : start + 8], "little")
                for start in range(0, len(block) - 7, 8)
            ][:count]
        at += 4 + length
    return []


def _refuse_overlap(source: str, entries: Entries, large: _Large, ending: Ending) -> None:
    """Refuse an archive in which one member's bytes are another's too, or that ends before them."""
    ends = large.offsets + large.packed_sizes + _LOCAL_HEADER
    ends += entries.fixed["name_length"].astype(np.uint64)
    order = np.argsort(large.offsets, kind="stable")
    following = np.append(large.offsets[order][1:], np.uint64(ending.offset))
    # A sum beyond all numbers begins anew: such a member ends before it begins.
    is_good = (ends[order] <= following) & (ends[order] > large.offsets[order])
    if not is_good.all() or (entries.fixed["disk"] != 0).any():
        why = "its members lie over one another or beyond its end, as in no archive that is honest"
        raise SourceUnreadable(source, why)


_REASONS: Final = (
    "",
    "it is encrypted",
    "it is compressed in a way that is not read here; pack it with deflate",
    f"it unpacks to more than {MAX_LINE // 2**20} MB, too much for one study",
    f"it swells to more than {MAX_RATIO} times its size",
    "another member is named as the same study",
)


def _refused(entries: Entries, large: _Large) -> NDArray[np.int8]:
    """Why each member is not even tried, as its place in `_REASONS`; 0 when it may be.

    What is declared can be believed: no more than that is unpacked, and then it is checked.
    """
    fixed = entries.fixed
    refused = np.zeros(len(fixed), np.int8)
    _, first = np.unique(entries.numbers, return_index=True)
    refused[np.setdiff1d(np.arange(len(fixed)), first)] = 5
    refused[large.sizes > MAX_RATIO * np.maximum(large.packed_sizes, 1)] = 4
    refused[large.sizes > MAX_LINE] = 3
    refused[large.packed_sizes > MAX_LINE] = 3
    refused[(fixed["method"] != STORED) & (fixed["method"] != DEFLATED)] = 2
    refused[(fixed["flags"] & _ENCRYPTED) != 0] = 1
    return refused


def _rejects(
    source: str, entries: Entries, refused: NDArray[np.int8], is_study: NDArray[np.bool_]
) -> Iterator[Reject]:
    for at in np.flatnonzero(is_study & (refused > 0)).tolist():
        nct_id = f"NCT{int(entries.numbers[at]):08}"
        why = _REASONS[int(refused[at])]
        yield Reject(source, f"{nct_id}.json", why, nct_id=nct_id, is_gap=True)
