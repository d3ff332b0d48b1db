"""Take the registry's own versions of studies into their history; the past raises no alert."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import Piece, Reject, Source
from ctmonitor.formats.history import Told, Version, read_history
from ctmonitor.jobs.clock import Clock
from ctmonitor.store import Store, journal, versions
from ctmonitor.store.timeline import numbers_of

VERSIONS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Backfill:
    """What a back-fill came to; `plain` is the object that `backfill --json` prints.

    `versions` were read and belong to the studies asked for, `added` rows were new of them, and
    `contents` of those bear a content; `left_out` belong to other studies.
    """

    source: str
    studies: int
    versions: int
    added: int
    contents: int
    qc_failed: int
    left_out: int
    rejects: tuple[Reject, ...]
    remarks: tuple[str, ...]
    seconds: float

    @property
    def is_complete(self) -> bool:
        """Whether everything that was given could be read."""
        return not self.rejects

    def plain(self) -> dict[str, Any]:
        """The report as an object of JSON."""
        return {
            "source": self.source,
            "complete": self.is_complete,
            "studies": self.studies,
            "versions": self.versions,
            "added": self.added,
            "contents": self.contents,
            "qc_failed": self.qc_failed,
            "left_out": self.left_out,
            "rejected": len(self.rejects),
            "rejects": [
                {
                    "source": one.source,
                    "place": one.place,
                    "nct_id": one.nct_id,
                    "reason": one.reason,
                }
                for one in self.rejects
            ],
            "remarks": list(self.remarks),
            "alerts": 0,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be back-filled; without `nct_ids`, every study that the source has."""

    who: str
    nct_ids: Collection[str] = ()
    clock: Clock = field(default_factory=Clock)
    progress: Callable[[int], None] | None = None


def backfill(store: Store, source: Source, order: Order) -> Backfill:
    """Add what a source tells of studies' versions; SourceUnreadable when that is nothing.

    Each batch is kept in one transaction with its row of the journal. Neither a change nor an
    alert is made: versions are history, and nobody is told of the past.
    """
    return _Backfill(store, source, order).run()


def is_held(store: Store, nct_ids: Collection[str]) -> Callable[[str, int], bool]:
    """Whether the content of a version of these studies is held already, as a question."""
    with store.reading() as tx:
        known = versions.known_versions(tx, _every_number(store, nct_ids))
    held = {(one.nct_id, one.version) for one in known if one.content_id is not None}
    return lambda nct_id, version: (nct_id, version) in held


class _Backfill:
    """One back-fill under way."""

    def __init__(self, store: Store, source: Source, order: Order) -> None:
        self.store = store
        self.source = source
        self.order = order
        self.wanted = _every_number(store, order.nct_ids)
        self.of_one = next(iter(order.nct_ids)) if len(order.nct_ids) == 1 else None
        self.seen: dict[tuple[str, int], bool] = {}
        self.added = versions.Added()
        self.left_out = 0
        self.rejects: list[Reject] = []
        self.remarks: list[str] = []
        self.started = time.monotonic()

    def run(self) -> Backfill:
        batch: list[tuple[Version, str]] = []
        for told, name in self._told():
            self.rejects += told.rejects
            self.remarks += told.remarks
            batch += [(one, name) for one in told.versions if self._is_wanted(one)]
            if len(batch) >= VERSIONS_AT_ONCE:
                self._keep(batch)
                batch = []
        self._keep(batch)
        if not self.seen:
            raise self._nothing()
        return Backfill(
            source=self.source.name,
            studies=len({nct_id for nct_id, _ in self.seen}),
            versions=len(self.seen),
            added=self.added.rows,
            contents=self.added.contents,
            qc_failed=sum(self.seen.values()),
            left_out=self.left_out,
            rejects=tuple(self.rejects),
            remarks=tuple(self.remarks),
            seconds=time.monotonic() - self.started,
        )

    def _told(self) -> Iterator[tuple[Told, str]]:
        try:
            for piece in self.source.pieces():
                if isinstance(piece, Reject):
                    yield Told(rejects=(piece,)), piece.source
                elif isinstance(piece, Piece):
                    yield read_history(piece, self.of_one), piece.source
                if self.order.progress:
                    self.order.progress(len(self.seen))
        except SourceUnreadable as problem:
            if not self.seen:
                raise
            gap = Reject(problem.source, "what follows", problem.why, is_gap=True)
            yield Told(rejects=(gap,)), problem.source

    def _is_wanted(self, version: Version) -> bool:
        if self.wanted and version.nct_id not in self.wanted:
            self.left_out += 1
            return False
        place = (version.nct_id, version.version)
        self.seen[place] = self.seen.get(place, False) or version.is_qc_failed
        return True

    def _keep(self, batch: list[tuple[Version, str]]) -> None:
        if not batch:
            return
        now = self.order.clock.now()
        with self.store.writing() as tx:
            added = versions.keep(tx, batch, now)
            if added.rows:
                detail = {
                    "source": self.source.name,
                    "studies": sorted({version.nct_id for version, _ in batch}),
                    "versions": added.rows,
                    "contents": added.contents,
                }
                journal.note(tx, "back-filled versions", detail, who=self.order.who, at=now)
        self.added = versions.Added(
            self.added.rows + added.rows, self.added.contents + added.contents
        )

    def _nothing(self) -> SourceUnreadable:
        mend = "nothing was back-filled"
        if self.rejects:
            first = self.rejects[0]
            more = f" (and {len(self.rejects) - 1} more)" if len(self.rejects) > 1 else ""
            about = f"{first.nct_id}: " if first.nct_id else ""
            why = f"{first.place}: {about}{first.reason}{more}"
            return SourceUnreadable(first.source, why, mend)
        asked = ", ".join(sorted(self.order.nct_ids)) or "any study"
        return SourceUnreadable(self.source.name, f"it holds no version of {asked}", mend)


def _every_number(store: Store, nct_ids: Collection[str]) -> frozenset[str]:
    """These studies by every number they have or had."""
    with store.reading() as tx:
        return frozenset(one for nct_id in nct_ids for one in numbers_of(tx, nct_id).every)
