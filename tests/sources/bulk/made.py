"""Small archives, made for a test."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

from ctmonitor.sources.bulk import Directory, Members, read_directory
from tests.builders import a_payload


def studies(count: int, *, released: str = "2026-03-02") -> dict[str, bytes]:
    """Members in shard folders, as the registry lays them out."""
    numbers = [f"NCT{number:08}" for number in range(1, count + 1)]
    return {
        f"{number[:9]}xx/{number}.json": a_payload(
            nct_id=number, overall_status="RECRUITING", version_holder=released
        )
        for number in numbers
    }


def packed(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of some members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, payload in members.items():
            archive.writestr(name, payload)
    return buffer.getvalue()


def directory_of(payload: bytes) -> Directory:
    """The directory of an archive in memory."""
    return read_directory("made.zip", io.BytesIO(payload))


def read_all(path: Path) -> list[bytes]:
    """Every member of an archive."""
    with path.open("rb") as opened:
        directory = read_directory(path.name, opened)
        members = Members(path.name, opened.fileno(), directory)
        return [members.read(at) for at in range(len(directory))]


def entry(number: int, *, offset: int, name: bytes | None = None, large: bool = False) -> bytes:
    """One entry of a table of contents, of a member of 20 bytes that is packed into 10."""
    named = name or b"NCT%08d.json" % number
    extra = struct.pack("<2HQ", 1, 8, offset) if large else b""
    said = 0xFFFFFFFF if large else offset
    fixed = struct.pack(
        "<4s4B4HL2L5H2L",
        *(b"PK\x01\x02", 20, 0, 20, 0, 0, 8, 0, 0, number, 10, 20, len(named), len(extra)),
        *(0, 0, 0, 0, said),
    )
    return fixed + named + extra


def ended(table: bytes, count: int, at: int, *, large: bool = False) -> bytes:
    """A table of contents that lies at a place, with the records behind it."""
    if not large:
        return table + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(table), at, 0)
    end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(table), at)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at + len(table), 1)
    old = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    return table + end + locator + old
