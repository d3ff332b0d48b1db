"""A look at the registry through its API: choose the way, read, and know what was not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import ROW_FIELDS, Handed, Milestone, Piece, Reject, Row, Sighting, row_in
from ctmonitor.jobs.planner import Choice, Situation, Way, choose, day_of_release, since
from ctmonitor.jobs.scope import Scope
from ctmonitor.sources.ctgov import Registry
from ctmonitor.sources.listing import CAREFUL_NUMBERS, ByNumber, Handful, Listing, Sizes, Tale
from ctmonitor.store import Store, looks, studies
from ctmonitor.store.contents import content_at
from ctmonitor.store.looks import Before

NAME = "ctgov"
WHOLE_PAGE = 500
"""Whole records on one page of a listing; of rows, a page holds as many as the registry gives."""
ROW_PAGE = 1_000
ROUNDS = 3

Begun = tuple[ByNumber, Iterator[Handful]]


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to read: a question's answer, or studies by number; whole, as rows, or as names."""

    name: str
    asked: Mapping[str, str] | None = None
    nct_ids: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    watch_list: str | None = None


@dataclass(slots=True)
class RegistryLook:
    """The registry as a source, for one look over one scope; read once.

    What it has come to stands in its fields when everything was handed over.
    """

    registry: Registry
    store: Store
    scope: Scope
    today: date
    way: Way | None = None
    """The way that the operator asked for."""
    name: str = NAME
    tale: Tale = field(default_factory=Tale)
    sizes: Sizes = field(default_factory=Sizes)
    choice: Choice | None = None
    before: Before = field(default_factory=Before)
    gaps: list[str] = field(default_factory=list)
    read: dict[int, str | None] = field(default_factory=dict)
    """The parts that were read whole, by their place, with the release they were read in."""
    answers: dict[str, frozenset[str]] = field(default_factory=dict)
    """The studies that answered each watch list's question, where the answer is whole."""
    handled: set[str] = field(default_factory=set)
    """The studies read, or seen as a row, in the latest release."""
    resumed: set[str] = field(default_factory=set)
    """The studies that the look which this one goes on from had seen."""
    handled_in: str | None = None
    """The release that `handled` is of."""
    waiting: list[tuple[Row, str | None]] = field(default_factory=list)
    counted: dict[int, int | None] = field(default_factory=dict)
    """How many studies each part has, as the registry counts them, by its place."""
    fetched: int = 0

    def pieces(self) -> Iterator[Handed]:
        """Everything that may differ from what we hold, and a sighting of everything else."""
        with self.store.reading() as tx:
            self.before = looks.before(tx, self.scope.name, self.name)
        known = self.before.numbers_a_request
        self.sizes = Sizes(known.get("taken", CAREFUL_NUMBERS), known.get("refused"))
        first = self._choose()
        if self.is_idle:
            return
        self._go_on()
        handed = False
        try:
            for one in self._everything(first):
                handed = True
                yield one
        except SourceUnreadable as problem:
            if not handed:
                raise
            yield from self._gap(problem.why)

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to read: no new release, or an older one."""
        return self.choice is not None and self.choice.way in (Way.NOTHING_NEW, Way.STALE)

    @property
    def is_listing(self) -> bool:
        """Whether every study of the scope that is there was seen."""
        is_whole = self.choice is not None and self.choice.way in (Way.FULL, Way.STATUS)
        return is_whole and not self.gaps

    @property
    def release(self) -> str | None:
        """The release that was read, or the one on show."""
        return self.tale.after

    def expected(self, received: int) -> int | None:
        """How many studies the look was to bring, of those that a cut-off one had not brought."""
        if self.is_idle:
            return received
        if self.choice is None:
            return None
        counts = list(self.counted.values())
        if len(self._parts()) != len(counts) or None in counts:
            return None
        if self.scope.is_all and self.choice.way is not Way.INCREMENTAL:
            return (counts[0] or 0) - len(self.resumed)
        if not self.scope.questions and not self.scope.is_all:
            return len(self.scope.nct_ids) - len(self.resumed.intersection(self.scope.nct_ids))
        # Parts share studies: what was expected of their union is what they named.
        return None if self.gaps else received

    def told(self) -> dict[str, Any]:
        """What the certificate of the look says."""
        choice, client = self.choice, self.registry.client
        parts = self._parts() if choice is not None and not self.is_idle else []
        return {
            "way": str(choice.way) if choice else None,
            "why": choice.why if choice else None,
            "scope": self.scope.name,
            "scope_digest": self.scope.digest,
            "release_before": self.tale.before,
            "release_after": self.tale.after,
            "requests": client.requests,
            "retries": client.retries,
            "bytes": client.bytes_received,
            "pages": self.tale.pages,
            "pages_of_older_releases": self.tale.older,
            "readings_repeated": self.tale.rereads,
            "studies_repeated": self.tale.duplicates,
            "whole_records": self.fetched,
            "parts": [
                {"part": part.name, "counted": self.counted.get(at), "release": self.read.get(at)}
                for at, part in enumerate(parts)
            ],
            "seen_before": len(self.resumed),
            "goes_on_from": list(self.before.cut_off.sweep_ids)
            if self.resumed and self.before.cut_off
            else [],
            "numbers_a_request": {"taken": self.sizes.now, "refused": self.sizes.refused},
        }

    def numbered(self, nct_ids: Sequence[str]) -> Iterator[Handed]:
        """The whole records of these studies, as far as the registry has them."""
        part = ByNumber(self.registry, self.tale, self.sizes)
        for handful in part.handfuls(nct_ids):
            yield from self._pieces(handful, {})
        if part.gap:
            yield from self._gap(part.gap)

    def _choose(self) -> Begun | None:
        """Settle the way; gives the reading under way when its first answer told the release."""
        situation = Situation(
            is_all=self.scope.is_all,
            count=self.scope.count,
            scope_digest=self.scope.digest,
            release=None,
            last=self.before.last,
            last_full=self.before.last_full,
            last_listing=self.before.last_listing,
            latest_release=self.before.latest_release,
            asked=self.way,
            today=self.today,
        )
        first: Begun | None = None
        release: str | None = None
        if choose(situation).way is Way.STATUS and self.scope.nct_ids:
            # A row's answer tells the release as well as a question of its own.
            reading = ByNumber(self.registry, self.tale, self.sizes, ROW_FIELDS)
            begun = reading.handfuls(self.scope.nct_ids)
            opening = next(begun, None)
            if opening is not None and opening.release is not None:
                release, first = opening.release, (reading, _after(opening, begun))
        if release is None:
            release = self.registry.version()
            self.tale.is_older(release)
        self.choice = choose(replace(situation, release=release))
        return first if self.choice.way is Way.STATUS else None

    def _go_on(self) -> None:
        """Take up a look that was cut off, when the registry still shows its release."""
        cut_off, choice = self.before.cut_off, self.choice
        if cut_off is None or choice is None:
            return
        place = cut_off.place
        if place.get("release") != self.release or place.get("way") != str(choice.way):
            return
        if place.get("scope_digest") != self.scope.digest:
            return
        with self.store.reading() as tx:
            self.resumed = looks.seen_in(tx, cut_off.sweep_ids)
        self.handled, self.handled_in = set(self.resumed), self.release

    def _everything(self, first: Begun | None) -> Iterator[Handed]:
        parts = self._parts()
        for _ in range(ROUNDS):
            for at, part in enumerate(parts):
                if at not in self.read or self.read[at] != self.release:
                    yield from self._part(at, part, first if at == 0 else None)
                    first = None
            if self.gaps or all(read == self.release for read in self.read.values()):
                return
        yield from self._gap("the registry brought out a new release again and again")

    def _parts(self) -> list[Part]:
        scope, choice = self.scope, self.choice
        assert choice is not None
        fields = ROW_FIELDS if choice.way is Way.STATUS else ()
        parts: list[Part] = []
        if scope.is_all and choice.way is Way.INCREMENTAL:
            assert self.before.last is not None
            posted = f"AREA[LastUpdatePostDate]RANGE[{since(self.before.last)},MAX]"
            parts.append(Part("what was posted since", asked={"filter.advanced": posted}))
            parts.append(Part("what was due to flip", nct_ids=self._due()))
        elif scope.is_all:
            parts.append(Part("all studies", asked={}, fields=fields))
        if scope.nct_ids:
            parts.append(Part("the numbers", nct_ids=scope.nct_ids, fields=fields))
        for name, question in scope.questions:
            parts.append(
                Part(
                    f"watch list {name}",
                    asked=dict(question.asked),
                    fields=("NCTId",) if scope.is_all else fields,
                    watch_list=name,
                )
            )
        return parts

    def _due(self) -> tuple[str, ...]:
        """The studies that the registry may have turned to UNKNOWN since the last listing."""
        assert self.release is not None
        with self.store.reading() as tx:
            due = studies.due(tx, "unknown_due_on", day_of_release(self.release), None)
            return tuple(facts.nct_id for facts in due if facts.overall_status != "UNKNOWN")

    def _part(self, at: int, part: Part, first: Begun | None) -> Iterator[Handed]:
        if part.asked is None:
            yield from self._by_number(at, part, first)
        else:
            yield from self._listed(at, part)

    def _by_number(self, at: int, part: Part, first: Begun | None) -> Iterator[Handed]:
        reading = ByNumber(self.registry, self.tale, self.sizes, part.fields)
        wanted = [number for number in part.nct_ids if number not in self.resumed]
        begun = reading.handfuls(wanted)
        if first is not None:
            reading, begun = first
        for handful in begun:
            yield from self._hand(handful, part, at, place={})
        yield from self._fetch(at_least=1)
        if reading.gap:
            yield from self._gap(reading.gap)
        self.counted[at] = len(part.nct_ids)
        self.read[at] = self.release

    def _listed(self, at: int, part: Part) -> Iterator[Handed]:
        assert part.asked is not None
        size = ROW_PAGE if part.fields else WHOLE_PAGE
        reading = Listing(self.registry, part.asked, self.tale, part.fields, size)
        place = self._place_in(at)
        for handful in reading.handfuls(place, self.resumed if place else ()):
            yield from self._hand(handful, part, at, place=handful.place)
        yield from self._fetch(at_least=1)
        self.counted[at] = reading.total
        if reading.gap:
            yield from self._gap(f"{part.name}: {reading.gap}")
        elif part.watch_list:
            self.answers[part.watch_list] = frozenset(reading.seen)
        self.read[at] = reading.release or self.release

    def _place_in(self, at: int) -> Mapping[str, Any] | None:
        """Where to go on in a part, when the look before was cut off within it."""
        if not self.resumed or self.before.cut_off is None or self.read:
            return None
        place = self.before.cut_off.place
        is_here = place.get("part") == at and place.get("token") is not None
        return place if is_here else None

    def _hand(
        self, handful: Handful, part: Part, at: int, *, place: Mapping[str, Any]
    ) -> Iterator[Handed]:
        """A page's studies as pieces, sightings, or nothing, where only the names were asked."""
        if part.fields == ("NCTId",):
            pass
        elif part.fields:
            yield from self._rows(handful)
            yield from self._fetch(at_least=self.sizes.now)
        else:
            yield from self._pieces(handful, {})
        yield Milestone(handful.done, handful.expected, self._place(at, place))

    def _place(self, at: int, place: Mapping[str, Any]) -> dict[str, Any] | None:
        """Where a look that is cut off here goes on; None while rows wait for their records."""
        if self.waiting or self.release is None or self.choice is None:
            return None
        earlier = self.before.cut_off.sweep_ids if self.resumed and self.before.cut_off else ()
        return {
            "part": at,
            "way": str(self.choice.way),
            "scope_digest": self.scope.digest,
            "sweeps": list(earlier),
            **{"release": self.release, "token": None, **place},
        }

    def _forget_older(self, release: str | None) -> None:
        """What was read in an older release is read again in the latest."""
        if release is None or release == self.handled_in:
            return
        if self.handled_in is not None:
            self.handled.clear()
            self.resumed = set()
        self.handled_in = release

    def _pieces(
        self, handful: Handful, rows: Mapping[str, tuple[Row, str | None]]
    ) -> Iterator[Piece | Reject]:
        self._forget_older(handful.release)
        for number, payload in handful.studies:
            if number is not None and number in self.handled and number not in rows:
                continue
            if number is not None:
                self.handled.add(number)
            row, release = rows.get(number or "", (None, None))
            # A row proves what the record holds only if both are of one release.
            digest = row.digest if row and release and release == handful.release else None
            yield Piece(self.name, number or "a study", payload, number, digest)

    def _rows(self, handful: Handful) -> Iterator[Handed]:
        """Sightings of the studies whose row says what we hold; the others wait to be read."""
        self._forget_older(handful.release)
        rows = [
            row_in(number, payload)
            for number, payload in handful.studies
            if number is not None and number not in self.handled
        ]
        released = day_of_release(handful.release) if handful.release else None
        for row, is_same, is_new in self._compared(rows):
            if is_same:
                self.handled.add(row.nct_id)
                yield Sighting(row.nct_id, released, row.digest if is_new else None)
            else:
                self.waiting.append((row, handful.release))
        for number, payload in handful.studies:
            if number is None:
                yield Reject(self.name, "a row", "there is no study number", payload)

    def _compared(self, rows: Sequence[Row]) -> list[tuple[Row, bool, bool]]:
        """Each row, whether it says what we hold, and whether its digest is new to us."""
        with self.store.reading() as tx:
            digests = studies.row_digests(tx, [row.nct_id for row in rows])
            unlike = [row for row in rows if digests.get(row.nct_id) != row.digest]
            held = studies.held(tx, [row.nct_id for row in unlike if row.nct_id in digests])
            saying_same = {
                row.nct_id
                for row in unlike
                if (of := held.get(row.nct_id)) is not None
                and of.coverage is None
                and row.says(content_at(tx, row.nct_id, of.number))
            }
        differing = {row.nct_id for row in unlike} - saying_same
        return [(row, row.nct_id not in differing, row.nct_id in saying_same) for row in rows]

    def _fetch(self, *, at_least: int) -> Iterator[Handed]:
        """Read the whole records of the studies that wait, when they are enough."""
        if len(self.waiting) < at_least:
            return
        rows = {row.nct_id: (row, release) for row, release in self.waiting}
        self.waiting = []
        reading = ByNumber(self.registry, self.tale, self.sizes)
        got: set[str] = set()
        for handful in reading.handfuls(list(rows)):
            got.update(number for number, _ in handful.studies if number)
            self.fetched += len(handful.studies)
            yield from self._pieces(handful, rows)
        lost = sorted(set(rows) - got)
        if lost and all(release == self.release for _, release in rows.values()):
            named = ", ".join(lost[:20])
            yield from self._gap(f"listed, but not given by number ({len(lost):,}): {named}")

    def _gap(self, why: str) -> Iterator[Reject]:
        self.gaps.append(why)
        yield Reject(self.name, "the look", why, is_gap=True)


def _after(opening: Handful, rest: Iterator[Handful]) -> Iterator[Handful]:
    yield opening
    yield from rest
