"""The pieces in a zip archive with one JSON file a study, as the registry's bulk download."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import Piece, Reject
from ctmonitor.sources.bulk import Members, MemberUnreadable, read_directory


def pieces_in_archive(source: str, opened: BinaryIO) -> Iterator[Piece | Reject]:
    """Every study in an archive; nothing is written to the disk, and no name becomes a path."""
    try:
        directory = read_directory(source, opened)
    except SourceUnreadable as problem:
        yield Reject(source, "the whole archive", problem.why, is_gap=True)
        return
    yield from directory.rejects
    members = Members(source, opened.fileno(), directory)
    for at, number in enumerate(directory.numbers.tolist()):
        nct_id = f"NCT{number:08}"
        try:
            yield Piece(source, f"{nct_id}.json", members.read(at), nct_id)
        except MemberUnreadable as problem:
            yield members.reject(at, str(problem))
