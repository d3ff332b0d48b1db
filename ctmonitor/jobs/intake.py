"""Take in what a source hands over, some pieces at a time: compare, judge, keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ctmonitor.changes import MadeBy
from ctmonitor.formats import Handed, Milestone, Piece, Reject, Sighting, Unmoved, glance, read
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.judging import Judged, Outcome, is_alike, judge
from ctmonitor.records import NCT_ID, Record
from ctmonitor.rules import Merger, Return, Tuning, judge_fate
from ctmonitor.store import Store, Transaction, fates, keeping, studies, sweeps
from ctmonitor.store import alerts as alerts_kept
from ctmonitor.store.contents import contents_held
from ctmonitor.store.fates import Absent
from ctmonitor.store.first_sights import FirstSight
from ctmonitor.store.sweeps import Counts

PIECES_AT_ONCE = 500
FIRST_AT_ONCE = 4_000
"""Studies made ready to be kept: nothing is left but to write them, in few transactions."""
BYTES_AT_ONCE = 16 * 1024 * 1024

Outcomes = dict[str, Outcome]


@dataclass(frozen=True, slots=True)
class FirstSights:
    """Studies that are not held yet, made ready to be kept."""

    seen: Sequence[FirstSight]
    at: datetime
    """When the look that saw them began."""


@dataclass(slots=True)
class Batch:
    """Some of what a source handed over, and where to go on after it."""

    pieces: list[Piece] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    first_sights: list[FirstSights] = field(default_factory=list)
    unmoved: list[Unmoved] = field(default_factory=list)
    milestone: Milestone | None = None
    size: int = 0

    def add(self, one: Handed | FirstSights) -> None:
        """Put one more in."""
        if isinstance(one, Piece):
            self.pieces.append(one)
            self.size += len(one.payload)
        elif isinstance(one, Reject):
            self.rejects.append(one)
            self.size += len(one.payload)
        elif isinstance(one, Sighting):
            self.sightings.append(one)
        elif isinstance(one, Unmoved):
            self.unmoved.append(one)
        elif isinstance(one, FirstSights):
            self.first_sights.append(one)
        elif one.done or self.milestone is None:
            self.milestone = one
        else:  # the end of a part, which counts no pages
            self.milestone = replace(self.milestone, place=one.place)

    @property
    def first_count(self) -> int:
        """How many studies come ready to be kept."""
        return sum(len(one.seen) for one in self.first_sights)

    @property
    def is_full(self) -> bool:
        """Whether it is time to take it in."""
        return (
            len(self.pieces) + len(self.rejects) >= PIECES_AT_ONCE
            or self.first_count >= FIRST_AT_ONCE
            or self.size >= BYTES_AT_ONCE
            or (self.milestone is not None and self.milestone.place is not None)
            or len(self.sightings) >= 4 * PIECES_AT_ONCE
        )


def batches(handed: Iterable[Handed | FirstSights]) -> Iterator[Batch]:
    """What is handed over, some at a time: never too many, never too large together."""
    batch = Batch()
    for one in handed:
        batch.add(one)
        if batch.is_full:
            yield batch
            batch = Batch()
    if batch != Batch():
        yield batch


@dataclass(slots=True)
class Intake:
    """What one look has taken in until now."""

    store: Store
    sweep_id: int
    tuning: Tuning
    clock: Clock
    wants: Callable[[str], bool]
    """Whether a study is one that the look is about."""
    counts: Counts = field(default_factory=Counts)
    gaps: list[str] = field(default_factory=list)
    released: date | None = None
    outcomes: Outcomes = field(default_factory=dict)
    tally: Counter[Outcome] = field(default_factory=Counter)
    unread: set[str] = field(default_factory=set)
    """The studies that were there, though nobody could read their records."""
    unreadable: int = 0
    is_each_once: bool = False
    """Whether a study that comes again, of a later release, is still one study received."""
    by_registry: Counter[str] = field(default_factory=Counter)
    removed: dict[str, Absent] = field(default_factory=dict)
    """The studies that were gone from the registry before this look."""
    merged: dict[str, str] = field(default_factory=dict)
    """Of the studies we hold, those that came to lead to another in this look, with its number."""

    @property
    def found(self) -> set[str]:
        """The studies that were there."""
        return self.unread.union(self.outcomes)

    def unseen(self, nct_ids: Iterable[str], but: Collection[str] = ()) -> set[str]:
        """Of these studies, those that were not there, and are not among some others."""
        seen = (self.outcomes, self.unread, but)
        return {nct_id for nct_id in nct_ids if not any(nct_id in among for among in seen)}

    def seen_count(self, *others: Collection[str]) -> int:
        """How many studies were there, or are among some others."""
        more = self.unread.union(*others)
        return len(self.outcomes) + sum(nct_id not in self.outcomes for nct_id in more)

    def take(self, batch: Batch) -> None:
        """Compare, judge and keep a batch, all or nothing."""
        for one in batch.unmoved:
            self.tally[Outcome.UNCHANGED] += one.count
            self._release(one.released)
        rejects = batch.rejects
        shown = [self._glance(piece) for piece in batch.pieces]
        glances = [digest for digest, _ in shown]
        with self.store.reading() as tx:
            known = studies.known(tx, glances)
        fresh, same = self._told_apart(batch.pieces, glances, known, rejects)
        rounds = list(_rounds(fresh))
        at = self.clock.at()
        with self.store.writing() as tx:
            first_count = self._keep_first(tx, batch.first_sights)
            judged = [one for records in rounds for one in self._judge(tx, records)]
            unchanged = [one for one in judged if one.outcome is Outcome.UNCHANGED and not one.kept]
            alike = [(one.nct_id, one.glance, one.row_digest) for one in unchanged]
            held_as = {nct_id: digest for digest, nct_id in known.items()}
            seen = [(nct_id, held_as[nct_id]) for nct_id in same]
            seen += [(one.nct_id, one.glance) for one in unchanged]
            for released, nct_ids in _by_release(seen, shown).items():
                studies.seen_again(tx, nct_ids, released, at, sweep_id=self.sweep_id)
            studies.looked_the_same(tx, alike)
            read_now = {*same, *(one.nct_id for one in judged)}
            self._sight(tx, batch)
            self._welcome(tx, read_now.union(one.nct_id for one in batch.sightings))
            sweeps.reject(tx, self.sweep_id, self._aside(batch), at)
            seen_only = [*same, *(one.nct_id for one in batch.sightings)]
            told, tally = self._told(judged, seen_only)
            tally[Outcome.NEW] += first_count
            tally[Outcome.UNCHANGED] += batch.first_count - first_count
            counts = self._counted(tally, judged, batch)
            place = batch.milestone.place if batch.milestone else None
            sweeps.keep_alive(tx, self.sweep_id, counts, self.clock.now(), place=place)
        self.counts, self.tally = counts, tally
        self.outcomes.update(told)
        self._note(judged, batch)

    def _glance(self, piece: Piece) -> tuple[bytes, date | None]:
        digest, released = glance(piece.payload)
        self._release(released)
        return digest, released

    def _release(self, released: date | None) -> None:
        """Take note of a release that something was of."""
        if released and (self.released is None or released > self.released):
            self.released = released

    def _keep_first(self, tx: Transaction, chunks: Iterable[FirstSights]) -> int:
        """Keep studies that were new, made ready elsewhere; how many of them still are."""
        kept = 0
        for chunk in chunks:
            # Another look may have kept some of them since they were read; it judged them, too.
            held = studies.those_held(tx, [one.nct_id for one in chunk.seen])
            seen = [one for one in chunk.seen if one.nct_id not in held]
            keeping.keep_first_sights(tx, self.sweep_id, seen, chunk.at)
            merge(tx, [(alias, one.nct_id) for one in seen for alias in one.aliases], self)
            kept += len(seen)
        return kept

    def _told_apart(
        self,
        pieces: list[Piece],
        glances: list[bytes],
        known: dict[bytes, str],
        rejects: list[Reject],
    ) -> tuple[list[tuple[Record, bytes]], list[str]]:
        """The records that may differ from what we hold, and the studies that surely do not."""
        read_now: dict[int, Record] = {}
        for at, (piece, digest) in enumerate(zip(pieces, glances, strict=True)):
            if piece.nct_id not in (None, known.get(digest)) or digest not in known:
                self._read(piece, at, read_now, rejects)
        differing = {record.nct_id for record in read_now.values()}
        same = []
        for at, (piece, digest) in enumerate(zip(pieces, glances, strict=True)):
            nct_id = known.get(digest)
            if piece.nct_id not in (None, nct_id):
                continue
            if nct_id in differing:
                # The same study twice in a batch: their order decides, so read both.
                self._read(piece, at, read_now, rejects)
            elif nct_id is not None and self.wants(nct_id):
                same.append(nct_id)
        return [(read_now[at], glances[at]) for at in sorted(read_now)], same

    def _read(
        self, piece: Piece, at: int, read_now: dict[int, Record], rejects: list[Reject]
    ) -> None:
        record = read(piece)
        if isinstance(record, Reject):
            rejects.append(record)
            if record.nct_id:
                self.unread.add(record.nct_id)
        elif self.wants(record.nct_id) or any(map(self.wants, record.aliases)):
            read_now[at] = record

    def _judge(self, tx: Transaction, records: list[tuple[Record, bytes]]) -> list[Judged]:
        held = studies.held(tx, [record.nct_id for record, _ in records])
        differing = {
            record.nct_id: held[record.nct_id]
            for record, _ in records
            if record.nct_id in held and not is_alike(record, held[record.nct_id])
        }
        contents = contents_held(tx, {of: (one.number, one.depth) for of, one in differing.items()})
        judged = [
            judge(
                record,
                digest,
                held=held.get(record.nct_id),
                canonical=contents.get(record.nct_id),
                today=self.clock.today,
                tuning=self.tuning,
            )
            for record, digest in records
        ]
        kept = [one.kept for one in judged if one.kept]
        keeping.keep(tx, self.sweep_id, kept, self.clock.at())
        self._merge(tx, [one.record for one in kept])
        return judged

    def _merge(self, tx: Transaction, records: Sequence[Record]) -> None:
        """Let the numbers that a study had before lead to it, and tell of those we knew."""
        aliases = [(alias, record.nct_id) for record in records for alias in record.aliases]
        merge(tx, aliases, self)

    def _sight(self, tx: Transaction, batch: Batch) -> None:
        """Note what was seen as a row only."""
        at = self.clock.at()
        by_release: dict[date | None, list[str]] = {}
        for one in batch.sightings:
            by_release.setdefault(one.released, []).append(one.nct_id)
            self._release(one.released)
        for released, nct_ids in by_release.items():
            studies.seen_again(tx, nct_ids, released, at, sweep_id=self.sweep_id)

    def _welcome(self, tx: Transaction, seen: set[str]) -> None:
        """Of studies that were gone, let the alert that they are back wait for the look's end."""
        gone = self.removed.keys() & seen
        if not gone:
            return
        back = [one.nct_id for one in fates.absent(tx, gone) if one.removed_on is None]
        held = studies.held(tx, back)
        found = [
            alert
            for nct_id in back
            if (gone_on := self.removed[nct_id].removed_on) is not None
            and not self.removed[nct_id].is_absorbed
            for alert in judge_fate(Return(held[nct_id].facts, gone_on, self.released), self.tuning)
        ]
        alerts_kept.await_settling(tx, self.sweep_id, found, self.clock.at())

    def _told(self, judged: list[Judged], same: list[str]) -> tuple[Outcomes, Counter[Outcome]]:
        """How each study came out, and the count of each outcome, with this batch."""
        told: Outcomes = {}
        tally = Counter(self.tally)
        for nct_id, outcome in [
            *((one.nct_id, one.outcome) for one in judged),
            *((nct_id, Outcome.UNCHANGED) for nct_id in same),
        ]:
            was = told.get(nct_id, self.outcomes.get(nct_id)) if self.is_each_once else None
            if was in (Outcome.NEW, Outcome.CHANGED) or was is outcome:
                continue
            if was is not None:
                tally[was] -= 1
            tally[outcome] += 1
            told[nct_id] = outcome
        return told, tally

    def _counted(self, tally: Counter[Outcome], judged: list[Judged], batch: Batch) -> Counts:
        unreadable = sum(not one.is_gap for one in batch.rejects)
        counts = self.counts.plus(
            rejected=len(self._aside(batch)),
            changes=sum(len(one.kept.changes) for one in judged if one.kept),
        )
        return replace(
            counts,
            received=tally.total() + self.unreadable + unreadable,
            new=tally[Outcome.NEW],
            changed=tally[Outcome.CHANGED],
            unchanged=tally[Outcome.UNCHANGED] + tally[Outcome.OLDER],
            older=tally[Outcome.OLDER],
        )

    def _aside(self, batch: Batch) -> list[Reject]:
        """What was set aside; what the registry did not give is a gap of the look, and no input."""
        return [one for one in batch.rejects if not (self.is_each_once and one.is_gap)]

    def _note(self, judged: list[Judged], batch: Batch) -> None:
        for one in judged:
            changes = one.kept.changes if one.kept else ()
            self.by_registry.update(
                {
                    change.field
                    for change in changes
                    if change.made_by is MadeBy.REGISTRY and not change.is_noise
                }
            )
        self.unreadable += sum(not one.is_gap for one in batch.rejects)
        self.gaps += [f"{one.source}: {one.reason}" for one in batch.rejects if one.is_gap]


