"""Ask the registry for studies by number, as many at once as it takes, all of one release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ctmonitor.errors import QuestionRefused, TooMany
from ctmonitor.formats import number_in
from ctmonitor.sources.ctgov import Page, Registry
from ctmonitor.sources.listing import READINGS
from ctmonitor.sources.tale import Handful, Tale

CAREFUL_NUMBERS = 150
MOST_NUMBERS = 630
"""Study numbers in one address: what every server takes, and what fits 8,000 characters."""


@dataclass(slots=True)
class Sizes:
    """How many numbers one request may hold: found out by asking, remembered between looks.

    `taken` is the most that was answered, ever; `most` the most that is asked for. `is_proven`
    says that something was answered since the last refusal: a server that refuses everything
    tells nothing about sizes.
    """

    now: int = CAREFUL_NUMBERS
    refused: int | None = None
    most: int = MOST_NUMBERS
    taken: int = 0
    is_proven: bool = False

    def took(self, count: int) -> None:
        """The registry answered so many; unless it refused more before, ask for twice as many."""
        self.taken = max(self.taken, count)
        self.is_proven = True
        if self.refused is None and count >= self.now:
            self.now = min(2 * self.now, self.most)

    def refuse(self, count: int) -> None:
        """The registry refused so many at once: halve."""
        self.refused = min(count, self.refused or count)
        self.now = max(1, count // 2)
        self.taken = min(self.taken, count - 1)
        self.is_proven = False


def sizes_from(known: Mapping[str, Any]) -> tuple[Sizes, Sizes]:
    """The sizes for rows and for whole records, as earlier looks found them.

    Whole records are large: never so many of them at once as of rows.
    """
    taken = known.get("taken", CAREFUL_NUMBERS)
    rows = Sizes(taken, known.get("refused"), taken=known.get("taken", 0))
    whole = min(known.get("whole", CAREFUL_NUMBERS), taken)
    return rows, Sizes(min(whole, CAREFUL_NUMBERS), most=CAREFUL_NUMBERS)


def sizes_told(known: Mapping[str, Any], rows: Sizes, whole: Sizes) -> dict[str, Any]:
    """What the next look is to know of sizes."""
    told = {"taken": CAREFUL_NUMBERS, "refused": None, "whole": CAREFUL_NUMBERS, **known}
    if rows.is_proven:
        told |= {"taken": rows.now, "refused": rows.refused}
    if whole.is_proven:
        told["whole"] = whole.now
    return told


@dataclass(slots=True)
class ByNumber:
    """Studies asked for by number, some in each request; `gap` says why they are not all."""

    registry: Registry
    tale: Tale
    sizes: Sizes
    fields: Sequence[str] = ()
    gap: str | None = None
    done: int = 0
    release: str | None = None
    """The release that all answers were of."""
    _answered: list[tuple[str | None, Sequence[str]]] = field(default_factory=list)
    """Which numbers were answered in which release; what is not to be believed is not here."""
    _why: str = ""
    """Why what was not answered as it should be was not."""

    def handfuls(self, nct_ids: Sequence[str]) -> Iterator[Handful]:
        """Every answer's studies in turn; what was answered before a new release comes again."""
        waiting = list(nct_ids)
        for _ in range(READINGS):
            yield from self._round(waiting)
            if self.gap:
                return
            waiting = self._unanswered(nct_ids)
            if not waiting:
                self.release = self.tale.after
                return
            self.tale.rereads += 1
        self.tale.rereads -= 1
        self.gap = f"{len(waiting):,} of {len(nct_ids):,} numbers: {self._why}"

    def _unanswered(self, nct_ids: Sequence[str]) -> list[str]:
        """The numbers whose answer was of an older release, or not to be believed."""
        self._answered = [one for one in self._answered if one[0] in (None, self.tale.after)]
        done = {number for _, some in self._answered for number in some}
        return [number for number in nct_ids if number not in done]

    def _round(self, nct_ids: Sequence[str]) -> Iterator[Handful]:
        at = 0
        self._why = "the registry brought out a new release again and again"
        while at < len(nct_ids):
            some = nct_ids[at : at + self.sizes.now]
            page = self._ask(some)
            if page is None:
                if self.gap:
                    return
                continue
            at += len(some)
            release = self.tale.named(page.release)
            if self.tale.is_older(release):
                self._why = f"a server still shows the release of {release}"
                continue
            left = -(-(len(nct_ids) - at) // self.sizes.now)
            studies = tuple((number_in(payload), payload) for payload in page.studies)
            if self._adds_up(page, studies):
                self._answered.append((release, some))
            yield Handful(studies, release, self.done, self.done + left, {})

    def _ask(self, some: Sequence[str]) -> Page | None:
        """The answer to some numbers; None when fewer are to be asked for, or none (a gap)."""
        for is_last in (len(some) > self.sizes.taken, True):
            try:
                page = self.registry.numbers(some, fields=self.fields)
            except TooMany:
                # So many were taken before: once more, before it is believed that they are not.
                if is_last:
                    self.sizes.refuse(len(some))
                    return None
            except QuestionRefused as problem:
                # It was not their count that the registry did not like.
                self.sizes.is_proven = False
                self.gap = f"the registry refused to be asked for {some[0]}: {problem.words}"
                return None
            else:
                self.sizes.took(len(some))
                self.tale.pages += 1
                self.done += 1
                return page
        return None

    def _adds_up(self, page: Page, studies: Sequence[tuple[str | None, bytes]]) -> bool:
        """Whether an answer holds as many different studies as it counts."""
        came = len({number or payload for number, payload in studies})
        if page.total == came and page.token is None:
            return True
        self.tale.doubted += 1
        counted = "did not say how many" if page.total is None else f"counts {page.total:,}"
        self._why = f"the registry {counted} studies, and {came:,} came"
        return False
