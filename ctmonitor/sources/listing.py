"""Read whole listings of the registry, page by page, so that each proves itself or says its gap.

A page is true whenever it comes; a listing is whole only when all its pages are of one release
and hold as many different studies as the first page counted. What does not add up is read again.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ctmonitor.formats import number_in
from ctmonitor.sources.ctgov import Page, Registry, TokenExpired, TooMany

READINGS = 3
"""How often one listing is read before its gap is named."""
BARREN_PAGES = 20
"""Pages in a row without a study that is new; a listing that goes on like this never ends."""
CAREFUL_NUMBERS = 150
MOST_NUMBERS = 630
"""Study numbers in one address: what every server takes, and what fits 8,000 characters."""


@dataclass(frozen=True, slots=True)
class Handful:
    """Studies that came with one page and were not handed over before in its release.

    `done` of `expected` requests of this listing are answered; `place` is where to go on.
    """

    studies: tuple[tuple[str | None, bytes], ...]
    release: str | None
    done: int
    expected: int | None
    place: dict[str, Any]


@dataclass(slots=True)
class Tale:
    """What asking has come to over one look: for its certificate."""

    before: str | None = None
    """The release that the first answer was of."""
    after: str | None = None
    """The latest release that any answer was of."""
    pages: int = 0
    rereads: int = 0
    duplicates: int = 0
    older: int = 0

    def is_older(self, release: str | None) -> bool:
        """Take note of an answer's release; whether it is older than one seen before."""
        if release is None:
            return False
        if self.after is not None and release < self.after:
            self.older += 1
            return True
        self.before = self.before or release
        self.after = release
        return False


@dataclass(slots=True)
class Sizes:
    """How many numbers one address may hold: found out by asking, remembered between looks."""

    now: int = CAREFUL_NUMBERS
    refused: int | None = None

    def took(self, count: int) -> None:
        """The registry answered so many; unless it refused more before, ask for twice as many."""
        if self.refused is None and count >= self.now:
            self.now = min(2 * self.now, MOST_NUMBERS)

    def refuse(self, count: int) -> None:
        """The registry refused so many in one address: halve."""
        self.refused = min(count, self.refused or count)
        self.now = max(1, count // 2)


@dataclass(slots=True)
class Listing:
    """One question to the registry, answered page by page; `gap` says why it is not whole."""

    registry: Registry
    asked: Mapping[str, str]
    tale: Tale
    fields: Sequence[str] = ()
    size: int = 1000
    seen: set[str] = field(default_factory=set)
    """The studies of the release that is read."""
    total: int | None = None
    release: str | None = None
    gap: str | None = None
    done: int = 0

    def handfuls(
        self, place: Mapping[str, Any] | None = None, seen: Collection[str] = ()
    ) -> Iterator[Handful]:
        """Every page's studies in turn; from a place on, of which `seen` were read before."""
        token = None
        if place is not None:
            token, self.release, self.total = place["token"], place["release"], place["total"]
            self.done = place["done"]
            self.seen = set(seen)
        for _ in range(READINGS):
            self.gap = yield from self._reading(token)
            if self.gap is None:
                return
            token = None
            self.tale.rereads += 1
        self.tale.rereads -= 1

    def _reading(self, token: str | None) -> Generator[Handful, None, str | None]:
        """Read the listing once; gives why it is not whole, or None."""
        barren = 0
        is_first_time = not self.seen
        self.done = self.done if token else 0
        while True:
            page = self._page(token)
            if isinstance(page, str):
                return page
            is_torn = self._moved_on(page, is_first=token is None)
            new, again = self._told_apart(page)
            if is_first_time:
                self.tale.duplicates += again
            barren = 0 if new else barren + 1
            yield self._handful(page, new)
            if is_torn:
                return f"the registry brought out the release of {page.release} in between"
            if page.token is None:
                return self._lacking()
            if barren >= BARREN_PAGES:
                return f"{barren} pages in a row brought no study that is new"
            token = page.token

    def _page(self, token: str | None) -> Page | str:
        """The next page, never of an older release; or why there is none."""
        for _ in range(READINGS):
            try:
                page = self.registry.page(
                    self.asked, fields=self.fields, token=token, size=self.size
                )
            except TokenExpired:
                return "the registry no longer knew the place where to go on"
            self.tale.pages += 1
            if not self.tale.is_older(page.release):
                return page
        return f"a server behind the registry still shows the release of {page.release}"

    def _moved_on(self, page: Page, *, is_first: bool) -> bool:
        """Whether a page in the middle is of another release than those before it."""
        is_another = page.release is not None and page.release != self.release
        if is_another:
            is_torn = self.release is not None and not is_first
            self.release, self.seen, self.total = page.release, set(), None
        if is_first:
            self.total = page.total
        return is_another and is_torn

    def _told_apart(self, page: Page) -> tuple[list[tuple[str | None, bytes]], int]:
        new: list[tuple[str | None, bytes]] = []
        again = 0
        for payload in page.studies:
            number = number_in(payload)
            if number is None:
                new.append((None, payload))
            elif number in self.seen:
                again += 1
            else:
                self.seen.add(number)
                new.append((number, payload))
        return new, again

    def _handful(self, page: Page, new: list[tuple[str | None, bytes]]) -> Handful:
        self.done += 1
        expected = None if self.total is None else max(-(-self.total // self.size), self.done)
        place = {
            "token": page.token,
            "release": self.release,
            "total": self.total,
            "done": self.done,
        }
        return Handful(tuple(new), page.release, self.done, expected, place)

    def _lacking(self) -> str | None:
        if self.total is None:
            return "the registry did not say how many studies there are"
        if len(self.seen) != self.total:
            return f"the registry counts {self.total:,} studies, and {len(self.seen):,} came"
        return None


@dataclass(slots=True)
class ByNumber:
    """Studies asked for by number, some in each request; all of one release at the end."""

    registry: Registry
    tale: Tale
    sizes: Sizes
    fields: Sequence[str] = ()
    gap: str | None = None
    done: int = 0

    def handfuls(self, nct_ids: Sequence[str]) -> Iterator[Handful]:
        """Every answer's studies in turn; what was answered before a new release comes again."""
        waiting = list(nct_ids)
        for _ in range(READINGS):
            answered: list[tuple[str | None, Sequence[str]]] = []
            yield from self._round(waiting, answered)
            waiting = [
                number
                for release, some in answered
                if release != self.tale.after and release is not None
                for number in some
            ]
            if not waiting:
                return
            self.tale.rereads += 1
        self.gap = f"{len(waiting):,} studies were last read in an older release"

    def _round(
        self, nct_ids: Sequence[str], answered: list[tuple[str | None, Sequence[str]]]
    ) -> Iterator[Handful]:
        at = 0
        while at < len(nct_ids):
            some = nct_ids[at : at + self.sizes.now]
            try:
                page = self.registry.numbers(some, fields=self.fields)
            except TooMany:
                self.sizes.refuse(len(some))
                continue
            self.sizes.took(len(some))
            self.tale.pages += 1
            self.done += 1
            at += len(some)
            if self.tale.is_older(page.release):
                # Of an older release than seen before: not to be believed, and asked again.
                answered.append((page.release, some))
                continue
            answered.append((page.release, some))
            left = -(-(len(nct_ids) - at) // self.sizes.now)
            studies = tuple((number_in(payload), payload) for payload in page.studies)
            yield Handful(studies, page.release, self.done, self.done + left, {})
