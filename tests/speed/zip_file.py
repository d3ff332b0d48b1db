"""A zip archive written from members that are packed already, and what stands in one.

`zipfile` can neither take packed bytes nor list 600,000 members in little memory.
"""

from __future__ import annotations

import os
import struct
import zlib
from array import array
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

try:
    import deflate
except ImportError:
    deflate = None

_LOCAL = struct.Struct("<4s5H3I2H")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
_MOST, _FULL, _FAR = 0xFFFF, 0xFFFFFFFF, struct.Struct("<2HQ")
_DEFLATED = 8


class Member(NamedTuple):
    """One study as it stands in an archive."""

    number: int
    crc: int
    size: int
    packed: bytes


def member_of(number: int, payload: bytes, level: int) -> Member:
    """A study's bytes, packed with the fastest deflate there is at a level."""
    if deflate is not None:
        packed = bytes(deflate.deflate_compress(payload, level))
    else:
        packer = zlib.compressobj(level, zlib.DEFLATED, -15)
        packed = packer.compress(payload) + packer.flush()
    return Member(number, zlib.crc32(payload), len(payload), packed)


class Archive:
    """An archive that is being written; it stands under its name once it is whole."""

    def __init__(self, path: Path, released: date) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._file = self._part.open("wb", buffering=1 << 20)
        self._day = (released.year - 1980) << 9 | released.month << 5 | released.day
        self._directory: list[bytes] = []
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._end()
        self._file.close()
        if kind is None:
            self._part.replace(self._path)

    def add(self, member: Member) -> None:
        """Put a study into the folder of its shard."""
        name = name_of(member.number).encode()
        sizes = (0, self._day, member.crc, len(member.packed), member.size, len(name))
        far = _FAR.pack(1, 8, self._at) if self._at >= _FULL else b""
        at = _FULL if far else self._at
        self._directory.append(
            _ENTRY.pack(b"PK\1\2", 45, 20, 0, _DEFLATED, *sizes, len(far), 0, 0, 0, 0, at)
            + name
            + far
        )
        head = _LOCAL.pack(b"PK\3\4", 20, 0, _DEFLATED, *sizes, 0)
        self._file.write(head + name + member.packed)
        self._at += len(head) + len(name) + len(member.packed)

    def _end(self) -> None:
        size, count, end = sum(map(len, self._directory)), len(self._directory), self._at
        self._file.writelines(self._directory)
        if count > _MOST or end + size > _FULL:
            whole = (44, 45, 45, 0, 0, count, count, size, end)
            self._file.write(_END64.pack(b"PK\6\6", *whole))
            self._file.write(_LOCATOR.pack(b"PK\6\7", 0, end + size, 1))
        few, small, near = min(count, _MOST), min(size, _FULL), min(end, _FULL)
        self._file.write(_END.pack(b"PK\5\6", 0, 0, few, few, small, near, 0))


def name_of(number: int) -> str:
    """Where a study stands in an archive: in one of 100 folders, told by its last two digits.

    So consecutive members lie far apart by number, as in the registry's own archive.
    """
    return f"NCT0000{number % 100:02d}/NCT{number:08d}.json"


@dataclass(frozen=True, slots=True)
class Entries:
    """The members of an archive in its own order; equal lengths throughout."""

    numbers: array[int] = field(default_factory=lambda: array("I"))
    crcs: array[int] = field(default_factory=lambda: array("I"))
    sizes: array[int] = field(default_factory=lambda: array("I"))
    packed_sizes: array[int] = field(default_factory=lambda: array("I"))
    offsets: array[int] = field(default_factory=lambda: array("Q"))

    def ratio(self) -> float:
        """How many times smaller the archive's members are than what they hold."""
        return sum(self.sizes) / sum(self.packed_sizes)

    def mean_size(self) -> float:
        """Bytes of JSON a study."""
        return sum(self.sizes) / len(self.sizes)


def entries_of(path: Path) -> Entries:
    """The table of contents of an archive that is known to be good."""
    found = Entries()
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 66_000, 0))
        tail = file.read()
        at = tail.rindex(b"PK\5\6")
        count, size, start = _END.unpack_from(tail, at)[4:7]
        if tail[: at - _LOCATOR.size + 4].endswith(b"PK\6\7"):
            count, size, start = _END64.unpack_from(tail, at - _LOCATOR.size - _END64.size)[7:10]
        file.seek(start)
        directory = file.read(size)
    at = 0
    for _ in range(count):
        entry = _ENTRY.unpack_from(directory, at)
        name_end = at + _ENTRY.size + entry[10]
        found.numbers.append(int(directory[name_end - 13 : name_end - 5]))
        found.crcs.append(entry[7])
        found.packed_sizes.append(entry[8])
        found.sizes.append(entry[9])
        is_far = entry[16] == _FULL
        found.offsets.append(_FAR.unpack_from(directory, name_end)[2] if is_far else entry[16])
        at = name_end + entry[11] + entry[12]
    return found


def packed_at(fileno: int, offset: int, size: int) -> memoryview:
    """The packed bytes of one member, by one read."""
    read = memoryview(os.pread(fileno, _LOCAL.size + 64 + size, offset))
    *_, name_size, extra_size = _LOCAL.unpack_from(read)
    start = _LOCAL.size + name_size + extra_size
    if start + size > len(read):
        return memoryview(os.pread(fileno, size, offset + start))
    return read[start : start + size]
