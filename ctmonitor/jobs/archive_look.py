"""A look at an archive with one file a study, as the registry's bulk download.

A fast look takes the archive's own directory for proof of what is unchanged, and reads only the
rest. A deep look reads everything, and so says whether the fast ones were right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ctmonitor.formats import Handed, Milestone, Piece, Reject, Unmoved, read
from ctmonitor.jobs.intake import FirstSights, Intake
from ctmonitor.jobs.judging import Outcome
from ctmonitor.jobs.planner import Choice, Way
from ctmonitor.jobs.reading import (
    AT_ONCE,
    Archive,
    Go,
    Gone,
    Proofs,
    Terms,
    processes_for,
    reading,
)
from ctmonitor.rules import Tuning
from ctmonitor.sources.bulk import (
    Directory,
    Members,
    MemberUnreadable,
    read_directory,
    release_of,
    unchanged,
)
from ctmonitor.store import Store, Transaction, manifest, studies
from ctmonitor.store.dictionaries import latest, train
from ctmonitor.store.manifest import COLUMNS, UNPROVEN, Manifest
from ctmonitor.store.values import moment

DEEP_EVERY = timedelta(days=7)
"""The longest time in which only the directory speaks for what is unchanged."""
SAMPLES = 1_000
"""Studies that show what contents have in common."""
MOSTLY_OTHER = 0.2
"""With a larger share to be read, the archive is written in another way, and all of it is read."""

Numbers = NDArray[np.uint32]
Mask = NDArray[np.bool_]


@dataclass(slots=True)
class Compared:
    """An archive's directory held against what is remembered: equal lengths throughout.

    `places` are those of its members among what is remembered, -1 where there is none.
    """

    places: NDArray[np.int64]
    proven: Mask
    """Whether the directory proves a member to be as it was."""
    suspect: Mask
    """Whether a member is to be read in any case: it changed elsewhere, or was not there."""

    @property
    def known(self) -> Mask:
        """Whether a member is of a study that an archive showed before."""
        return self.places >= 0


@dataclass(slots=True)
class ArchiveLook:
    """An archive as a source, for one look; read once.

    `is_whole` says that it holds the whole registry, so that what it lacks is missing there.
    """

    store: Store
    path: Path
    name: str
    today: date
    tuning: Tuning
    is_whole: bool = False
    is_deep: bool = False
    """Whether a deep look was asked for."""
    processes: int | None = None
    """How many processes may read; None leaves it to the machine."""
    choice: Choice | None = None
    directory: Directory | None = None
    released: date | None = None
    before: Manifest | None = None
    held: Numbers = field(default_factory=lambda: np.empty(0, np.uint32))
    """The studies that were held before it, by their digits, in order."""
    first_snapshot: int = 0
    """The latest snapshot of all before it."""
    compared: Compared | None = None
    proofs: Proofs = field(default_factory=Proofs)
    handed: set[int] = field(default_factory=set)
    """Studies, by their digits, whose record was handed over to be judged."""
    same: list[NDArray[np.int64]] = field(default_factory=list)
    """Places among what is remembered of studies that were found as they were."""
    proven_count: int = 0
    read_count: int = 0
    missed: list[str] = field(default_factory=list)
    """Studies that differ, though the directory proves them unchanged: there should be none."""
    sweep_id: int = 0
    begun_at: str = ""

    def begin(self, sweep_id: int, at: str) -> None:
        """Take note of the sweep's number, and of when it began."""
        self.sweep_id, self.begun_at = sweep_id, at

    def pieces(self) -> Iterator[Handed | FirstSights]:
        """What is proven unchanged as a number, and what may differ as pieces or first sights."""
        with self.path.open("rb") as opened:
            directory = self.directory = read_directory(self.name, opened)
            yield from directory.rejects
            members = Members(self.name, opened.fileno(), directory)
            self.released = release_of(members, directory)
        with self.store.reading() as tx:
            self.before = manifest.remembered(tx)
            suspects = self._suspects(tx)
            self.held = self._held(tx)
            self.first_snapshot = manifest.last_snapshot(tx)
        self.compared = self._compare(directory, suspects)
        self.choice = self._choose(self.compared)
        if self.choice.way is Way.STALE:
            return
        to_read = np.ones(len(directory), np.bool_)
        if self.choice.way is Way.FAST:
            to_read = ~self.compared.proven
            self.same.append(self.compared.places[self.compared.proven])
            self.proven_count = int(self.compared.proven.sum())
            yield Unmoved(self.proven_count, self.released)
        is_first = ~among(directory.numbers, self.held)
        yield from self._read(directory, to_read, is_first)

    def _suspects(self, tx: Transaction) -> Numbers:
        """The studies of which what is remembered does not hold any more."""
        if self.before is None:
            return np.empty(0, np.uint32)
        changed = manifest.changed_since(tx, self.before.snapshot_id)
        return _codes(changed | manifest.not_there(tx))

    def _held(self, tx: Transaction) -> Numbers:
        """The studies that are held: those remembered, where these are all there are."""
        if self.before is None or studies.count(tx) != self.before.count:
            return np.sort(np.fromiter(studies.codes(tx), np.uint32))
        return _column(self.before, "numbers")

    def _compare(self, directory: Directory, suspects: Numbers) -> Compared:
        none = np.zeros(len(directory), np.bool_)
        if self.before is None or not self.before.count:
            return Compared(np.full(len(directory), -1), none, none)
        numbers = _column(self.before, "numbers")
        places = np.searchsorted(numbers, directory.numbers)
        places[places == len(numbers)] = 0
        is_known = numbers[places] == directory.numbers
        tails = _column(self.before, "tails")[places]
        proven = is_known & (tails != UNPROVEN)
        if self.released is None:
            proven = none
        else:
            proven &= unchanged(
                directory,
                self.released,
                sizes=_column(self.before, "sizes")[places],
                crcs=_column(self.before, "crcs")[places],
                tails=np.where(tails == UNPROVEN, np.uint32(0), tails),
            )
        suspect = among(directory.numbers, suspects)
        return Compared(np.where(is_known, places, -1), proven & ~suspect, suspect)

    def _choose(self, compared: Compared) -> Choice:
        before = self.before
        if before is None:
            return Choice(Way.DEEP, "no archive was looked at before")
        released = self.released or self.today
        if self.is_whole and released < before.data_date:
            why = f"the archive is of {released}, older than {before.data_date}"
            return Choice(Way.STALE, why)
        if self.is_deep:
            return Choice(Way.DEEP, "asked for")
        known = int(compared.known.sum())
        other = known - int(compared.proven.sum())
        if other > MOSTLY_OTHER * max(known, 1):
            return Choice(Way.DEEP, f"the directory proves only {known - other:,} of {known:,}")
        if before.deep_on is None or released - before.deep_on >= DEEP_EVERY:
            return Choice(Way.DEEP, f"the last deep look was of {before.deep_on}")
        return Choice(Way.FAST, f"the last deep look was of {before.deep_on}")

    def _read(
        self, directory: Directory, to_read: Mask, is_first: Mask
    ) -> Iterator[Handed | FirstSights]:
        """Read members: those of studies not held yet apart from the others."""
        count = int(to_read.sum())
        done = self.proven_count
        if not count:
            return
        self._train(directory, np.flatnonzero(to_read & is_first))
        with self.store.reading() as tx:
            common = latest(tx)
        terms = Terms(
            self.sweep_id,
            self.begun_at,
            self.today,
            self.tuning,
            self.released,
            None if common is None else (common.id, common.content),
        )
        archive = Archive(self.name, str(self.path))
        with reading(archive, terms, processes=processes_for(count, self.processes)) as take:
            for go, gone in take(self._goes(directory, to_read, is_first)):
                yield from self._hand(go, gone)
                done += len(go.part)
                yield Milestone(done, len(directory))

    def _train(self, directory: Directory, places: NDArray[np.int64]) -> None:
        """Learn what contents have in common, before many of them are kept for the first time."""
        with self.store.reading() as tx:
            if len(places) < SAMPLES or latest(tx) is not None:
                return
        chosen = places[np.linspace(0, len(places) - 1, SAMPLES).astype(np.int64)]
        with self.path.open("rb") as opened:
            members = Members(self.name, opened.fileno(), directory.part(chosen))
            samples = [found for at in range(SAMPLES) if (found := _sample(members, at))]
        with self.store.writing() as tx:
            train(tx, samples, moment(self.begun_at))

    def _goes(self, directory: Directory, to_read: Mask, is_first: Mask) -> Iterator[Go]:
        assert self.compared is not None
        digests = self.before.glances if self.before is not None else b""
        glances = np.frombuffer(digests, "V16")
        for of_first in (True, False):
            chosen = np.flatnonzero(to_read & (is_first == of_first))
            for start in range(0, len(chosen), AT_ONCE):
                places = chosen[start : start + AT_ONCE]
                yield Go(directory.part(places), places, self._digests(glances, places), of_first)

    def _digests(self, glances: NDArray[np.void], places: NDArray[np.int64]) -> bytes:
        """The digests of what is held; of a suspect one, a digest that nothing has."""
        assert self.compared is not None
        remembered = self.compared.places[places]
        found = np.zeros(len(places), "V16")
        is_good = (remembered >= 0) & ~self.compared.suspect[places]
        found[is_good] = glances[remembered[is_good]]
        return found.tobytes()

    def _hand(self, go: Go, gone: Gone) -> Iterator[Handed | FirstSights]:
        self.read_count += len(go.part)
        self.proofs.extend(gone.proofs)
        if gone.known_count:
            yield Unmoved(gone.known_count, self.released)
        if gone.first:
            yield FirstSights(gone.first, moment(self.begun_at))
        self._blame(go, gone)
        for at, piece in gone.pieces:
            self.handed.add(int(go.part.numbers[at]))
            yield piece
        yield from gone.rejects

    def _blame(self, go: Go, gone: Gone) -> None:
        """Note which of the studies that differ a fast look would have passed over."""
        assert self.compared is not None
        for at, _ in gone.pieces:
            place = int(go.places[at])
            if self.compared.proven[place]:
                self.missed.append(f"NCT{int(go.part.numbers[at]):08}")

    def to_remember(
        self, intake: Intake, last_snapshot: int, elsewhere: frozenset[str]
    ) -> Manifest:
        """What is to be remembered after this look, but of what changed in others meanwhile."""
        assert self.released is not None and self.choice is not None
        before, proofs = self.before, self._believed(intake)
        numbers = np.array(proofs.numbers, np.uint32)
        old = np.empty(0, np.uint32) if before is None else _column(before, "numbers")
        every = np.sort(np.concatenate([old, numbers[~among(numbers, old)]]))
        columns = {name: np.zeros(len(every), np.uint32) for name in COLUMNS}
        glances = np.zeros(len(every), "V16")
        if before is not None:
            at = np.searchsorted(every, old)
            for name in COLUMNS:
                columns[name][at] = _column(before, name)
            glances[at] = np.frombuffer(before.glances, "V16")
            if self.released >= before.data_date:
                # An older archive says nothing of when a study was seen last.
                for places in self.same:
                    columns["seen_in"][at[places]] = self.sweep_id
        at = np.searchsorted(every, numbers)
        columns["numbers"] = every
        for name in ("sizes", "crcs", "tails"):
            columns[name][at] = np.array(getattr(proofs, name), np.uint32)
        if before is None or self.released >= before.data_date:
            # What bears another date was not shown by this release as it is.
            columns["seen_in"][at[columns["tails"][at] != UNPROVEN]] = self.sweep_id
        glances[at] = np.frombuffer(b"".join(proofs.glances), "V16")
        other = among(every, _codes(elsewhere))
        columns["tails"][other] = UNPROVEN
        glances[other] = b""
        return Manifest(
            last_snapshot,
            self.sweep_id,
            self.released if before is None else max(self.released, before.data_date),
            self._deep_on(),
            len(every),
            b"".join(columns[name].tobytes() for name in COLUMNS),
            glances.tobytes(),
        )

    def _deep_on(self) -> date | None:
        """The day of the last deep look at all that is remembered; one at a part is none."""
        assert self.compared is not None and self.choice is not None
        if self.before is None:
            return self.released
        is_at_all = self.is_whole or int(self.compared.known.sum()) == self.before.count
        is_deep = self.choice.way is Way.DEEP and is_at_all
        return self.released if is_deep else self.before.deep_on

    def _believed(self, intake: Intake) -> Proofs:
        """What was read and is what is held now: not what could not be read, or is older."""
        is_held = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)
        other = {of for of in self.handed if intake.outcomes.get(f"NCT{of:08}") not in is_held}
        if not other:
            return self.proofs
        kept, given = Proofs(), self.proofs
        for at, number in enumerate(given.numbers):
            if number not in other:
                for name in Proofs.__slots__:
                    getattr(kept, name).append(getattr(given, name)[at])
        return kept


def _sample(members: Members, at: int) -> bytes | None:
    """One member's canonical content; None when it cannot be read."""
    try:
        record = read(Piece(members.source, "a member", members.read(at)))
    except MemberUnreadable:
        return None
    return None if isinstance(record, Reject) else record.canonical


def among(numbers: Numbers, others: Numbers) -> Mask:
    """Whether each number is one of some others, which are in order.

    numpy's own way takes twenty times as long for 600,000.
    """
    places = np.searchsorted(others, numbers)
    found = places < len(others)
    found[found] = others[places[found]] == numbers[found]
    return found


def _codes(nct_ids: frozenset[str]) -> Numbers:
    """The digits of some numbers, in order."""
    return np.sort(np.fromiter((int(nct_id[3:]) for nct_id in nct_ids), np.uint32))


def _column(before: Manifest, name: str) -> Numbers:
    return np.frombuffer(before.column(name), np.uint32)
