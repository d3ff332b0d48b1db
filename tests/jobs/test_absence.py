"""Studies that a complete look does not find: missing, removed, merged, and back again."""

from __future__ import annotations

import pytest

from ctmonitor.jobs.due import raise_due
from ctmonitor.rules import Tuning
from ctmonitor.store import fates, studies
from tests.builders import a_payload, a_study
from tests.jobs.asking import every_alert, owed, subscribe, told, watch
from tests.jobs.days import ask, days, lacking, members, nct, some
from tests.looks import clock_on, look
from tests.registry import On, a_release
from tests.registry.faults import MAINTENANCE, answering, ended_early, failing, refreshed

ONE, TWO, THREE, FOUR = (nct(number) for number in range(1, 5))
FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-04"
EVERYTHING = {"whole": True, "way": "full"}
ROWS = {"whole": True, "way": "status"}
BY_NUMBER = {"watch": "few"}
WAYS = pytest.mark.parametrize("way", [EVERYTHING, ROWS, BY_NUMBER], ids=["all", "rows", "few"])
pytestmark = pytest.mark.parametrize("kind", ["sqlite"])


@pytest.fixture
def few(store):
    """A store whose watch list of four numbers Ann subscribes to."""
    watch(store, "few", ONE, TWO, THREE, FOUR)
    subscribe(store, "few")
    return store


def _led(number, *aliases, **fields):
    """A study that bore other numbers before."""
    fields = {"overall_status": "RECRUITING", **fields}
    return a_study(nct_id=nct(number), nct_id_aliases=[nct(one) for one in aliases], **fields)


def _missing(store):
    """The studies that are missing or removed, and since which release."""
    with store.reading() as tx:
        held = fates.absent(tx, [nct(number) for number in range(1, 20)])
    return {one.nct_id: one.missing_release[:10] for one in held if one.missing_release}


@WAYS
def test_a_study_that_is_gone_is_removed_at_the_second_release(few, way):
    """Missing is a count and no alert; removed is one alert, and then it counts no more."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **way)
        counts = [registry.day(day, *some(4, but=(3,)), **way).counts for day in (MONDAY, TUESDAY)]
        after = registry.day(WEDNESDAY, *some(4, but=(3,)), **way)
    assert [(one.missing, one.alerts) for one in counts] == [(1, 0), (1, 1)]
    assert (after.counts.missing, after.counts.alerts) == (0, 0)
    assert owed(few) == [("ann@clinic.example", [(THREE, "record-removed")], ["few"])]


@WAYS
def test_the_certificate_names_what_is_not_there(few, way):
    """By number, in each of its two states."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **way)
        first = registry.day(MONDAY, *some(4, but=(3,)), **way).certificate
        second = registry.day(TUESDAY, *some(4, but=(3,)), **way).certificate
    assert (first["missing"], first["removed"]) == ([THREE], [])
    assert (second["missing"], second["removed"]) == ([], [THREE])


@pytest.mark.parametrize(
    ("second", "is_removed"),
    [("2026-03-03T04:00:00", False), ("2026-03-03T05:00:04", False), ("2026-03-03T05:00:05", True)],
)
def test_twenty_hours_lie_between_the_two_releases(few, second, is_removed):
    """In the registry's own time; a second release of the same day proves nothing."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **BY_NUMBER)
        registry.day(MONDAY, *some(4, but=(3,)), **BY_NUMBER)
        registry.day(second, *some(4, but=(3,)), **BY_NUMBER)
    assert (told(few) == [(THREE, "record-removed")]) is is_removed


def test_what_its_own_address_shows_is_not_removed(few):
    """A list may lack what is there: such a study is seen, and neither missing nor told."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **BY_NUMBER)
        registry.day(MONDAY, *some(4, but=(3,)), **BY_NUMBER)
        registry.show(TUESDAY, *some(4))
        registry.wrong(lacking(THREE))
        report = registry.look(**BY_NUMBER)
    assert (report.certificate["missing"], told(few), _missing(few)) == ([], [], {})


