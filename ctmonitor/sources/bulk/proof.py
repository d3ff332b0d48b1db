"""What an archive's directory proves: a study whose bytes differ in the release date alone.

The date moves in every record of every release, and the checksum with it. But CRC-32 is linear: of
two texts of one length, the checksums differ by what only depends on where the texts differ and
how. So the checksum that a record has when nothing but its date moved is known before it is read.
"""

from __future__ import annotations

import zlib
from collections import Counter
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ctmonitor.formats import glance, release_date_in
from ctmonitor.sources.bulk.directory import Directory
from ctmonitor.sources.bulk.members import Members, MemberUnreadable

ASKED = 41
"""Members that tell of which release an archive is."""
_NO_DATE: Final = b"0000-00-00"
_ALL: Final = 0xFFFFFFFF
_STEP: Final = bytes(65_536)


def undated(payload: bytes, crc: int) -> tuple[int, int]:
    """A record's CRC-32 with zeros for its release date, and how many bytes follow the date.

    The checksum is -1 for a record without such a date.
    """
    start = release_date_in(payload)
    if start is None:
        return -1, 0
    tail = len(payload) - start - len(_NO_DATE)
    moved = _difference(payload[start : start + len(_NO_DATE)])
    return crc ^ _moved_on(moved, tail), tail


def unchanged(
    directory: Directory,
    released: date,
    *,
    sizes: NDArray[np.uint32],
    crcs: NDArray[np.uint32],
    tails: NDArray[np.uint32],
) -> NDArray[np.bool_]:
    """Of a directory's members, those that differ at most in their release date.

    `sizes`, `crcs` (undated) and `tails` are what is remembered of each.
    """
    found: NDArray[np.bool_] = (crcs ^ dated(released, tails)) == directory.crcs
    found &= directory.sizes == sizes
    return found


def dated(released: date, tails: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """By what a checksum differs between zeros and a release's date, so many bytes from the end."""
    every, place = np.unique(tails, return_inverse=True)
    moved, at = _difference(released.isoformat().encode()), 0
    found = np.empty(len(every), np.uint32)
    for row, tail in enumerate(every.tolist()):
        moved, at = _moved_on(moved, tail - at), tail
        found[row] = moved
    return found[place]


def release_of(members: Members, directory: Directory) -> date | None:
    """The release that most of some members, spread over the archive, say they are of."""
    places = np.linspace(0, len(directory) - 1, min(ASKED, len(directory))).astype(np.int64)
    said: Counter[date] = Counter()
    for at in places.tolist():
        try:
            released = glance(members.read(at))[1]
        except MemberUnreadable:
            continue
        if released is not None:
            said[released] += 1
    return said.most_common(1)[0][0] if said else None


def _difference(day: bytes) -> int:
    """By what the checksum's register differs right behind a date, from that behind zeros."""
    other = bytes(one ^ zero for one, zero in zip(day, _NO_DATE, strict=True))
    return zlib.crc32(other, _ALL) ^ _ALL


def _moved_on(register: int, count: int) -> int:
    """A difference of registers after so many bytes that do not differ."""
    while count > len(_STEP):
        register = zlib.crc32(_STEP, register ^ _ALL) ^ _ALL
        count -= len(_STEP)
    return zlib.crc32(_STEP[:count], register ^ _ALL) ^ _ALL
