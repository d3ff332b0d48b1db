"""Studies asked for by number come all of one release, and an answer that lacks some is doubted."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from ctmonitor.formats import ROW_FIELDS
from ctmonitor.sources.by_number import (
    CAREFUL_NUMBERS,
    MOST_NUMBERS,
    ByNumber,
    Sizes,
    sizes_from,
    sizes_told,
)
from ctmonitor.sources.listing import READINGS
from ctmonitor.sources.tale import Tale
from tests.builders import a_study
from tests.registry import On, Registry, a_release, faults, serving
from tests.registry.asking import DAYS, some
from tests.registry.faults import Fault
from tests.registry.messages import Answer, Asked
from tests.registry.releases import number_of
from tests.sources.asking import a_look
from tests.sources.test_listing import EVER, FIRST, SECOND, counting, remade, uncounted, untagged

NUMBERS = [number_of(study) for study in some(10)]


class Read:
    """Numbers that were asked for: what came, and how many were in each request."""

    def __init__(self, registry: Registry, *scripted: On, numbers=NUMBERS, sizes=None, fields=()):
        with serving(registry, *scripted) as served:
            look = a_look(served.url)
            self.reading = ByNumber(look, Tale(), sizes or Sizes(3, 4), fields)
            self.handfuls = list(self.reading.handfuls(numbers))
            look.client.close()
        self.asked = [len(one.query["filter.ids"].split(",")) for one in served.asked]
        self.longest = max(len(one.target) for one in served.asked)

    @property
    def came(self) -> list[tuple[str | None, str]]:
        """Every study that was handed over, with the release of its answer."""
        return [(one.release, number) for one in self.handfuls for number, _ in one.studies]


def _registry(**options: bool) -> Registry:
    return Registry(*(a_release(day, some(10)) for day in DAYS), **options)


def taking(most: int, *, code: int = 400) -> Fault:
    """More numbers than this in one address are refused."""

    def remake(answer: Answer, asked: Asked, _: Registry) -> Answer:
        many = len(asked.query.get("filter.ids", "").split(",")) > most
        return Answer(code, b"Bad Request", "text/html") if many else answer

    return Fault(f"taking {most}", remake=remake)


def lacking(count: int) -> Fault:
    """The last studies of an answer are not in it, though they are counted."""
    return remade(lambda said: said["studies"].__delitem__(slice(-count, None)))


def test_numbers_come_some_at_a_time():
    """As many as an address may hold, and what is left."""
    read = Read(_registry())
    assert (read.asked, read.reading.gap, read.reading.release) == ([3, 3, 3, 1], None, FIRST)
    assert read.came == [(FIRST, number) for number in NUMBERS]


def test_numbers_that_are_none_lack_nothing():
    """The registry counts those it has; the others are nobody's gap."""
    read = Read(_registry(), numbers=[*NUMBERS, "NCT00000099"])
    assert (read.reading.gap, len(read.came)) == (None, 10)


def test_a_number_that_led_on_is_answered_by_its_heir():
    """It is one study, however many of its numbers are asked for."""
    studies = [*some(9), a_study(nct_id="NCT00000077", nct_id_aliases=["NCT00000010"])]
    read = Read(Registry(a_release(DAYS[0], studies)), numbers=[*NUMBERS, "NCT00000077"])
    assert read.reading.gap is None
    assert [number for _, number in read.came][-1] == "NCT00000077"


@pytest.mark.parametrize(
    "fault",
    [faults.empty_listing(), lacking(1), uncounted(), counting(4)],
    ids=["empty", "lacking", "uncounted", "counting"],
)
def test_an_answer_that_does_not_add_up_is_asked_for_again(fault):
    """Once wrong, it is mended; `{"studies":[]}` is no news of anything."""
    read = Read(_registry(), On(fault, nth=2))
    assert (read.asked, read.reading.gap) == ([3, 3, 3, 1, 3], None)
    assert {number for _, number in read.came} == set(NUMBERS)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.empty_listing(), "10 of 10 numbers: the registry did not say how many"),
        (lacking(1), "the registry counts 1 studies, and 0 came"),
        (counting(4), "10 of 10 numbers: the registry counts 4 studies, and 1 came"),
    ],
    ids=["empty", "lacking", "counting"],
)
def test_answers_that_never_add_up_are_a_gap(fault, why):
    """Each is asked for three times, and what came is handed over."""
    read = Read(_registry(), On(fault, times=EVER))
    assert why in read.reading.gap
    assert read.asked == [3, 3, 3, 1] * READINGS


@pytest.mark.parametrize("nth", [2, 3, 4])
def test_a_refresh_in_the_middle_reads_the_first_again(nth):
    """In the end each number was answered in the new release."""
    read = Read(_registry(), On(faults.refreshed(), nth=nth))
    assert (read.reading.gap, read.reading.release) == (None, SECOND)
    assert sorted(number for release, number in read.came if release == SECOND) == NUMBERS


