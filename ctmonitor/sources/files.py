"""Files, folders and standard input as sources."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ctmonitor.errors import CommandWrong, SourceUnreadable
from ctmonitor.formats import Piece, Reject, Source
from ctmonitor.sources.documents import ZIP, pieces_in, streaming
from ctmonitor.sources.names import printable

STDIN = Path("-")
_ENDINGS = (".json", ".ndjson", ".jsonl", ".gz", ".txt", ".zip")
_WHOLE = "the whole file"


@dataclass(frozen=True, slots=True)
class _Opened:
    """Something that could be opened and has bytes in it, whatever they are."""


@dataclass(frozen=True, slots=True)
class _Unopened:
    """Something of which not one byte could be read."""

    reject: Reject


_Found = Piece | Reject | _Opened | _Unopened


@dataclass(frozen=True, slots=True)
class Files:
    """Files and folders, read in the order they are named; `-` is standard input."""

    paths: Sequence[Path]
    stdin: BinaryIO | None = None

    @property
    def name(self) -> str:
        """How people call it: the path, or the first of several."""
        first = _name(self.paths[0])
        return first if len(self.paths) == 1 else f"{first} and {len(self.paths) - 1} more"

    def pieces(self) -> Iterator[Piece | Reject]:
        """Every piece of every file in turn; SourceUnreadable when nothing could be opened."""
        held: list[Reject] | None = []
        for found in self._found():
            if isinstance(found, _Unopened) and held is not None:
                held.append(found.reject)
            elif isinstance(found, _Opened):
                yield from held or ()
                held = None
            else:
                yield found.reject if isinstance(found, _Unopened) else found
        if held is not None:
            raise _unreadable(self.name, held)

    def _found(self) -> Iterator[_Found]:
        walk = _Walk()
        for path in self.paths:
            if path == STDIN:
                yield from _of_stdin(self.stdin or sys.stdin.buffer)
            else:
                yield from walk.found_at(path)


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk over files and folders that enters no folder twice."""

    entered: set[tuple[int, int]] = field(default_factory=set)

    def found_at(self, path: Path) -> Iterator[_Found]:
        """What a file holds, or the files below a folder in the order of their names."""
        waiting = [path]
        while waiting:
            here = waiting.pop()
            try:
                facts = here.stat()
            except (OSError, ValueError) as problem:
                yield _unopened(here, _why(problem))
                continue
            if stat.S_ISDIR(facts.st_mode):
                below = self._below(here, facts)
                if isinstance(below, _Unopened):
                    yield below
                else:
                    waiting.extend(reversed(below))
            else:
                yield from _of_file(here, facts)

    def _below(self, folder: Path, facts: os.stat_result) -> list[Path] | _Unopened:
        """The folders, and the files of our kinds, in a folder in the order of their names."""
        place = (facts.st_dev, facts.st_ino)
        if place in self.entered:
            why = "this folder was read before, by another name"
            return _unopened(folder, why, is_gap=False)
        self.entered.add(place)
        try:
            with os.scandir(folder) as entries:
                return sorted(folder / entry.name for entry in entries if _is_ours(entry))
        except OSError as problem:
            return _unopened(folder, _why(problem))


def open_source(words: Sequence[str], stdin: BinaryIO) -> Source:
    """The source that a command line's words name: files, folders, `-` for standard input."""
    if not words:
        raise CommandWrong("no source is named; name a file, a folder or -")
    if words.count("-") > 1:
        raise CommandWrong("standard input can be read only once; name - once")
    if "" in words:
        raise CommandWrong("a source has an empty name; name a file, a folder or -")
    # `./-` is a file, but as a path it equals `-`.
    paths = (STDIN if word == "-" else _path(word) for word in words)
    return Files(tuple(paths), stdin)


def is_archive(path: Path) -> bool:
    """Whether a path names a zip archive that can be opened."""
    try:
        with path.open("rb") as opened:
            return opened.read(4).startswith(ZIP)
    except OSError:
        return False


def _path(word: str) -> Path:
    path = Path(word)
    return path.absolute() if path == STDIN else path


def _is_ours(entry: os.DirEntry[str]) -> bool:
    is_hidden = entry.name.startswith(".")
    return not is_hidden and (entry.name.lower().endswith(_ENDINGS) or entry.is_dir())


def _of_file(path: Path, facts: os.stat_result) -> Iterator[_Found]:
    if not stat.S_ISREG(facts.st_mode):
        yield _unopened(path, "it is a pipe or a device, not a file; give it as standard input, -")
        return
    if facts.st_size == 0:
        yield _unopened(path, "it is empty")
        return
    try:
        opened = path.open("rb")
        head = opened.peek(4)
    except OSError as problem:
        yield _unopened(path, _why(problem))
        return
    with opened:
        yield _Opened()
        if head.startswith(ZIP):
            # What reads archives takes a while to load, and few sources are one.
            from ctmonitor.sources.archives import pieces_in_archive

            yield from pieces_in_archive(_name(path), opened)
        else:
            with streaming(_name(path), opened, facts.st_size) as stream:
                yield from pieces_in(stream)


def _of_stdin(stdin: BinaryIO) -> Iterator[_Found]:
    try:
        with streaming(_name(STDIN), stdin) as stream:
            if stream.head():
                yield _Opened()
                yield from pieces_in(stream)
            else:
                yield _unopened(STDIN, "it is empty")
    except OSError as problem:
        yield _unopened(STDIN, _why(problem))


def _name(path: Path) -> str:
    return "standard input" if path == STDIN else printable(str(path))


def _unopened(path: Path, why: str, *, is_gap: bool = True) -> _Unopened:
    return _Unopened(Reject(_name(path), _WHOLE, why, is_gap=is_gap))


def _why(problem: OSError | ValueError) -> str:
    if isinstance(problem, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(problem, PermissionError):
        return "it may not be read (no permission)"
    return getattr(problem, "strerror", None) or str(problem)


def _unreadable(name: str, held: list[Reject]) -> SourceUnreadable:
    if not held:
        return SourceUnreadable(name, f"the folder holds no file that ends in {_endings()}")
    more = f" (and {len(held) - 1} more)" if len(held) > 1 else ""
    return SourceUnreadable(held[0].source, f"{held[0].reason}{more}")


def _endings() -> str:
    return f"{', '.join(_ENDINGS[:-1])} or {_ENDINGS[-1]}"