@pytest.mark.parametrize("fault", [failing(), answering(404, MAINTENANCE)])
def test_only_the_registrys_own_word_removes(few, fault):
    """No answer, or a web page, is no 404 of the registry: the look is partial."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **BY_NUMBER)
        registry.day(MONDAY, *some(4, but=(3,)), **BY_NUMBER)
        registry.wrong(On(fault, path="/studies/*", times=99))
        report = registry.day(TUESDAY, *some(4, but=(3,)), **BY_NUMBER)
    assert (report.state, report.counts.missing, told(few)) == ("partial", 0, [])


@WAYS
def test_what_comes_back_after_missing_is_simply_seen(few, way):
    """Nobody was told of it, so nobody need hear."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **way)
        registry.day(MONDAY, *some(4, but=(3,)), **way)
        assert _missing(few) == {THREE: MONDAY}
        registry.day(TUESDAY, *some(4), **way)
        registry.day(WEDNESDAY, *some(4, but=(3,)), **way)
    assert (_missing(few), told(few)) == ({THREE: WEDNESDAY}, [])


@pytest.mark.parametrize("fields", [{}, {"brief_title": "Another title"}])
@WAYS
def test_what_comes_back_after_it_was_removed_is_told(few, way, fields):
    """Who was told that it is gone hears that it is back, once; it may go again."""
    gone = some(4, but=(3,))
    back = [*gone, *some(3, but=(1, 2), **fields)]
    with days(few) as registry:
        for day, shown in ((FRIDAY, some(4)), (MONDAY, gone), (TUESDAY, gone)):
            registry.day(day, *shown, **way)
        for day, shown in ((WEDNESDAY, back), ("2026-03-05", back), ("2026-03-06", gone)):
            registry.day(day, *shown, **way)
        registry.day("2026-03-09", *gone, **way)
    rules = ["record-removed", "record-returned", "record-removed"]
    assert told(few) == [(THREE, rule) for rule in rules]


def test_a_file_of_before_brings_nothing_back(few):
    """What it shows was there then; a file of a later release is another matter."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **BY_NUMBER)
        for day in (MONDAY, TUESDAY):
            registry.day(day, *some(4, but=(3,)), **BY_NUMBER)
    files = {"nct_id": THREE, "overall_status": "RECRUITING"}
    look(few, a_payload(**files, data_date=FRIDAY))
    assert (_missing(few), told(few)) == ({THREE: MONDAY}, [(THREE, "record-removed")])
    look(few, a_payload(**files, data_date=WEDNESDAY))
    assert (_missing(few), told(few)[1:]) == ({}, [(THREE, "record-returned")])


def test_a_missing_study_is_due_for_nothing(few):
    """Nor is a removed or merged one: what it said last is no longer the registry's word."""
    dates = {"status_verified_date": "2024-03", "primary_completion_date": "2024-06"}
    with days(few) as registry:
        registry.day(FRIDAY, *some(4, **dates), **BY_NUMBER)
        shown = [_led(2, 1, **dates), *some(4, but=(1, 2, 3), **dates)]
        registry.day(MONDAY, *shown, **BY_NUMBER)
    clock = clock_on("2026-03-10")
    raise_due(few, tuning=Tuning(), flood_limit=1_000, clock=clock)
    assert {nct_id for nct_id, rule in told(few) if rule != "record-merged"} == {TWO, FOUR}


def test_a_partial_look_makes_nothing_missing(few):
    """Whatever it lacks; the next whole one does."""
    short = On(ended_early(), path="/studies", times=99)
    with days(few) as registry:
        registry.day(FRIDAY, *some(600), **EVERYTHING)
        registry.wrong(short)
        report = registry.day(MONDAY, *some(600, but=(3,)), **EVERYTHING)
        assert (report.state, report.counts.missing, _missing(few)) == ("partial", 0, {})
        registry.wrong()
        assert registry.look(**EVERYTHING).counts.missing == 1


