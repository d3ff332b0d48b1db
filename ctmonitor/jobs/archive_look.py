"""A look at an archive with one file a study, as the registry's bulk download.

A fast look takes the archive's own directory for proof of what is unchanged, and reads only the
rest. A deep look reads everything, and so says whether the fast ones were right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
    together,
)
from ctmonitor.jobs.remembering import Learned, Mask, Numbers, among, codes, column, digests
from ctmonitor.jobs.scope import REGISTRY
from ctmonitor.rules import Tuning
from ctmonitor.sources.bulk import (
    Directory,
    Members,
    MemberUnreadable,
    read_directory,
    release_of,
    unchanged,
)
from ctmonitor.store import Store, Transaction, looks, manifest, studies
from ctmonitor.store.dictionaries import latest, train
from ctmonitor.store.manifest import UNPROVEN, Manifest
from ctmonitor.store.values import moment

DEEP_EVERY = timedelta(days=7)
"""The longest time in which only the directory speaks for what is unchanged."""
SAMPLES = 1_000
"""Studies that show what contents have in common."""
MOSTLY_OTHER = 0.2
"""With a larger share to be read, the archive is written in another way, and all of it is read."""


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
    shard: tuple[int, int] | None = None
    """Which part of how many of about one size the look is about, from 0; None means all."""
    choice: Choice | None = None
    directory: Directory | None = None
    released: date | None = None
    before: Manifest | None = None
    last_whole: date | None = None
    """The release of the last complete look at the whole registry, when this is to be one."""
    held: Numbers = field(default_factory=lambda: np.empty(0, np.uint32))
    """The studies that were held before it, by their digits, in order."""
    first_snapshot: int = 0
    """The latest snapshot of all before it."""
    compared: Compared | None = None
    deep_on: date | None = None
    """The release of the last look that read everything in the archive that is known."""
    proofs: list[Proofs] = field(default_factory=list)
    handed: set[int] = field(default_factory=set)
    """Studies, by their digits, whose record was handed over to be judged."""
    same: list[Numbers] = field(default_factory=list)
    """Studies, by their digits, that the directory proved to be as they were."""
    found_same: list[int] = field(default_factory=list)
    """Studies that were read, and are as they were in all that is remembered of them."""
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
            directory = self.directory = self._shard(read_directory(self.name, opened))
            yield from directory.rejects
            members = Members(self.name, opened.fileno(), directory)
            self.released = release_of(members, directory)
        with self.store.reading() as tx:
            self.before = manifest.remembered(tx)
            if self.is_whole:
                last = looks.before(tx, REGISTRY, self.name).last
                self.last_whole = last.data_date if last else None
            suspects = self._suspects(tx)
            self.held = self._held(tx)
            self.first_snapshot = manifest.last_snapshot(tx)
            self.compared = self._compare(directory, suspects)
            self.deep_on = self._read_on(tx, self.compared)
        self.choice = self._choose(self.compared)
        if self.choice.way is Way.STALE:
            return
        to_read = np.ones(len(directory), np.bool_)
        if self.choice.way is Way.FAST:
            to_read = ~self.compared.proven
            self.same.append(directory.numbers[self.compared.proven])
            self.proven_count = int(self.compared.proven.sum())
            yield Unmoved(self.proven_count, self.released)
        is_first = ~among(directory.numbers, self.held)
        yield from self._read(directory, to_read, is_first)

    def _shard(self, whole: Directory) -> Directory:
        """The part of the archive that this look is about."""
        if self.shard is None:
            return whole
        index, of = self.shard
        start, stop = (place * len(whole) // of for place in (index, index + 1))
        part = whole.part(np.arange(start, stop))
        return replace(part, rejects=whole.rejects) if index == 0 else part

    def _suspects(self, tx: Transaction) -> Numbers:
        """The studies of which what is remembered does not hold any more."""
        if self.before is None:
            return np.empty(0, np.uint32)
        changed = manifest.changed_since(tx, self.before.snapshot_id)
        return codes(changed | manifest.not_there(tx))

    def _held(self, tx: Transaction) -> Numbers:
        """The studies that are held: those remembered, where these are all there are."""
        if self.before is None or studies.count(tx) != self.before.count:
            return np.sort(np.fromiter(studies.codes(tx), np.uint32))
        return column(self.before, "numbers")

    def _compare(self, directory: Directory, suspects: Numbers) -> Compared:
        none = np.zeros(len(directory), np.bool_)
        if self.before is None or not self.before.count:
            return Compared(np.full(len(directory), -1), none, none)
        numbers = column(self.before, "numbers")
        places = np.searchsorted(numbers, directory.numbers)
        places[places == len(numbers)] = 0
        is_known = numbers[places] == directory.numbers
        tails = column(self.before, "tails")[places]
        proven = is_known & (tails != UNPROVEN)
        if self.released is None:
            proven = none
        else:
            proven &= unchanged(
                directory,
                self.released,
                sizes=column(self.before, "sizes")[places],
                crcs=column(self.before, "crcs")[places],
                tails=np.where(tails == UNPROVEN, np.uint32(0), tails),
            )
        suspect = among(directory.numbers, suspects)
        return Compared(np.where(is_known, places, -1), proven & ~suspect, suspect)

    def _read_on(self, tx: Transaction, compared: Compared) -> date | None:
        """The release of which every study of the archive was last read; None before there is."""
        read_in = column(self.before, "read_in")[compared.places[compared.known]]
        if not len(read_in):
            return None
        # Sweeps are few, and studies many.
        every = np.flatnonzero(np.bincount(read_in)).tolist()
        dates = manifest.dates_of(tx, every)
        return min(dates.values()) if len(dates) == len(every) else None

    def _choose(self, compared: Compared) -> Choice:
        released = self.released or self.today
        if self.last_whole is not None and released < self.last_whole:
            why = f"the archive is of {released}, older than {self.last_whole}"
            return Choice(Way.STALE, why)
        if self.before is None:
            return Choice(Way.DEEP, "no archive was looked at before")
        if self.is_deep:
            return Choice(Way.DEEP, "asked for")
        known = int(compared.known.sum())
        other = known - int(compared.proven.sum())
        if other > MOSTLY_OTHER * max(known, 1):
            return Choice(Way.DEEP, f"the directory proves only {known - other:,} of {known:,}")
        last = f"the last deep look was of {self.deep_on}"
        if self.deep_on is None or released - self.deep_on >= DEEP_EVERY:
            return Choice(Way.DEEP, last)
        return Choice(Way.FAST, last)

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
        processes = processes_for(count, int((to_read & is_first).sum()), self.processes)
        with reading(archive, terms, processes=processes) as take:
            for go, gone in take(self._goes(directory, to_read, is_first)):
                done += len(go.part)
                # What is handed over may end a batch, and the batch tells how far it has come.
                yield Milestone(done, len(directory), is_of_studies=True)
                yield from self._hand(go, gone)

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
        glances = digests(self.before)
        for of_first in (True, False):
            chosen = np.flatnonzero(to_read & (is_first == of_first))
            for start in range(0, len(chosen), AT_ONCE):
                places = chosen[start : start + AT_ONCE]
                yield Go(
                    directory.part(places),
                    places,
                    self._digests(glances, places),
                    of_first,
                    self.compared.proven[places],
                )

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
        self.proofs.append(gone.proofs)
        self.found_same += gone.same
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

    def learned(self, intake: Intake, unsure: Numbers) -> Learned:
        """What is to be remembered of this look, but of what changed in others meanwhile."""
        assert self.released is not None
        same = np.concatenate([*self.same, np.empty(0, np.uint32)])
        return Learned(
            self.sweep_id,
            self.released,
            self._believed(intake),
            same,
            np.sort(np.array(self.found_same, np.uint32)),
            unsure,
        )

    def _believed(self, intake: Intake) -> Proofs:
        """What was read and is what is held now: not what could not be read, or is older."""
        is_held = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)
        other = {of for of in self.handed if intake.outcomes.get(f"NCT{of:08}") not in is_held}
        every = together(self.proofs)
        # Of a first load they are many, and are wanted only once.
        self.proofs.clear()
        return every.without(other)


def _sample(members: Members, at: int) -> bytes | None:
    """One member's canonical content; None when it cannot be read."""
    try:
        record = read(Piece(members.source, "a member", members.read(at)))
    except MemberUnreadable:
        return None
    return None if isinstance(record, Reject) else record.canonical
