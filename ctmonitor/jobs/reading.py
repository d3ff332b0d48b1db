"""Read many members of an archive, in this process or in several at a time.

What is heavy is done where a member is read: it comes back either as known, or as a study made
ready to be kept, or as its bytes. Only the process that asked writes to the store.
"""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from threading import current_thread, main_thread

import numpy as np
from numpy.typing import NDArray

from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import Piece, Reject, glance, read
from ctmonitor.rules import Tuning, judge_first_sight
from ctmonitor.sources.bulk import Directory, Members, MemberUnreadable, undated
from ctmonitor.store.dictionaries import Dictionary
from ctmonitor.store.first_sights import FirstSight, Occasion, first_sight
from ctmonitor.store.manifest import UNPROVEN

AT_ONCE = 1_000
"""Members that are read in one go."""
FEWEST_FOR_PROCESSES = 4_000
"""Fewer are read before other processes have started."""
FEWEST_BY_ITSELF = 20_000
"""New studies, or ten times as many that are held, for which processes are started unasked."""
_SECONDS_TO_END = 5
_ENDED = (
    "a process that read it was ended from outside, perhaps for want of memory; what came before "
    "is kept, sweep again with --processes 1"
)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that several processes read."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a study that is seen for the first time is judged and made ready by."""

    sweep_id: int
    at: str
    today: date
    tuning: Tuning
    released: date | None = None
    """The release that the archive is of."""
    dictionary: tuple[int, bytes] | None = None

    @property
    def occasion(self) -> Occasion:
        """The look, as the store sees it."""
        common = None if self.dictionary is None else Dictionary(*self.dictionary)
        return Occasion(self.sweep_id, self.at, common)


@dataclass(frozen=True, slots=True)
class Proofs:
    """What a directory shall prove of members from now on: equal lengths throughout."""

    numbers: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    crcs: NDArray[np.uint32]
    tails: NDArray[np.uint32]
    glances: NDArray[np.void]

    def without(self, numbers: Collection[int]) -> Proofs:
        """The same but of some studies."""
        if not numbers:
            return self
        kept = ~np.isin(self.numbers, list(numbers))
        return Proofs(*(getattr(self, name)[kept] for name in Proofs.__slots__))


def together(several: Sequence[Proofs]) -> Proofs:
    """All of several as one."""
    return Proofs(
        *(
            np.concatenate([_NONE[name], *(getattr(one, name) for one in several)])
            for name in Proofs.__slots__
        )
    )


_NONE = {name: np.empty(0, np.uint32) for name in ("numbers", "sizes", "crcs", "tails")}
_NONE["glances"] = np.empty(0, "V16")


@dataclass(slots=True)
class Proving:
    """Proofs in the making."""

    columns: tuple[list[int], list[int], list[int], list[int]] = field(
        default_factory=lambda: ([], [], [], [])
    )
    glances: list[bytes] = field(default_factory=list)

    def add(self, number: int, payload: bytes, crc: int, digest: bytes, *, is_dated: bool) -> None:
        """Take a member in; of one that does not bear the release's date nothing will be proven."""
        undated_crc, tail = undated(payload, crc) if is_dated else (0, UNPROVEN)
        for column, value in zip(
            self.columns, (number, len(payload), undated_crc, tail), strict=True
        ):
            column.append(value)
        self.glances.append(digest)

    def made(self) -> Proofs:
        """The proofs: in as few bytes as there are, for there may be a million."""
        numbers, sizes, crcs, tails = (np.array(column, np.uint32) for column in self.columns)
        glances = np.frombuffer(b"".join(self.glances), "V16")
        return Proofs(numbers, sizes, crcs, tails, glances)


@dataclass(frozen=True, slots=True)
class Go:
    """Members to be read in one go: their part of the directory, and their places in the whole.

    `glances` are the digests of what is held, 16 bytes each; `is_first` says that nothing is.
    `is_proven` says of each whether the directory could tell it unchanged.
    """

    part: Directory
    places: NDArray[np.int64]
    glances: bytes
    is_first: bool
    is_proven: NDArray[np.bool_]


@dataclass(slots=True)
class Gone:
    """What came of one go: members as they are held, new studies, and the rest as pieces."""

    proving: Proving = field(default_factory=Proving)
    proofs: Proofs = field(default_factory=lambda: together(()))
    known_count: int = 0
    same: list[int] = field(default_factory=list)
    """Of those that are as they are held, the digits of those that were known to prove it."""
    first: list[FirstSight] = field(default_factory=list)
    pieces: list[tuple[int, Piece]] = field(default_factory=list)
    """What may differ, each with its place in the go."""
    rejects: list[Reject] = field(default_factory=list)

    def seal(self) -> Gone:
        """The same with its proofs made, as it is handed on."""
        self.proofs, self.proving = self.proving.made(), Proving()
        return self