@pytest.mark.parametrize("way", ["incremental", None])
def test_looks_that_list_nothing_make_nothing_missing(few, way):
    """An incremental look, and one at the release that was looked at before."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **EVERYTHING)
        if way:
            registry.show(MONDAY, *some(4, but=(3,)))
        else:
            registry.registry.replace(registry.registry.current.without(THREE))
        report = registry.look(whole=True, way=way)
    assert (report.way, report.counts.missing) == (way or "nothing-new", 0)
    assert _missing(few) == {}


def test_files_make_nothing_missing(few):
    """A pile that lacks a watched study is partial, and that is all."""
    look(few, *(a_payload(nct_id=nct(number)) for number in range(1, 5)))
    report = look(few, a_payload(nct_id=ONE), watch=watch(few, "few", ONE))
    assert (report.counts.missing, _missing(few)) == (0, {})


def test_a_number_that_nobody_knows_is_named(few):
    """Never held by us and not known to the registry: neither missing nor a gap."""
    watch(few, "few", nct(99))
    with days(few) as registry:
        reports = [registry.day(day, *some(4), **BY_NUMBER) for day in (FRIDAY, MONDAY)]
    assert [one.certificate["unknown"] for one in reports] == [[nct(99)]] * 2
    assert [(one.state, one.counts.missing) for one in reports] == [("finished", 0)] * 2


def test_the_only_study_of_a_list_may_go(store):
    """A list of one number that is gone is no bad day of the registry."""
    watch(store, "few", ONE)
    with days(store) as registry:
        registry.day(FRIDAY, *some(2), **BY_NUMBER)
        states = [
            registry.day(day, *some(2, but=(1,)), **BY_NUMBER).state for day in (MONDAY, TUESDAY)
        ]
    assert (states, told(store)) == (["finished"] * 2, [(ONE, "record-removed")])


def test_a_release_in_the_middle_of_asking_makes_the_look_partial(few):
    """What was listed is of one release, what was asked for after it of the next."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **EVERYTHING)
        registry.show(MONDAY, *some(4, but=(3,)))
        registry.registry.add(a_release(TUESDAY, some(4)))
        registry.wrong(On(refreshed(), holding="filter.ids"))
        report = registry.look(**EVERYTHING)
    assert report.state == "partial" and "came out before the end" in report.gaps[0]
    assert (report.counts.missing, _missing(few)) == (0, {})


@WAYS
def test_a_merged_study_is_told_and_never_missing(few, way):
    """Its number leads to another: one alert, whichever way the look is made."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **way)
        merged = [registry.day(MONDAY, _led(2, 1), *some(4, but=(1, 2)), **way)]
        merged.append(registry.day(TUESDAY, _led(2, 1), *some(4, but=(1, 2)), **way))
    assert [one.certificate["merged"] for one in merged] == [{ONE: TWO}, {}]
    assert [one.counts.missing for one in merged] == [0, 0]
    assert (told(few), _missing(few)) == ([(ONE, "record-merged")], {})


def test_who_watches_a_merged_number_hears_of_the_one_that_stays(store):
    """Also when it is not on the list, and when a merger follows a merger."""
    watch(store, "few", ONE)
    subscribe(store, "few")
    with days(store) as registry:
        registry.day(FRIDAY, *some(3), **BY_NUMBER)
        registry.day(MONDAY, _led(2, 1), *some(3, but=(1, 2)), **BY_NUMBER)
        registry.day(TUESDAY, _led(3, 2, 1), **BY_NUMBER)
        registry.day(WEDNESDAY, _led(3, 2, 1, overall_status="COMPLETED"), **BY_NUMBER)
    heard = [alert for _, alerts, _ in owed(store) for alert in alerts]
    assert (THREE, "completed") in heard and members(store, "few") == [ONE, THREE]


@pytest.mark.parametrize("way", ["full", "status"])
def test_a_number_that_led_elsewhere_before_we_asked_is_no_news(store, way):
    """It is watched as the study that it leads to; nothing is unknown, missing or told."""
    watch(store, "few", ONE, TWO)
    with days(store) as registry:
        registry.day(FRIDAY, *some(2, but=(1,)), **BY_NUMBER)
        report = registry.day(MONDAY, _led(3, 1), *some(2, but=(1,)), watch="few", way=way)
    assert report.certificate["unknown"] == [] and members(store, "few") == [ONE, TWO, THREE]
    assert (told(store), report.counts.new, report.counts.missing) == ([], 1, 0)


def test_a_number_that_only_its_own_address_leads_on_is_merged(few):
    """A listing may not know former numbers; the registry's redirection does."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **BY_NUMBER)
        registry.day(MONDAY, *some(4, but=(1,)), **BY_NUMBER)
        registry.show(TUESDAY, _led(2, 1), *some(4, but=(1, 2)))
        registry.wrong(lacking(TWO))
        registry.look(**BY_NUMBER)
    assert told(few) == [(ONE, "record-merged")]


