"""A listing proves itself by its count and its release, or says what it lacks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest

from ctmonitor.sources.listing import BARREN_PAGES, READINGS, Listing
from ctmonitor.sources.tale import Tale
from tests.builders import NUMBER
from tests.registry import Answer, Asked, On, Registry, a_release, faults, serving
from tests.registry.asking import DAYS, some
from tests.registry.faults import Fault
from tests.registry.pages import Token, read_token
from tests.sources.asking import a_look

EVER = math.inf
FIRST, SECOND = (f"{day}T09:00:05" for day in DAYS)
NAMES = ("NCTId",)


class Read:
    """A listing that was read, with every number that it handed over, and the requests."""

    def __init__(self, registry: Registry, *scripted: On, size: int = 3, seen=(), place=None):
        with serving(registry, *scripted) as served:
            look = a_look(served.url)
            self.listing = Listing(look, {}, Tale(), NAMES, size)
            self.handfuls = list(self.listing.handfuls(place, seen))
            look.client.close()
        self.asked = len(served.asked)

    @property
    def numbers(self) -> list[str]:
        return [number[-2:] for one in self.handfuls for number, _ in one.studies if number]

    @property
    def of_release(self) -> dict[str | None, list[str]]:
        """The numbers by the release they were handed over in."""
        found: dict[str | None, list[str]] = {}
        for one in self.handfuls:
            found.setdefault(one.release, []).extend(number[-2:] for number, _ in one.studies)
        return found

    def is_whole(self, count: int = 10) -> bool:
        """Whether it says so, and of the last release each study came, and came once."""
        got = self.of_release[self.listing.release]
        return self.listing.gap is None and sorted(got) == _digits(count)


def _digits(count: int) -> list[str]:
    return [f"{number:02d}" for number in range(1, count + 1)]


def _registry(count: int = 10, *, then: int | None = None, **options: bool) -> Registry:
    """Two releases; the second may have other studies."""
    second = a_release(DAYS[1], some(then or count))
    return Registry(a_release(DAYS[0], some(count)), second, **options)


def remade(change: Callable[[dict], None]) -> Fault:
    """A page that says something else."""

    def remake(answer: Answer, *_) -> Answer:
        if answer.code != 200:
            return answer
        said = orjson.loads(answer.body)
        change(said)
        return replace(answer, body=orjson.dumps(said))

    return Fault("remade", remake=remake)


def counting(total: int) -> Fault:
    """A page that counts as many as it says, wherever it counts."""
    return remade(lambda said: "totalCount" in said and said.update(totalCount=total))


def uncounted() -> Fault:
    """A page that does not say how many there are."""
    return remade(lambda said: said.pop("totalCount", None))


def circling() -> Fault:
    """The second page leads to the third, and the third to the second."""

    def remake(answer: Answer, asked: Asked, _: Registry) -> Answer:
        at = read_token(asked.query["pageToken"]).start if "pageToken" in asked.query else 0
        token = str(Token(FIRST, 6 if at == 3 else 3))
        said = {**orjson.loads(answer.body), "nextPageToken": token}
        return replace(answer, body=orjson.dumps(said))

    return Fault("circling", remake=remake)


def untagged() -> Fault:
    """An answer that does not say which release it is of."""
    return Fault("untagged", remake=lambda answer, *_: replace(answer, headers=()))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 9, 10])
def test_a_listing_is_read_to_its_end(count):
    """A full last page, too: a page more is asked for only where a token says so."""
    read = Read(_registry(count)) if count else Read(Registry(a_release(DAYS[0], [])))
    assert (read.listing.gap, read.numbers) == (None, _digits(count))
    assert read.asked == max(-(-count // 3), 1)
    assert read.handfuls[-1].expected in (read.asked, 0 if not count else read.asked)


LOST = {
    "a page lost": (On(faults.lost_page(3), nth=2),),
    "a study lost": (On(faults.lost_page(1), nth=1),),
    "an early end": (On(faults.ended_early(), nth=2),),
    "a study repeated, the last one lost": (
        On(faults.repeated(2), nth=1),
        On(faults.lost_page(2), nth=2),
    ),
    "another order": (On(faults.reshuffled(7), nth=3),),
    "another order twice": (On(faults.reshuffled(7), nth=3), On(faults.reshuffled(8), nth=6)),
    "an expired token": (On(faults.expired_token(), nth=3),),
    "two expired tokens": (On(faults.expired_token(), nth=2), On(faults.expired_token(), nth=4)),
    "a count that is wrong once": (On(counting(9), nth=1),),
    "no count, once": (On(uncounted(), nth=1),),
    "an empty listing, once": (On(faults.empty_listing(), nth=1),),
}


@pytest.mark.parametrize("name", LOST)
def test_what_does_not_add_up_is_read_again(name):
    """In the end each study came, and came once; the certificate counts the readings."""
    read = Read(_registry(), *LOST[name])
    assert read.is_whole()
    assert 1 <= read.listing.tale.rereads < READINGS


@pytest.mark.parametrize(
    "fault", [faults.empty_page(), faults.repeated(1), faults.repeated(2)], ids=lambda one: one.name
)
def test_what_adds_up_is_not_read_again(fault):
    """An empty page with a token is a page; a study that comes twice is handed over once."""
    read = Read(_registry(), On(fault, nth=2))
    assert read.is_whole() and read.listing.tale.rereads == 0
    assert read.listing.tale.duplicates == (
        0 if fault.name == "empty page" else int(fault.name[-1])
    )


NEVER = {
    "a count that never agrees": (counting(11), "counts 11 studies, and 10 came"),
    "a count that is too low": (counting(9), "counts 9 studies, and 10 came"),
    "no count": (uncounted(), "did not say how many"),
    "a token that always expires": (faults.expired_token(), "no longer knew the place"),
    "a page that is always lost": (faults.lost_page(1), "counts 10 studies, and 8 came"),
    "an empty listing": (faults.empty_listing(), "did not say how many"),
    "a listing that never ends": (circling(), f"{BARREN_PAGES} pages in a row brought no"),
    "a page that is its own next": (faults.repeated(3), "a page led to itself again"),
    "empty pages for ever": (faults.empty_page(), "a page led to itself again and again"),
}


@pytest.mark.parametrize("name", NEVER)
def test_what_never_adds_up_is_a_gap_with_its_reason(name):
    """It is never called whole, it ends, and each study that came was handed over once."""
    fault, why = NEVER[name]
    read = Read(_registry(), On(fault, times=EVER))
    assert why in read.listing.gap
    assert len(read.numbers) == len(set(read.numbers))
    assert read.asked <= READINGS * (BARREN_PAGES + 4)


@pytest.mark.parametrize("outlive", [False, True])
@pytest.mark.parametrize("nth", [2, 3, 4])
@pytest.mark.parametrize("then", [10, 9, 12])
def test_a_refresh_in_the_middle_begins_anew(outlive, nth, then):
    """What came of the new release is not handed over again; all of it comes in the end."""
    registry = _registry(then=then, tokens_outlive_releases=outlive)
    read = Read(registry, On(faults.refreshed(), nth=nth))
    assert (read.listing.release, read.listing.tale.before) == (SECOND, FIRST)
    assert read.is_whole(then)


def test_a_server_that_lags_once_is_asked_again():
    """A page of an older release in between is thrown away, and nothing of it handed over."""
    registry = _registry(tokens_outlive_releases=True)
    registry.advance()
    read = Read(registry, On(faults.stepped_back(), nth=2), On(faults.refreshed(), nth=3))
    assert read.is_whole() and read.listing.tale.older == 1
    assert (list(read.of_release), read.listing.tale.rereads) == ([SECOND], 0)


def test_a_server_that_lags_for_good_is_a_gap():
    """An older release after a newer one is never read as if it were the registry."""
    registry = _registry(tokens_outlive_releases=True)
    registry.advance()
    read = Read(registry, On(faults.stepped_back(), nth=2))
    assert f"still shows the release of {FIRST}" in read.listing.gap
    assert list(read.of_release) == [SECOND]


def test_a_page_lost_far_behind_is_found():
    """A second reading passes page after page with nothing new, and finds what the first lost."""
    read = Read(_registry(60), On(faults.lost_page(1), nth=BARREN_PAGES + 8), size=1)
    assert read.is_whole(60) and read.listing.tale.rereads == 1


def test_a_second_of_difference_is_the_same_release():
    """Servers may tell one instant differently by its rounding."""
    studies = some(10)
    registry = Registry(a_release(FIRST, studies), a_release(f"{DAYS[0]}T09:00:06", studies))
    registry.tokens_outlive_releases = True
    read = Read(registry, On(faults.refreshed(), nth=2))
    assert read.is_whole() and read.asked == 4


def test_studies_without_a_number_are_a_gap_and_no_reason_to_read_again():
    """They count for themselves, once each, and nobody knows what they are of."""
    odd = remade(lambda said: said["studies"][0].pop("protocolSection"))
    read = Read(_registry(), On(odd, nth=2))
    assert read.listing.gap == "1 of its studies came without a number"
    assert (read.asked, len(read.numbers)) == (4, 9)


def test_pages_without_a_release_are_counted():
    """Without an ETag the listing adds up, but whoever reads it must ask for the release."""
    read = Read(_registry(), On(untagged(), times=EVER))
    assert (read.listing.gap, read.numbers) == (None, _digits(10))
    assert (read.listing.tale.unsigned, read.listing.tale.after) == (4, None)


def test_a_listing_goes_on_from_a_place():
    """With what was seen before, only the rest is asked for, and the whole adds up."""
    cut_off = Read(_registry())
    place = {**cut_off.handfuls[1].place, "release": FIRST}
    seen = {f"NCT{number:08d}" for number in range(1, 7)}
    read = Read(_registry(), place=place, seen=seen)
    assert (read.listing.gap, read.numbers, read.asked) == (None, ["07", "08", "09", "10"], 2)


def test_a_place_of_a_release_that_is_gone_begins_anew():
    """Then what was seen before counts for nothing."""
    place = {**Read(_registry()).handfuls[1].place, "release": FIRST}
    registry = _registry()
    registry.advance()
    read = Read(registry, place=place, seen={NUMBER})
    assert read.is_whole() and read.listing.release == SECOND