class Reader:
    """Reads members of one archive."""

    def __init__(self, archive: Archive, terms: Terms) -> None:
        self.archive = archive
        self.terms = terms
        self.occasion = terms.occasion
        # It stays open for as long as the process that was made for it.
        self.file = os.open(archive.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

    def close(self) -> None:
        """Give the file back."""
        os.close(self.file)

    def read(self, go: Go) -> Gone:
        """Read every member of a go."""
        members = Members(self.archive.name, self.file, go.part)
        gone, numbers = Gone(), go.part.numbers.tolist()
        for at in range(len(go.part)):
            number = numbers[at]
            try:
                payload = members.read(at)
            except MemberUnreadable as problem:
                gone.rejects.append(members.reject(at, str(problem)))
                continue
            self._take(gone, go, at, number, payload)
        return gone.seal()

    def _take(self, gone: Gone, go: Go, at: int, number: int, payload: bytes) -> None:
        digest, released = glance(payload)
        is_dated = released is not None and released == self.terms.released
        held = go.glances[16 * at : 16 * at + 16]
        if digest == held and is_dated:
            gone.known_count += 1
            if go.is_proven[at]:
                gone.same.append(number)
                return
            gone.proving.add(number, payload, int(go.part.crcs[at]), digest, is_dated=is_dated)
            return
        nct_id = f"NCT{number:08}"
        piece = Piece(self.archive.name, f"{nct_id}.json", payload, nct_id)
        if not go.is_first:
            gone.pieces.append((at, piece))
        elif not self._first(gone, piece, digest):
            return
        gone.proving.add(number, payload, int(go.part.crcs[at]), digest, is_dated=is_dated)

    def _first(self, gone: Gone, piece: Piece, digest: bytes) -> bool:
        record = read(piece)
        if isinstance(record, Reject):
            gone.rejects.append(record)
            return False
        alerts = judge_first_sight(record.facts, self.terms.today, self.terms.tuning)
        gone.first.append(first_sight(record, digest, alerts, self.occasion))
        return True


@contextmanager
def reading(
    archive: Archive, terms: Terms, *, processes: int
) -> Iterator[Callable[[Iterable[Go]], Iterator[tuple[Go, Gone]]]]:
    """A function that reads goes in their order: in this process, or in some others."""
    if processes < 2:
        reader = Reader(archive, terms)
        try:
            yield lambda goes: ((go, reader.read(go)) for go in goes)
        finally:
            reader.close()
        return
    helpers: list[_Helper] = []
    try:
        for _ in range(processes):
            helpers.append(_Helper())
            # Not with the start, which would wait for ever for a process that died meanwhile.
            helpers[-1].line.send((archive, terms))
        yield lambda goes: _in_order(helpers, goes)
    except (EOFError, ConnectionError):
        raise SourceUnreadable(archive.name, _ENDED) from None
    finally:
        for helper in helpers:
            helper.end()


class _Helper:
    """A process that reads, with a line to it that nobody else has: one that dies is noticed."""

    def __init__(self) -> None:
        self.line, its_own = Pipe()
        # A fresh process: this one may have threads and open connections, which no copy survives.
        self.process = get_context("spawn").Process(target=_serve, args=(its_own,), daemon=True)
        with _uninterrupted():
            self.process.start()
        its_own.close()

    def end(self) -> None:
        """Let it go; it ends when its line does, and is made to where it does not."""
        self.line.close()
        self.process.join(_SECONDS_TO_END)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let a process that is started here not hear a Ctrl-C: it ends with its parent."""
    if current_thread() is not main_thread():
        yield
        return
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _serve(line: Connection) -> None:
    """Read what is asked for until nobody asks any more."""
    with suppress(EOFError, ConnectionError):
        reader = Reader(*line.recv())
        _serve_with(reader, line)


def _serve_with(reader: Reader, line: Connection) -> None:
    # What a go makes is dropped at its end, and holds no circles.
    gc.collect()
    gc.freeze()
    gc.disable()
    while True:
        line.send(reader.read(line.recv()))


def _in_order(helpers: Sequence[_Helper], goes: Iterable[Go]) -> Iterator[tuple[Go, Gone]]:
    """Hand goes to the helpers in turn, and take what came of them in order.

    Each has one at a time, and the next before what came of it is used: were it sent more, it and
    we might wait for each other, each with more to say than a line can hold.
    """
    waiting: deque[tuple[Go, _Helper]] = deque()
    left = iter(goes)
    for helper, go in zip(helpers, left, strict=False):
        helper.line.send(go)
        waiting.append((go, helper))
    while waiting:
        go, helper = waiting.popleft()
        gone: Gone = helper.line.recv()
        following = next(left, None)
        if following is not None:
            helper.line.send(following)
            waiting.append((following, helper))
        yield go, gone


def processes_for(count: int, first_count: int, allowed: int | None = None) -> int:
    """How many processes are worth starting to read members, some of them for the first time."""
    fewest = FEWEST_FOR_PROCESSES if allowed else FEWEST_BY_ITSELF
    # To tell that a study is as it is held takes a tenth of what a new one does.
    work = count if allowed else first_count + (count - first_count) // 10
    if work < fewest:
        return 1
    return max(1, min(allowed or os.cpu_count() or 1, count // AT_ONCE))