def test_a_record_that_names_itself_or_nonsense_is_merged_with_nothing(few):
    """Former numbers are what a record says they are, which may be anything."""
    odd = a_study(nct_id=ONE, nct_id_aliases=[ONE, "NCT1", "", "x" * 500])
    with days(few) as registry:
        registry.day(FRIDAY, odd, *some(4, but=(1,)), **EVERYTHING)
    with few.reading() as tx:
        assert fates.led_to(tx, [ONE, TWO]) == {}
        assert sorted(studies.held(tx, [ONE, TWO])) == [ONE, TWO]


def test_a_study_of_its_own_again_is_watched_as_one(few):
    """The registry may take a merger back: then its number leads nowhere, and it can go."""
    with days(few) as registry:
        registry.day(FRIDAY, *some(4), **EVERYTHING)
        registry.day(MONDAY, _led(2, 1), *some(4, but=(1, 2)), **EVERYTHING)
        registry.day(TUESDAY, *some(4), **EVERYTHING)
        report = registry.day(WEDNESDAY, *some(4, but=(1,)), **EVERYTHING)
    assert report.certificate["missing"] == [ONE]
    assert told(few) == [(ONE, "record-merged")]


def test_at_most_a_thousand_are_asked_for_in_one_look(few, monkeypatch):
    """The others wait for the next look."""
    monkeypatch.setattr("ctmonitor.jobs.absence.MOST_ASKED_FOR", 1)
    gone = some(4, but=(1, 2))
    with days(few) as registry:
        for day, shown in ((FRIDAY, some(4)), (MONDAY, gone), (TUESDAY, gone), (WEDNESDAY, gone)):
            registry.day(day, *shown, **BY_NUMBER)
    removed = [one.raised_at[:10] for one in every_alert(few, ONE, TWO)]
    assert sorted(removed) == [TUESDAY, WEDNESDAY]


def test_a_study_of_a_question_stays_on_its_list_until_it_is_removed(store):
    """A question does not find what is missing; who asked is told when it is known why."""
    ask(store, "open", filter_overallStatus="RECRUITING")
    subscribe(store, "open")
    gone = some(4, but=(3,))
    with days(store) as registry:
        registry.day(FRIDAY, *some(4), watch="open")
        registry.day(MONDAY, *gone, watch="open")
        assert THREE in members(store, "open") and _missing(store) == {THREE: MONDAY}
        registry.day(TUESDAY, *gone, watch="open")
    assert members(store, "open") == [ONE, TWO, FOUR]
    assert told(store) == [(THREE, "record-removed"), (THREE, "left-watch")]
    [left] = [one for one in every_alert(store, THREE) if one.alert.rule == "left-watch"]
    assert left.alert.headline == "Left open: removed from the registry"
