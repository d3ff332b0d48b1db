"""What an archive's own directory says of the studies in it, before any of them is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import Reject
from ctmonitor.sources.bulk.ending import Ending, read_ending
from ctmonitor.sources.bulk.entries import Damaged, Entries, read_entries
from ctmonitor.sources.bulk.large import Extents, extents_of
from ctmonitor.sources.limits import MAX_LINE, MAX_RATIO, MAX_UNPACKED

STORED, DEFLATED = 0, 8
_LOCAL_HEADER: Final = 30
_ENCRYPTED: Final = 0x1
_MOST_REFUSED: Final = 10_000
"""Members that may be set aside one by one; with more of them, it is the archive that is bad."""


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
    extents = extents_of(entries, table)
    _refuse_overlap(source, entries, extents, ending)
    # One alone may be so large that the sum of all begins anew.
    if (extents.sizes > MAX_UNPACKED).any() or int(extents.sizes.sum()) > MAX_UNPACKED:
        why = f"it says that it unpacks to more than {MAX_UNPACKED // 2**30} GB"
        raise SourceUnreadable(source, why)
    is_study = entries.numbers > 0
    if not is_study.any():
        why = "it holds no study: no member is named as NCT00000001.json"
        raise SourceUnreadable(source, why)
    refused = _refused(entries, extents)
    good = is_study & (refused == 0)
    bad = np.flatnonzero(is_study & (refused > 0))
    if len(bad) > _MOST_REFUSED:
        why = (
            f"{len(bad):,} of its members cannot be read; of the first, {_REASONS[refused[bad[0]]]}"
        )
        raise SourceUnreadable(source, why)
    return Directory(
        numbers=entries.numbers[good],
        crcs=entries.fixed["crc"][good],
        sizes=extents.sizes[good].astype(np.uint32),
        packed_sizes=extents.packed_sizes[good].astype(np.uint32),
        offsets=extents.offsets[good],
        methods=entries.fixed["method"][good],
        rejects=tuple(_rejects(source, entries.numbers[bad], refused[bad])),
    )


def _refuse_overlap(source: str, entries: Entries, extents: Extents, ending: Ending) -> None:
    """Refuse an archive in which one member's bytes are another's too, or that ends before them."""
    starts, room = extents.offsets, extents.packed_sizes
    # Numbers beyond the archive's end are refused first, so that no sum begins anew.
    is_good = not ((starts > ending.offset) | (room > ending.offset)).any()
    ends = starts + room + _LOCAL_HEADER + entries.fixed["name_length"]
    if not (starts[:-1] <= starts[1:]).all():
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], ends[order]
    following = np.append(starts[1:], np.uint64(ending.offset))
    if not is_good or not (ends <= following).all() or (entries.fixed["disk"] != 0).any():
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


def _refused(entries: Entries, extents: Extents) -> NDArray[np.int8]:
    """Why each member is not even tried, as its place in `_REASONS`; 0 when it may be.

    What is declared can be believed: no more than that is unpacked, and then it is checked.
    """
    fixed = entries.fixed
    refused = np.zeros(len(fixed), np.int8)
    refused[_repeated(entries.numbers)] = 5
    refused[extents.sizes > MAX_RATIO * np.maximum(extents.packed_sizes, 1)] = 4
    refused[extents.sizes > MAX_LINE] = 3
    refused[extents.packed_sizes > MAX_LINE] = 3
    refused[(fixed["method"] != STORED) & (fixed["method"] != DEFLATED)] = 2
    refused[(fixed["flags"] & _ENCRYPTED) != 0] = 1
    return refused


def _repeated(numbers: NDArray[np.uint32]) -> NDArray[np.int64]:
    """The places of the members whose number one before them has."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    places: NDArray[np.int64] = order[1:][ordered[1:] == ordered[:-1]]
    return places


def _rejects(
    source: str, numbers: NDArray[np.uint32], refused: NDArray[np.int8]
) -> Iterator[Reject]:
    for number, why in zip(numbers.tolist(), refused.tolist(), strict=True):
        nct_id = f"NCT{number:08}"
        yield Reject(source, f"{nct_id}.json", _REASONS[why], nct_id=nct_id, is_gap=True)
