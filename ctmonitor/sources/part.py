"""A long file that arrives in pieces: what came of it outlives the program, the power included."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from ctmonitor.sources.tags import is_same, is_strong

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN: Final = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_FOLDER: Final = (errno.ENOTDIR, errno.EEXIST)
_HELD: Final = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_MAKE_ROOM: Final = "make room or name another folder; what was fetched is kept, to go on from"
_OPENING: Final = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""A link that somebody laid in the folder must not lead what is written out of it."""


class Unwritable(Exception):
    """The disk did not do what it was asked for: why, and what mends it."""

    def __init__(self, why: str, mend: str) -> None:
        super().__init__(why)
        self.why = why
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Origin:
    """Which file of a server some bytes are from."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    size: int | None = None
    """Bytes of the whole; None where the server does not tell."""
    kept: int = 0
    """Bytes that are surely on the disk."""

    def __post_init__(self) -> None:
        if self.kept < 0 or (self.size or 0) < 0:
            raise ValueError("there are no fewer than no bytes")
        for tag in (self.etag, self.last_modified):
            if tag is not None and not (tag.isascii() and tag.isprintable()):
                raise ValueError(f"{tag!r} is not what a header may hold")

    @property
    def validator(self) -> str | None:
        """What a server knows exactly this file by; None when parts of two could be mixed up."""
        return self.etag if is_strong(self.etag) else self.last_modified

    def is_other_than(self, told: Origin) -> bool:
        """Whether what is told of a file shows that it is another one."""
        if self.size and told.size and self.size != told.size:
            return True
        if self.etag and told.etag:
            return self.etag != told.etag
        one, other = self.last_modified, told.last_modified
        return bool(one and other) and one != other

    def is_as(self, told: Origin) -> bool:
        """Whether a file has the content that is told of, whose server may leave out its size."""
        if self.etag or told.etag:
            return is_same(self.etag, told.etag)
        return bool(told.last_modified and told.size) and not self.is_other_than(told)


class Part:
    """A file that is not whole yet, `path`, and what is remembered of it beside it."""

    def __init__(self, path: Path, *, sure_bytes: int) -> None:
        self.path = path
        self._about = origin_of(path)
        self._sure_bytes = sure_bytes
        self._file: int | None = None
        self.origin = read_origin(self._about)
        with disk():
            there = path.stat().st_size if self.origin and path.is_file() else 0
        self.length = min(there, self.origin.kept) if self.origin else 0

    def begin(self, origin: Origin) -> None:
        """Begin anew, with another file or with the same."""
        self._cut(0)
        self._remember(replace(origin, kept=0))

    def go_on(self, at: int, origin: Origin) -> None:
        """Go on behind the first bytes."""
        self._cut(at)
        self._remember(replace(origin, kept=at))

    def append(self, piece: bytes) -> None:
        """Add what came next; now and then it is made sure that it is on the disk."""
        with disk():
            rest = memoryview(piece)
            while rest:
                count = os.write(self._opened(), rest)
                self.length += count
                rest = rest[count:]
        if self.origin and self.length - self.origin.kept >= self._sure_bytes:
            self.keep()

    def keep(self) -> None:
        """Make sure that all that came is on the disk, and is known to be when the power fails."""
        if self.origin is not None and self.origin.kept != self.length:
            with disk():
                os.fsync(self._opened())
            self._remember(replace(self.origin, kept=self.length))

    def drop(self) -> None:
        """Forget the file and what is known of it."""
        self.close()
        self.origin, self.length = None, 0
        with disk():
            self._about.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    def become(self, final: Path) -> None:
        """Take the final name, in the place of any older file; all of it is on the disk then."""
        self.keep()
        self.close()
        about = origin_of(final)
        with disk():
            about.unlink(missing_ok=True)  # what is said of the older file is not true of this one
            self.path.replace(final)
            sync_folder(final.parent)
        if self.origin is not None:
            write_origin(about, replace(self.origin, size=self.length))
        with disk():
            self._about.unlink(missing_ok=True)

    def check_room(self, size: int) -> None:
        """Refuse a whole of so many bytes that has no room on the disk."""
        with disk():
            free = shutil.disk_usage(self.path.parent).free
        if size > free + self.length:
            why = f"the archive needs {amount(size - self.length)}, and {amount(free)} are free"
            raise Unwritable(why, _MAKE_ROOM)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            with disk():
                os.close(self._file)
            self._file = None

    def _opened(self) -> int:
        if self._file is None:
            self._file = os.open(self.path, _OPENING, 0o666)
        return self._file

    def _cut(self, at: int) -> None:
        with disk():
            os.ftruncate(self._opened(), at)
            os.lseek(self._opened(), at, os.SEEK_SET)
        self.length = at

    def _remember(self, origin: Origin) -> None:
        write_origin(self._about, origin)
        self.origin = origin


def origin_of(path: Path) -> Path:
    """Where it is remembered which file a path is."""
    return path.with_name(f"{path.name}.origin")


def read_origin(path: Path) -> Origin | None:
    """What is remembered at a path; None where that is nothing that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Origin)
    except (OSError, ValueError):
        return None


def write_origin(path: Path, origin: Origin) -> None:
    """Remember it, whole or not at all."""
    unfinished = path.with_name(f"{path.name}.new")
    with disk():
        try:
            with unfinished.open("wb") as opened:
                opened.write(msgspec.json.encode(origin))
                opened.flush()
                os.fsync(opened.fileno())
            unfinished.replace(path)
            sync_folder(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Whether no other process is in such a block about the same path.

    The system lets go of the lock with the process, however that ends; the file itself stays.
    """
    with disk():
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path, _OPENING, 0o666)
    try:
        yield _locked(lock)
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        if problem.errno in _HELD:
            return False
        why = "its disk keeps no locks, so that two downloads could meet in it"
        raise Unwritable(why, "name a folder on a disk of this machine") from problem
    return True


@contextmanager
def disk() -> Iterator[None]:
    """Say what a disk would not do as Unwritable."""
    try:
        yield
    except OSError as problem:
        raise _unwritable(problem) from problem


def sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut, where the system can open folders at all."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems know no such thing for folders
            os.fsync(handle)
    finally:
        os.close(handle)


def amount(count: int) -> str:
    """So many bytes, for people: `2.7 GB`."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _unwritable(problem: OSError) -> Unwritable:
    if problem.errno in _NO_ROOM:
        return Unwritable("the disk is full", _MAKE_ROOM)
    if problem.errno in _FORBIDDEN:
        why, mend = "it may not be written to", "allow it or name another folder"
    elif problem.errno in _NO_FOLDER:
        why, mend = "it is no folder", "name another one"
    elif problem.errno == errno.EFBIG:
        why, mend = "its disk takes no file as large as the archive", "name one on another disk"
    else:
        said = (problem.strerror or "the disk failed").lower()
        why, mend = f"it cannot be written to ({said})", "look after the disk or name another one"
    return Unwritable(why, mend)
