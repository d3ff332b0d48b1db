"""Read whole listings of the registry, page by page, so that each proves itself or says its gap.

A page is true whenever it comes; a listing is whole only when all its pages are of one release
and hold as many different studies as the first page counted. What does not add up is read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ctmonitor.errors import TokenExpired
from ctmonitor.formats import number_in
from ctmonitor.sources.ctgov import Page, Registry
from ctmonitor.sources.tale import Handful, Tale

READINGS = 3
"""How often one listing is read before its gap is named."""
BARREN_PAGES = 20
"""Pages in a row without a study that is new; a listing that goes on like this never ends."""


@dataclass(slots=True)
class Listing:
    """One question to the registry, answered page by page; `gap` says why it is not whole."""

    registry: Registry
    asked: Mapping[str, str]
    tale: Tale
    fields: Sequence[str] = ()
    size: int = 1000
    total: int | None = None
    release: str | None = None
    gap: str | None = None
    done: int = 0
    _seen: set[str] = field(default_factory=set)
    """What was handed over of the release that is read; bytes without a number by a digest."""
    _came: set[str] = field(default_factory=set)
    """What came in this reading; the same set while the release is read for the first time."""
    _totals: set[int | None] = field(default_factory=set)
    """Every count of the release that is read."""

    @property
    def answer(self) -> frozenset[str]:
        """The studies of a listing that is whole."""
        return frozenset(self._came if len(self._came) == self.total else self._seen)

    def handfuls(
        self, place: Mapping[str, Any] | None = None, seen: Collection[str] = ()
    ) -> Iterator[Handful]:
        """Every page's studies in turn; from a place on, of which `seen` were read before."""
        token = None
        if place is not None:
            token, self.release, self.total = place["token"], place["release"], place["total"]
            self.done = place["done"]
            self._totals = {self.total}
            self._came = self._seen = set(seen)
        for _ in range(READINGS):
            self.gap = yield from self._reading(token)
            if self.gap is None:
                self.gap = self._nameless()
                return
            token = None
            self.tale.rereads += 1
        self.tale.rereads -= 1

    def _reading(self, token: str | None) -> Generator[Handful, None, str | None]:
        """Read the listing once; gives why it is not whole, or None."""
        barren = 0
        if token is None:
            self.done = 0
            self._came = set() if self._seen else self._seen
        while True:
            page = self._page(token)
            if isinstance(page, str):
                return page
            is_torn = self._moved_on(page, is_first=token is None)
            had = len(self._came)
            new = self._told_apart(page)
            barren = barren + 1 if len(self._came) == had else 0
            yield self._handful(page, new)
            if is_torn:
                return f"the registry brought out the release of {self.release} in between"
            if page.token is None or len(self._came) > (self.total or len(self._came)):
                return self._lacking()
            if barren >= READINGS and page.token == token:
                return "a page led to itself again and again"
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
            if not self.tale.is_older(self.tale.named(page.release)):
                return page
        return f"a server behind the registry still shows the release of {page.release}"

    def _moved_on(self, page: Page, *, is_first: bool) -> bool:
        """Whether a page in the middle is of another release than those before it."""
        release = self.tale.named(page.release)
        is_another = release is not None and release != self.release
        if is_another:
            self.release, self.total = release, None
            self._came = self._seen = set()
            self._totals = set()
        if is_first:
            self.total = page.total
            self._totals.add(page.total)
        return is_another and not is_first

    def _told_apart(self, page: Page) -> list[tuple[str | None, bytes]]:
        """The studies of a page that were not handed over before."""
        new: list[tuple[str | None, bytes]] = []
        is_first_time = self._came is self._seen
        for payload in page.studies:
            number = number_in(payload)
            key = number or hashlib.blake2b(payload, digest_size=16).hexdigest()
            if key in self._came:
                self.tale.duplicates += is_first_time
            if key not in self._seen:
                new.append((number, payload))
            self._seen.add(key)
            self._came.add(key)
        return new

    def _handful(self, page: Page, new: list[tuple[str | None, bytes]]) -> Handful:
        self.done += 1
        expected = None if self.total is None else max(-(-self.total // self.size), self.done)
        place = {"token": page.token, "total": self.total, "done": self.done}
        if self._came is not self._seen:
            place["token"] = None  # Of a second reading nobody could tell later what came in it.
        return Handful(tuple(new), self.tale.named(page.release), self.done, expected, place)

    def _lacking(self) -> str | None:
        if self.total is None:
            return "the registry did not say how many studies there are"
        if len(self._came) == self.total:
            return None
        if len(self._seen) == self.total and len(self._totals) == 1:
            return None  # What one reading lost another brought, in the same release.
        return f"the registry counts {self.total:,} studies, and {len(self._came):,} came"

    def _nameless(self) -> str | None:
        """What is to be said of a whole listing in which studies came without a number."""
        count = sum(not key.startswith("NCT") for key in self._came)
        return f"{count:,} of its studies came without a number" if count else None
