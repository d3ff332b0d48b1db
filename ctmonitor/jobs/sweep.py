"""Look once at one scope through one source, and keep what it says."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ctmonitor.changes import MadeBy
from ctmonitor.errors import SourceUnreadable, StoreError
from ctmonitor.formats import Piece, Reject, Source, glance, read
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.judging import Judged, Outcome, judge
from ctmonitor.jobs.owner import me
from ctmonitor.jobs.settle import FLOOD_LIMIT, Occasion, raise_found, take_over_abandoned
from ctmonitor.records import Record
from ctmonitor.rules import Tally, Tuning, judge_sweep
from ctmonitor.store import Store, Transaction, journal, keeping, studies, sweeps
from ctmonitor.store import alerts as alerts_kept
from ctmonitor.store.sweeps import Counts
from ctmonitor.watches import WatchList

PIECES_AT_ONCE = 500
BYTES_AT_ONCE = 16 * 1024 * 1024
MOST_GAPS_NAMED = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sweep is to be done; `watch` limits it to the studies of one list."""

    tuning: Tuning = field(default_factory=Tuning)
    flood_limit: int = FLOOD_LIMIT
    clock: Clock = field(default_factory=Clock)
    watch: WatchList | None = None
    progress: Callable[[Counts], None] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a sweep came to; `plain` is the object that `sweep --json` prints."""

    sweep: int
    source: str
    data_timestamp: str | None
    expected: int | None
    counts: Counts
    gaps: tuple[str, ...]
    seconds: float

    @property
    def is_complete(self) -> bool:
        """Whether everything that was expected was read."""
        return not self.gaps

    def plain(self) -> dict[str, Any]:
        """The report as an object of JSON."""
        counts = self.counts
        return {
            "sweep": self.sweep,
            "source": self.source,
            "data_timestamp": self.data_timestamp,
            "complete": self.is_complete,
            "expected": self.expected,
            "received": counts.received,
            "new": counts.new,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
            "missing": counts.missing,
            "rejected": counts.rejected,
            "changes": counts.changes,
            "alerts": counts.alerts,
            "seconds": round(self.seconds, 3),
            "older": counts.older,
            "gaps": list(self.gaps),
        }


def sweep(store: Store, source: Source, plan: Plan) -> Report:
    """Look at everything a source has; the report says how complete the look was.

    Each batch is kept in one transaction with its changes and the alerts they gave rise to. An
    error on the way ends the sweep as interrupted, with all that was kept until then.
    """
    take_over_abandoned(store, flood_limit=plan.flood_limit, clock=plan.clock)
    return _Sweep(store, source, plan).run()


class _Sweep:
    """One look under way."""

    def __init__(self, store: Store, source: Source, plan: Plan) -> None:
        self.store = store
        self.source = source
        self.plan = plan
        self.id = 0
        self.counts = Counts()
        self.gaps: list[str] = []
        self.released: date | None = None
        self.found: set[str] = set()
        self.by_registry: Counter[str] = Counter()
        self.started = time.monotonic()

    def run(self) -> Report:
        clock = self.plan.clock
        scope = f"watch list {self.plan.watch.name}" if self.plan.watch else self.source.name
        with self.store.writing() as tx:
            self.id = sweeps.begin(
                tx, scope, self.source.name, today=clock.today, owner=me(), now=clock.now()
            )
        try:
            for batch in _batches(self.source.pieces()):
                self._look(batch)
        except SourceUnreadable as problem:
            self.gaps.append(problem.why)
            self._finish("failed")
            raise
        except StoreError:
            # Another process took it over, or the store is gone: the next look ends this one.
            raise
        except BaseException:
            self.gaps.append("it was interrupted before everything was read")
            self._finish("interrupted")
            raise
        if self.gaps and self.counts.received == 0:
            self._finish("failed")
            why = self.gaps[0].removeprefix(f"{self.source.name}: ")
            raise SourceUnreadable(self.source.name, why)
        self._miss_none()
        return self._finish("partial" if self.gaps else "finished")

    def _look(self, batch: list[Piece | Reject]) -> None:
        pieces = [one for one in batch if isinstance(one, Piece)]
        rejects = [one for one in batch if isinstance(one, Reject)]
        shown = [self._glance(piece) for piece in pieces]
        glances = [digest for digest, _ in shown]
        with self.store.reading() as tx:
            known = studies.known(tx, glances)
        fresh, same = self._told_apart(pieces, glances, known, rejects)
        rounds = list(_rounds(fresh))
        at = self.plan.clock.at()
        with self.store.writing() as tx:
            judged = [one for records in rounds for one in self._judge(tx, records)]
            unchanged = [one for one in judged if one.outcome is Outcome.UNCHANGED and not one.kept]
            alike = [(one.nct_id, one.glance) for one in unchanged]
            held_as = {nct_id: digest for digest, nct_id in known.items()}
            seen = [*((nct_id, held_as[nct_id]) for nct_id in same), *alike]
            for released, nct_ids in _by_release(seen, shown).items():
                studies.seen_again(tx, nct_ids, released, at)
            studies.looked_the_same(tx, alike)
            sweeps.reject(tx, self.id, rejects, at)
            counts = self._counted(judged, same, rejects)
            sweeps.keep_alive(tx, self.id, counts, self.plan.clock.now())
        self.counts = counts
        self._note_what_was_odd(judged, rejects)
        if self.plan.progress:
            self.plan.progress(self.counts)

    def _glance(self, piece: Piece) -> tuple[bytes, date | None]:
        digest, released = glance(piece.payload)
        if released and (self.released is None or released > self.released):
            self.released = released
        return digest, released

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
            if digest not in known:
                self._read(piece, at, read_now, rejects)
        differing = {record.nct_id for record in read_now.values()}
        same = []
        for at, (piece, digest) in enumerate(zip(pieces, glances, strict=True)):
            nct_id = known.get(digest)
            if nct_id in differing:
                # The same study twice in a batch: their order decides, so read both.
                self._read(piece, at, read_now, rejects)
            elif nct_id is not None and self._is_in_scope(nct_id):
                same.append(nct_id)
        if self.plan.watch is not None:
            self.found.update(same, differing)
        return [(read_now[at], glances[at]) for at in sorted(read_now)], same

    def _read(
        self, piece: Piece, at: int, read_now: dict[int, Record], rejects: list[Reject]
    ) -> None:
        record = read(piece)
        if isinstance(record, Reject):
            rejects.append(record)
        elif self._is_in_scope(record.nct_id):
            read_now[at] = record

    def _is_in_scope(self, nct_id: str) -> bool:
        return self.plan.watch is None or self.plan.watch.holds(nct_id)

    def _judge(self, tx: Transaction, records: list[tuple[Record, bytes]]) -> list[Judged]:
        held = studies.held(tx, [record.nct_id for record, _ in records])
        judged = [
            judge(
                tx,
                record,
                digest,
                held=held.get(record.nct_id),
                today=self.plan.clock.today,
                tuning=self.plan.tuning,
            )
            for record, digest in records
        ]
        kept = [one.kept for one in judged if one.kept]
        keeping.keep(tx, self.id, kept, self.plan.clock.at())
        return judged

    def _counted(self, judged: list[Judged], same: list[str], rejects: list[Reject]) -> Counts:
        outcomes = Counter(str(one.outcome) for one in judged)
        whole = [one for one in rejects if not one.is_gap]
        return self.counts.plus(
            received=len(judged) + len(same) + len(whole),
            new=outcomes["new"],
            changed=outcomes["changed"],
            unchanged=outcomes["unchanged"] + outcomes["older"] + len(same),
            older=outcomes["older"],
            rejected=len(rejects),
            changes=sum(len(one.kept.changes) for one in judged if one.kept),
        )

    def _note_what_was_odd(self, judged: list[Judged], rejects: list[Reject]) -> None:
        for one in judged:
            changes = one.kept.changes if one.kept else ()
            self.by_registry.update(
                {
                    change.field
                    for change in changes
                    if change.made_by is MadeBy.REGISTRY and not change.is_noise
                }
            )
        self.gaps += [f"{one.source}: {one.reason}" for one in rejects if one.is_gap]

    def _miss_none(self) -> None:
        """Name the watched numbers that the source did not have; files prove no absence."""
        if self.plan.watch is not None and not self.plan.watch.is_all:
            absent = sorted(self.plan.watch.nct_ids - self.found)
            if absent:
                named = ", ".join(absent[:MOST_GAPS_NAMED])
                self.gaps.append(f"not in the source, though watched ({len(absent):,}): {named}")

    def _finish(self, state: str) -> Report:
        clock, plan = self.plan.clock, self.plan
        expected = self._expected()
        timestamp = self.released.isoformat() if self.released else None
        with self.store.writing() as tx:
            sweeps.keep_alive(tx, self.id, self.counts, clock.now())
            found = alerts_kept.pending(tx, self.id)
            if state != "interrupted":
                found += judge_sweep(self._tally(tx), plan.tuning)
            occasion = Occasion(f"sweep {self.id}", self.id, self.released)
            told = raise_found(tx, found, occasion, flood_limit=plan.flood_limit, clock=clock)
            alerts_kept.settle(tx, self.id)
            self.counts = self.counts.plus(alerts=len(told))
            sweeps.finish(
                tx,
                self.id,
                self.counts,
                state=state,
                expected=expected,
                data_timestamp=timestamp,
                gaps=self.gaps[:MOST_GAPS_NAMED],
                now=clock.now(),
            )
            report = Report(
                sweep=self.id,
                source=self.source.name,
                data_timestamp=timestamp,
                expected=expected,
                counts=self.counts,
                gaps=tuple(self.gaps[:MOST_GAPS_NAMED]),
                seconds=time.monotonic() - self.started,
            )
            detail = {**report.plain(), "state": state, "today": clock.today.isoformat()}
            journal.note(tx, "swept", detail, who="ctmonitor sweep", at=clock.now())
        return report

    def _tally(self, tx: Transaction) -> Tally:
        """The counts of this look and of those that were cut short before it, as of one look.

        What they kept is unchanged by now; without them a change of most records would seem one
        of a few.
        """
        cut_short = sweeps.cut_short(tx, self.id)
        by_registry = self.by_registry + sweeps.changed_by_registry(tx, cut_short, self.released)
        compared = self.counts.changed + self.counts.unchanged - self.counts.older
        # A study that a look before this one changed may have left the source since.
        return Tally(max(compared, *by_registry.values(), 0), by_registry, self.released)

    def _expected(self) -> int | None:
        if self.plan.watch is not None and not self.plan.watch.is_all:
            return len(self.plan.watch.nct_ids)
        return None if self.gaps else self.counts.received


def _batches(pieces: Iterable[Piece | Reject]) -> Iterator[list[Piece | Reject]]:
    """Some pieces at a time: never too many, never too large together."""
    pieces = iter(pieces)
    batch: list[Piece | Reject] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece.payload)
        if len(batch) >= PIECES_AT_ONCE or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


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
