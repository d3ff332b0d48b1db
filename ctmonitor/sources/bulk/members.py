"""The bytes of an archive's members, one at a time: bounded, and checked against its directory."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from threading import Lock
from typing import Final

from ctmonitor.formats import Reject
from ctmonitor.sources.bulk.directory import STORED, Directory

_HEADER: Final = 30
_SLACK: Final = 98
"""Bytes read beyond what a member surely has: the length of its own header is not known before."""


class MemberUnreadable(ValueError):
    """A member is not what the directory says of it; the words say how."""


Inflate = Callable[[bytes, int], bytes]


def _with_deflate() -> tuple[Inflate, Callable[[bytes], int]]:
    import deflate

    return lambda packed, size: bytes(deflate.deflate_decompress(packed, size)), deflate.crc32


def _with_isal() -> tuple[Inflate, Callable[[bytes], int]]:
    from isal import isal_zlib

    return lambda packed, size: _bounded(isal_zlib, packed, size), isal_zlib.crc32


def _with_zlib() -> tuple[Inflate, Callable[[bytes], int]]:
    return lambda packed, size: _bounded(zlib, packed, size), zlib.crc32


def _bounded(library: object, packed: bytes, size: int) -> bytes:
    """What is packed, up to one byte more than it should have."""
    stream = library.decompressobj(-15)  # type: ignore[attr-defined]
    found: bytes = stream.decompress(packed, size + 1)
    if not stream.eof:
        raise ValueError
    return found


def _fastest() -> tuple[Inflate, Callable[[bytes], int]]:
    """The fastest of the libraries that are there: 19, 22 and 51 us for a study of 17 kB."""
    for library in (_with_deflate, _with_isal):
        try:
            return library()
        except ImportError:
            continue
    return _with_zlib()


_inflate, _crc = _fastest()


class Members:
    """The members of an open archive, by their place in a directory of it or of a part of it."""

    def __init__(self, source: str, fileno: int, directory: Directory) -> None:
        self.source = source
        self.fileno = fileno
        # Views give plain integers, and make none for the members that are not read.
        self._numbers = directory.numbers.data
        self._crcs = directory.crcs.data
        self._sizes = directory.sizes.data
        self._packed_sizes = directory.packed_sizes.data
        self._offsets = directory.offsets.data
        self._methods = directory.methods.data

    def read(self, at: int) -> bytes:
        """The bytes of one member; MemberUnreadable when they are not as the directory says."""
        packed = self._packed(at)
        size = self._sizes[at]
        if self._methods[at] == STORED:
            found = packed
        else:
            try:
                found = _inflate(packed, size)
            except Exception:
                # Each library has an error of its own for data that are damaged.
                raise MemberUnreadable("it cannot be unpacked, it is damaged") from None
        if len(found) != size:
            raise MemberUnreadable("it has not the size that the directory says")
        if _crc(found) != self._crcs[at]:
            raise MemberUnreadable("it has not the checksum that the directory says")
        return found

    def reject(self, at: int, why: str) -> Reject:
        """A member that cannot be read: nobody knows what it says."""
        nct_id = f"NCT{self._numbers[at]:08}"
        return Reject(self.source, f"{nct_id}.json", why, nct_id=nct_id, is_gap=True)

    def _packed(self, at: int) -> bytes:
        size, offset = self._packed_sizes[at], self._offsets[at]
        raw = _read_at(self.fileno, _HEADER + size + _SLACK, offset)
        if len(raw) < _HEADER or not raw.startswith(b"PK\x03\x04"):
            raise MemberUnreadable("it is not where the directory says")
        name = int.from_bytes(raw[26:28], "little")
        start = _HEADER + name + int.from_bytes(raw[28:30], "little")
        if name <= _SLACK and not raw[_HEADER : _HEADER + name].endswith(
            b"NCT%08d.json" % self._numbers[at]
        ):
            raise MemberUnreadable("it bears another name than in the directory")
        if start + size > len(raw):
            raw, start = _read_at(self.fileno, size, offset + start), 0
        packed = raw[start : start + size]
        if len(packed) != size:
            raise MemberUnreadable("it is cut off")
        return packed


if hasattr(os, "pread"):
    _read_at = os.pread
else:
    _ONE_AT_A_TIME = Lock()

    def _read_at(fileno: int, count: int, offset: int, /) -> bytes:
        with _ONE_AT_A_TIME:
            os.lseek(fileno, offset, os.SEEK_SET)
            return os.read(fileno, count)
