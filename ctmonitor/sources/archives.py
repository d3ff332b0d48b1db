"""The pieces in a zip archive with one JSON file a study, as the registry's bulk download."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from ctmonitor.formats import Piece, Reject
from ctmonitor.sources.limits import MAX_LINE, MAX_RATIO
from ctmonitor.sources.names import printable

_MEMBER = re.compile(r"(?:.*[/\\])?(NCT\d{8})\.json", re.ASCII | re.DOTALL)
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PROBLEMS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def pieces_in_archive(source: str, opened: BinaryIO) -> Iterator[Piece | Reject]:
    """Every study in an archive; nothing is written to the disk."""
    try:
        archive = zipfile.ZipFile(opened)
    except _PROBLEMS as problem:
        why = f"its table of contents cannot be read, it is cut off or damaged ({problem})"
        yield Reject(source, "the whole archive", why, is_gap=True)
        return
    with archive:
        named = [(member, _MEMBER.fullmatch(member.filename)) for member in archive.infolist()]
        studies = [(member, match[1]) for member, match in named if match]
        if not studies:
            why = "it holds no study: no member is named as NCT00000001.json"
            yield Reject(source, "the whole archive", why, is_gap=True)
        for member, number in studies:
            yield _piece(source, archive, member, number=number)


def _piece(
    source: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, number: str
) -> Piece | Reject:
    place = printable(member.filename)
    why = _refusal(member)
    if why is None:
        try:
            with archive.open(member) as stream:
                return Piece(source, place, stream.read(MAX_LINE + 1))
        except _PROBLEMS as problem:
            why = f"it cannot be unpacked ({problem})"
    return Reject(source, place, why, nct_id=number, is_gap=True)


def _refusal(member: zipfile.ZipInfo) -> str | None:
    """Why a member is not even tried; None when it may be.

    What is declared can be believed: no more than that is unpacked, and then it is checked.
    """
    if member.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    if member.compress_type not in _METHODS:
        return "it is compressed in a way that is not read here; pack it with deflate"
    if member.file_size > MAX_LINE:
        return f"it unpacks to more than {MAX_LINE // 2**20} MB, too much for one study"
    if member.file_size > MAX_RATIO * max(member.compress_size, 1):
        return f"it swells to more than {MAX_RATIO} times its size"
    return None