def merge(tx: Transaction, aliases: Iterable[tuple[str, str]], intake: Intake) -> None:
    """Note where former numbers lead; of those we hold, let the alert wait for the look's end."""
    led = [(alias, nct_id) for alias, nct_id in aliases if _is_former(alias, nct_id)]
    moved = fates.merge(tx, led, intake.clock.at()) if led else []
    if not moved:
        return
    intake.merged.update(moved)
    held = studies.held(tx, [alias for alias, _ in moved])
    found = [
        alert
        for alias, nct_id in moved
        for alert in judge_fate(Merger(held[alias].facts, nct_id, intake.released), intake.tuning)
    ]
    alerts_kept.await_settling(tx, intake.sweep_id, found, intake.clock.at())


def _is_former(alias: object, nct_id: str) -> bool:
    """Whether what a record names as a former number is one; records say many things."""
    return isinstance(alias, str) and bool(NCT_ID.fullmatch(alias)) and alias != nct_id


def _by_release(
    seen: Iterable[tuple[str, bytes]], shown: Iterable[tuple[bytes, date | None]]
) -> dict[date | None, list[str]]:
    """The studies by the last release that showed them: a look may bring files of several."""
    latest: dict[bytes, date] = {}
    for digest, released in shown:
        if released and released > latest.get(digest, date.min):
            latest[digest] = released
    found: dict[date | None, list[str]] = {}
    for nct_id, digest in seen:
        found.setdefault(latest.get(digest), []).append(nct_id)
    return found


def _rounds(fresh: list[tuple[Record, bytes]]) -> Iterator[list[tuple[Record, bytes]]]:
    """The records in their order, each study at most once in a round."""
    waiting = fresh
    while waiting:
        now: list[tuple[Record, bytes]] = []
        later: list[tuple[Record, bytes]] = []
        there: set[str] = set()
        for record, digest in waiting:
            (later if record.nct_id in there else now).append((record, digest))
            there.add(record.nct_id)
        yield now
        waiting = later
