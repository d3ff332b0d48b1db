"""A look at the registry through its API: choose the way, read, and know what was not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ctmonitor.errors import QuestionRefused, SourceUnreadable
from ctmonitor.formats import ROW_FIELDS, Handed, Milestone, Piece, Reject, Sighting, row_in
from ctmonitor.jobs.certificate import certificate
from ctmonitor.jobs.going_on import Start, start_of
from ctmonitor.jobs.parts import NAMES, Part, parts_of
from ctmonitor.jobs.planner import Choice, Situation, Way, choose, day_of_release, since
from ctmonitor.jobs.row_reading import unlike
from ctmonitor.jobs.scope import Scope
from ctmonitor.sources.by_number import ByNumber, Sizes, sizes_from
from ctmonitor.sources.ctgov import Registry
from ctmonitor.sources.listing import READINGS, Listing
from ctmonitor.sources.tale import Handful, Tale
from ctmonitor.store import Store, fates, looks, studies
from ctmonitor.store.looks import Before

NAME = "ctgov"
WHOLE_PAGE = 500
"""Whole records on one page of a listing; of rows, a page holds as many as the registry gives."""
ROW_PAGE = 1_000
ROUNDS = 3
"""How often a look begins anew because a release came out in it."""

Begun = tuple[ByNumber, Iterator[Handful]]


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
    whole_sizes: Sizes = field(default_factory=Sizes)
    choice: Choice | None = None
    before: Before = field(default_factory=Before)
    start: Start = field(default_factory=Start)
    parts: list[Part] = field(default_factory=list)
    """What is read, one after the other."""
    divided_for: str | None = None
    """The release that the parts are settled for."""
    gaps: list[str] = field(default_factory=list)
    read: dict[int, str | None] = field(default_factory=dict)
    """The parts that were read whole, by their place, with the release they were read in."""
    counted: dict[int, int | None] = field(default_factory=dict)
    """How many studies each part has, as the registry counts them, by its place."""
    answers: dict[str, frozenset[str]] = field(default_factory=dict)
    """The studies that answered each watch list's question, where the answer is whole."""
    handled: set[str] = field(default_factory=set)
    """The studies read, or seen as a row, in the latest release."""
    handled_in: str | None = None
    """The release that `handled` is of."""
    resumed: set[str] = field(default_factory=set)
    """The studies that the look which this one goes on from had seen."""
    waiting: dict[str, str | None] = field(default_factory=dict)
    """The studies whose row differs and whose record is still to be read, with its release."""
    fetched: int = 0
    proven: str | None = None
    """The release in which everything was read, once it was."""

    def pieces(self) -> Iterator[Handed]:
        """Everything that may differ from what we hold, and a sighting of everything else."""
        with self.store.reading() as tx:
            self.before = looks.before(tx, self.scope.name, self.name)
            self.start = start_of(tx, self.before.cut_off, self.scope.digest)
        self.tale.known = self.before.latest_release
        self.sizes, self.whole_sizes = sizes_from(self.before.numbers_a_request)
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
        return self.proven or self.tale.after

    def expected(self, received: int) -> int | None:
        """How many studies the look was to see, by the registry's count or the list of numbers."""
        if self.is_idle:
            return received
        counts = [self.counted.get(at) for at in range(len(self.parts))]
        if self.choice is None or not counts or None in counts:
            return None
        if self.scope.is_all and self.choice.way is not Way.INCREMENTAL:
            return counts[0]
        if not self.scope.questions and not self.scope.is_all:
            with self.store.reading() as tx:
                merged = fates.led_to(tx, self.scope.nct_ids).keys()
            return len(set(self.scope.nct_ids) - merged)
        # Parts share studies: what was expected of their union is what they named.
        return None if self.gaps else received

    def told(self) -> dict[str, Any]:
        """What the certificate of the look says."""
        return certificate(self)

    def numbered(self, nct_ids: Sequence[str]) -> Iterator[Handed]:
        """The whole records of these studies, as far as the registry has them now.

        They are read when the look has proven itself, and say nothing about its release.
        """
        reading = ByNumber(self.registry, self.tale, self.whole_sizes)
        for handful in reading.handfuls(nct_ids):
            for number, payload in handful.studies:
                self.handled.update([number] if number else [])
                yield Piece(self.name, number or "a study", payload)
        if reading.gap:
            yield from self._gap(reading.gap)
        yield Milestone(0, None, self._place(len(self.read), {}))

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
        is_status = choose(situation).way is Way.STATUS
        asked = self._not_seen(self.scope.nct_ids) if is_status else []
        if asked:
            # A row's answer tells the release as well as a question of its own.
            reading = ByNumber(self.registry, self.tale, self.sizes, ROW_FIELDS)
            begun = reading.handfuls(asked)
            opening = next(begun, None)
            if opening is not None and opening.release is not None:
                release, first = opening.release, (reading, _after(opening, begun))
        if release is None:
            release = self.tale.named(self.registry.version())
            self.tale.is_older(release)
        self.choice = choose(replace(situation, release=release))
        if not self.start.fits(release, str(self.choice.way)):
            self.start = Start()
            first = first if len(asked) == len(self.scope.nct_ids) else None
        return first if self.choice.way is Way.STATUS else None

    def _not_seen(self, nct_ids: Sequence[str]) -> list[str]:
        """The numbers that a look for rows begins with, should it go on from another."""
        is_for_rows = self.start.place.get("way") == str(Way.STATUS)
        return self.start.unseen(nct_ids) if is_for_rows else list(nct_ids)

    def _go_on(self) -> None:
        """Take up a look that was cut off, when the registry still shows its release."""
        self.handled_in = self.release
        self.resumed, self.handled = set(self.start.seen), set(self.start.seen)
        if self.start.is_exact:
            self.counted = self.start.counted()
            self.read = dict.fromkeys(self.counted, self.release)

    def _everything(self, first: Begun | None) -> Iterator[Handed]:
        for _ in range(ROUNDS):
            self._divide()
            for at, part in enumerate(self.parts):
                if at not in self.read or self.read[at] != self.tale.after:
                    yield from self._part(at, part, first)
                first = None
            yield from self._confirm()
            if self.gaps:
                return
            self._divide()
            if all(self.read.get(at) == self.tale.after for at in range(len(self.parts))):
                self.proven = self.tale.after
                return
        yield from self._gap("the registry brought out a new release again and again")

    def _confirm(self) -> Iterator[Handed]:
        """Ask which release is on show, where not every answer said which it was of."""
        if not self.tale.unsigned:
            return
        for _ in range(READINGS):
            if not self.tale.is_older(self.tale.named(self.registry.version())):
                self._forget_older(self.tale.after)
                return
        yield from self._gap("its servers show different releases, and its pages do not say which")

    def _divide(self) -> None:
        """Settle the parts for the release on show: with another one, other studies are due."""
        if self.choice is None or self.divided_for == self.tale.after:
            return
        way, last = self.choice.way, self.before.last
        is_since = self.scope.is_all and way is Way.INCREMENTAL and last is not None
        start = since(last) if is_since and last else None
        parts = parts_of(self.scope, way, since=start, due=self._due() if is_since else ())
        for at, (was, now) in enumerate(zip(self.parts, parts, strict=False)):
            if was != now:
                self.read.pop(at, None)
        self.parts, self.divided_for = parts, self.tale.after

    def _due(self) -> list[str]:
        """The studies that the registry may have turned to UNKNOWN since the last listing."""
        assert self.release is not None
        with self.store.reading() as tx:
            due = studies.due(tx, "unknown_due_on", day_of_release(self.release), None)
            return [facts.nct_id for facts in due if facts.overall_status != "UNKNOWN"]

    def _part(self, at: int, part: Part, first: Begun | None) -> Iterator[Handed]:
        if part.asked is None:
            reading, begun = first or self._begun(part)
            yield from self._by_number(at, part, reading, begun)
        else:
            try:
                yield from self._listed(at, part, part.asked)
            except QuestionRefused as problem:
                if part.watch_list and len(self.parts) == 1:
                    raise
                yield from self._gap(f"{part.name}: {problem}")
        if not self.gaps:
            yield Milestone(0, None, self._place(at + 1, {}))

    def _begun(self, part: Part) -> Begun:
        sizes = self.sizes if part.fields else self.whole_sizes
        reading = ByNumber(self.registry, self.tale, sizes, part.fields)
        return reading, reading.handfuls([one for one in part.nct_ids if one not in self.resumed])

    def _by_number(
        self, at: int, part: Part, reading: ByNumber, begun: Iterator[Handful]
    ) -> Iterator[Handed]:
        for handful in begun:
            yield from self._hand(handful, part, at)
        yield from self._fetch(at_least=1)
        self.counted[at] = len(part.nct_ids)
        if reading.gap:
            yield from self._gap(reading.gap)
        else:
            self.read[at] = reading.release or self.tale.after

    def _listed(self, at: int, part: Part, asked: Mapping[str, str]) -> Iterator[Handed]:
        size = ROW_PAGE if part.fields else WHOLE_PAGE
        reading = Listing(self.registry, asked, self.tale, part.fields, size)
        place = None if self.read else self.start.place_in(at)
        for handful in reading.handfuls(place, self.resumed if place else ()):
            yield from self._hand(handful, part, at)
        yield from self._fetch(at_least=1)
        self.counted[at] = reading.total
        if reading.gap:
            yield from self._gap(f"{part.name}: {reading.gap}")
            return
        if part.watch_list:
            self.answers[part.watch_list] = reading.answer
        self.read[at] = reading.release or self.tale.after

    def _hand(self, handful: Handful, part: Part, at: int) -> Iterator[Handed]:
        """A page's studies as pieces, sightings, or nothing, where only the names were asked."""
        if part.fields and part.fields != NAMES:
            yield from self._rows(handful)
            yield from self._fetch(at_least=self.whole_sizes.now)
        elif not part.fields:
            yield from self._pieces(handful)
        # How many pages a part after this one has is not known yet.
        expected = handful.expected if len(self.parts) == 1 else None
        yield Milestone(handful.done, expected, self._place(at, handful.place))

    def _place(self, at: int, place: Mapping[str, Any]) -> dict[str, Any] | None:
        """Where a look that is cut off here goes on; None while rows wait for their records."""
        if self.waiting or self.release is None or self.choice is None:
            return None
        lists = [at for at, part in enumerate(self.parts) if part.watch_list]
        return {
            "part": at,
            "token": None,
            "way": str(self.choice.way),
            "scope_digest": self.scope.digest,
            "release": self.release,
            "began_in": self.tale.before,
            "sweeps": list(self.start.sweep_ids),
            "seen": len(self.handled),
            # What answers a question is not kept: it is asked again.
            "read": {str(at): self.counted[at] for at in self.read if at not in lists},
            **place,
        }

    def _forget_older(self, release: str | None) -> None:
        """What was read in an older release is read again in the latest."""
        if release is None or release == self.handled_in:
            return
        if self.handled_in is not None:
            self.handled, self.resumed, self.start = set(), set(), Start()
        self.handled_in = release

    def _pieces(self, handful: Handful) -> Iterator[Piece]:
        self._forget_older(handful.release)
        for number, payload in handful.studies:
            if number is not None and number in self.handled:
                continue
            if number is not None:
                self.handled.add(number)
            yield Piece(self.name, number or "a study", payload)

    def _rows(self, handful: Handful) -> Iterator[Handed]:
        """Sightings of the studies whose row says what we hold; the others wait to be read."""
        self._forget_older(handful.release)
        rows = [
            row_in(number, payload)
            for number, payload in handful.studies
            if number is not None and number not in self.handled
        ]
        released = day_of_release(handful.release) if handful.release else None
        differing = unlike(self.store, rows)
        for row in rows:
            if row.nct_id in differing:
                self.waiting[row.nct_id] = handful.release
            else:
                self.handled.add(row.nct_id)
                yield Sighting(row.nct_id, released)
        for number, payload in handful.studies:
            if number is None:
                yield Reject(self.name, "a row", "there is no study number", payload)

    def _fetch(self, *, at_least: int) -> Iterator[Handed]:
        """Read the whole records of the studies that wait, when they are enough."""
        if len(self.waiting) < at_least:
            return
        listed, self.waiting = self.waiting, {}
        reading = ByNumber(self.registry, self.tale, self.whole_sizes)
        got: set[str] = set()
        for handful in reading.handfuls(list(listed)):
            got.update(number for number, _ in handful.studies if number)
            self.fetched += len(handful.studies)
            yield from self._pieces(handful)
        lost = sorted(listed.keys() - got)
        is_of_now = all(release in (None, self.tale.after) for release in listed.values())
        if reading.gap:
            yield from self._gap(reading.gap)
        elif lost and is_of_now:
            named = ", ".join(lost[:20])
            yield from self._gap(f"listed, but not given by number ({len(lost):,}): {named}")

    def _gap(self, why: str) -> Iterator[Reject]:
        self.gaps.append(why)
        yield Reject(self.name, "the look", why, is_gap=True)


def _after(opening: Handful, rest: Iterator[Handful]) -> Iterator[Handful]:
    yield opening
    yield from rest