def test_a_refresh_in_the_second_round_reads_again_what_the_first_had_right():
    """Two releases come out in one reading: all is of the last in the end."""
    third = "2026-03-04T09:00:05"
    registry = Registry(*(a_release(day, some(10)) for day in (*DAYS, third)))
    read = Read(registry, On(faults.refreshed(), nth=3), On(faults.refreshed(), nth=5))
    assert (read.reading.gap, read.reading.release) == (None, third)
    assert sorted(number for release, number in read.came if release == third) == NUMBERS


def test_an_older_answer_in_between_is_asked_for_again():
    """Nothing of it is handed over."""
    registry = _registry()
    registry.advance()
    read = Read(registry, On(faults.stepped_back(), nth=2), On(faults.refreshed(), nth=3))
    assert (read.asked, read.reading.gap, read.reading.tale.older) == ([3, 3, 3, 1, 3], None, 1)
    assert {release for release, _ in read.came} == {SECOND} and len(read.came) == 10


def test_an_older_server_for_good_is_a_gap():
    """What a server that lags says is never taken for the registry's."""
    registry = _registry()
    registry.advance()
    read = Read(registry, On(faults.stepped_back(), nth=2))
    why = f"7 of 10 numbers: a server still shows the release of {FIRST}"
    assert (read.reading.gap, len(read.came)) == (why, 3)


def test_answers_without_a_release_are_counted():
    """They add up, but whoever reads them must ask for the release."""
    read = Read(_registry(), On(untagged(), times=EVER))
    assert (read.reading.gap, read.reading.tale.unsigned, len(read.came)) == (None, 4, 10)


@pytest.mark.parametrize("code", [400, 413, 414, 431])
def test_sizes_are_found_by_asking(code):
    """Twice as many while they are taken; half, once they are refused; then no more."""
    registry = Registry(a_release(DAYS[0], some(100)))
    numbers = [number_of(study) for study in registry.current.studies]
    limit = On(taking(20, code=code), times=EVER)
    read = Read(registry, limit, numbers=numbers, sizes=Sizes(6))
    assert read.asked == [6, 12, 24, 12, 12, 12, 12, 12, 12, 10]
    assert (read.reading.gap, len(read.came)) == (None, 100)


def test_sizes_are_remembered():
    """The next look asks for as many as were taken, and for no more than were refused."""
    sizes, whole = sizes_from({"taken": 300, "refused": 600, "whole": 75})
    sizes.took(300)
    assert (sizes.now, whole.now) == (300, 75)
    assert sizes_told({}, sizes, whole)["taken"] == 300


def test_sizes_grow_only_after_a_full_request():
    """The last few of a list say nothing about how many more would be taken."""
    sizes = Sizes()
    sizes.took(CAREFUL_NUMBERS - 1)
    assert sizes.now == CAREFUL_NUMBERS
    taken = []
    for _ in range(4):
        taken.append(sizes.now)
        sizes.took(sizes.now)
    assert taken == [150, 300, 600, MOST_NUMBERS]


def test_one_refusal_of_what_was_taken_before_is_not_believed():
    """A bad moment of a server does not make all later looks slower."""
    once = On(taking(0), nth=2)
    read = Read(_registry(), once, sizes=Sizes(3, 4, taken=3))
    assert (read.asked, read.reading.sizes.now) == ([3, 3, 3, 3, 1], 3)


def test_a_registry_that_refuses_everything_teaches_nothing_of_sizes():
    """It ends with a gap in the registry's words, and the next look begins as this one did."""
    known = {"taken": 600, "refused": None, "whole": 150}
    sizes, whole = sizes_from(known)
    refusal = On(Fault("no", remake=lambda *_: replace(NO, code=400)), times=EVER)
    read = Read(_registry(), refusal, sizes=sizes)
    assert read.reading.gap == "the registry refused to be asked for NCT00000001: no such field"
    assert sizes_told(known, sizes, whole) == known and len(read.asked) < 10


NO = Answer(400, b"no such field", "text/plain")


@pytest.mark.parametrize(("count", "room"), [(CAREFUL_NUMBERS, 2_000), (MOST_NUMBERS, 8_000)])
def test_the_numbers_fit_an_address(count, room):
    """With the fields of a row and every parameter, in the first line of the request."""
    registry = Registry(a_release(DAYS[0], some(count)))
    numbers = [number_of(study) for study in registry.current.studies]
    read = Read(registry, numbers=numbers, sizes=Sizes(count, count + 1), fields=ROW_FIELDS)
    assert read.asked == [count]
    assert room - 30 * count < len("GET ") + read.longest + len(" HTTP/1.1\r\n") <= room


def test_a_careful_look_at_ten_thousand_numbers():
    """67 requests with 150 numbers each, 16 with as many as fit 8,000 characters."""
    assert [math.ceil(10_000 / count) for count in (CAREFUL_NUMBERS, MOST_NUMBERS)] == [67, 16]
