"""The end of a zip archive: where its table of contents is, or why there is none to trust."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from ctmonitor.errors import SourceUnreadable
from ctmonitor.sources.limits import MAX_MEMBERS

_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = struct.Struct("<4sLQL")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LONGEST_COMMENT: Final = 0xFFFF
_LARGEST_ENTRY: Final = 1_024
"""Bytes of an entry, its name included; the registry's have some 80."""
_LARGEST_TABLE: Final = 128 * 2**20
"""Bytes of all entries, which are held in memory at once; the registry's have some 50 MB."""
_CUT = "its table of contents is not where it ends; it is cut off or damaged, fetch it again"


@dataclass(frozen=True, slots=True)
class Ending:
    """What the end of an archive says of its table of contents: entries, place and bytes."""

    count: int
    offset: int
    size: int


def read_ending(source: str, opened: BinaryIO) -> Ending:
    """Find the table of contents; SourceUnreadable for an archive that cannot be trusted."""
    length = opened.seek(0, io.SEEK_END)
    tail_at = max(0, length - _END.size - _LONGEST_COMMENT)
    opened.seek(tail_at)
    tail = opened.read()
    at = _end_in(tail)
    if at is None:
        raise SourceUnreadable(source, _CUT)
    _, disk, disk_of_table, here, count, size, offset, _ = _END.unpack_from(tail, at)
    ends_at = tail_at + at
    if (disk, disk_of_table) != (0, 0) or here != count:
        raise SourceUnreadable(source, "it is one part of an archive in several; give it whole")
    if count == 0xFFFF or 0xFFFFFFFF in (size, offset):
        # These may be the true numbers: then nothing larger stands before them.
        count, size, offset, ends_at = _large(opened, ends_at) or (count, size, offset, ends_at)
    return _checked(source, Ending(count, offset, size), ends_at)


def _end_in(tail: bytes) -> int | None:
    """Where the last record of an archive begins: a comment may hold what looks like one."""
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if len(tail) - at >= _END.size:
            comment = int.from_bytes(tail[at + 20 : at + 22], "little")
            if at + _END.size + comment == len(tail):
                return at
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return None


def _large(opened: BinaryIO, ends_at: int) -> tuple[int, int, int, int] | None:
    """Count, size, place and end of a table that is too large for the old form."""
    if ends_at < _LOCATOR.size:
        return None
    opened.seek(ends_at - _LOCATOR.size)
    mark, _, at, disks = _LOCATOR.unpack(opened.read(_LOCATOR.size))
    if mark != b"PK\x06\x07" or disks > 1 or at + _END_64.size > ends_at:
        return None
    opened.seek(at)
    mark, *rest = _END_64.unpack(opened.read(_END_64.size))
    _, _, _, disk, disk_of_table, here, count, size, offset = rest
    if mark != b"PK\x06\x06" or disk or disk_of_table or here != count:
        return None
    return count, size, offset, at


def _checked(source: str, ending: Ending, ends_at: int) -> Ending:
    if ending.offset + ending.size != ends_at:
        raise SourceUnreadable(source, _CUT)
    if ending.count > MAX_MEMBERS:
        why = f"it has {ending.count:,} members, more than {MAX_MEMBERS:,}; the registry has fewer"
        raise SourceUnreadable(source, why)
    is_held = ending.size <= min(_LARGEST_TABLE, _LARGEST_ENTRY * max(ending.count, 1))
    if not is_held or ending.size < 46 * ending.count:
        raise SourceUnreadable(source, "its table of contents has not the size of its entries")
    return ending
