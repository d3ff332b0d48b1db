"""What an archive of the whole registry lacks: missing, removed, held, and back again."""

from __future__ import annotations

from contextlib import closing, contextmanager

import pytest

from ctmonitor.jobs.settle import absorb, release
from ctmonitor.rules import Tuning
from ctmonitor.sources import ctgov as sources
from ctmonitor.store import audit, fates
from tests.jobs.archives import (
    an_archive,
    counted,
    damage,
    dated,
    look_at,
    nct,
    number_of,
    one,
    some,
)
from tests.jobs.asking import every_alert, number_held, owed, subscribe, told, watch
from tests.jobs.days import days
from tests.looks import clock_on, look
from tests.registry import Registry, a_release, serving
from tests.sources.asking import a_client

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-04"
THURSDAY = "2026-03-05"
DONE = {"overall_status": "COMPLETED", "last_update_posted_date": "2026-03-01"}
THREE = nct(3)
pytestmark = pytest.mark.parametrize("kind", ["sqlite"])


@pytest.fixture
def whole(store, tmp_path):
    """Looks at an archive of the whole registry on a day."""

    def looked(day, given, **terms):
        path = an_archive(tmp_path / f"{day}.zip", day, given)
        return look_at(store, path, **{"is_whole": True, "today": day, "tuning": Tuning()} | terms)

    return looked


@contextmanager
def asking(day, *given):
    """A registry whose API shows these studies."""
    with (
        serving(Registry(a_release(day, given))) as served,
        closing(a_client(served.url)) as client,
    ):
        yield sources.Registry(client)


def _but(*numbers, count=6, **fields):
    return [each for each in some(count, **fields) if number_of(each) not in map(nct, numbers)]


def _missing(store):
    """The studies that are missing or removed, and since which release."""
    with store.reading() as tx:
        held = fates.absent(tx, [nct(number) for number in range(1, 100)])
    return {each.nct_id: each.missing_release[:10] for each in held if each.missing_release}


def test_what_a_whole_archive_lacks_is_missing_until_it_is_back(store, whole):
    """It is counted and named, raises no alert, and is found again like any other."""
    whole(FRIDAY, some(6))
    gone = whole(MONDAY, _but(3))
    assert (counted(gone), gone.counts.alerts) == ({"unchanged": 5, "missing": 1}, 0)
    assert gone.certificate["missing"] == [THREE] and _missing(store) == {THREE: MONDAY}
    assert counted(whole(TUESDAY, _but(3))) == {"unchanged": 5, "missing": 1}
    back = whole(WEDNESDAY, some(6))
    assert (counted(back), _missing(store), told(store)) == ({"unchanged": 6}, {}, [])


def test_a_study_that_comes_back_as_another_is_changed(store, whole):
    """What was missed while it was gone is told when it is there again."""
    whole(FRIDAY, some(6))
    whole(MONDAY, _but(3))
    report = whole(TUESDAY, [*_but(3), one(3, **DONE)])
    assert counted(report) == {"unchanged": 5, "changed": 1} and _missing(store) == {}
    assert told(store) == [(THREE, "completed")]


def test_nothing_is_removed_without_anybody_to_ask(store, whole):
    """A file given by hand never removes a study, however often it lacks it."""
    for day, given in ((FRIDAY, some(6)), (MONDAY, _but(3)), (WEDNESDAY, _but(3))):
        report = whole(day, given)
    assert (report.counts.missing, report.certificate["removed"], told(store)) == (1, [], [])


def test_what_the_registry_does_not_know_either_is_removed(store, whole):
    """At the second release without it, by its own address; that is told once."""
    watch(store)
    subscribe(store)
    with asking(TUESDAY, *_but(3)) as registry:
        whole(FRIDAY, some(6), registry=registry)
        first = whole(MONDAY, _but(3), registry=registry)
        second = whole(TUESDAY, _but(3), registry=registry)
        third = whole(WEDNESDAY, _but(3), registry=registry)
    assert (first.certificate["missing"], first.certificate["requests"]) == ([THREE], 0)
    assert (second.certificate["removed"], second.counts.missing) == ([THREE], 1)
    assert (third.counts.missing, third.counts.alerts) == (0, 0)
    assert owed(store) == [("ann@clinic.example", [(THREE, "record-removed")], ["everything"])]


def test_what_the_registry_shows_is_not_removed(store, whole):
    """It is taken in as the registry's own address shows it, and missing no more."""
    with asking(TUESDAY, *_but(3), one(3, **DONE)) as registry:
        for day, given in ((FRIDAY, some(6)), (MONDAY, _but(3)), (TUESDAY, _but(3))):
            report = whole(day, given, registry=registry)
    assert report.certificate["removed"] == [] and report.counts.changed == 1
    assert (_missing(store), told(store)) == ({}, [(THREE, "completed")])
    assert counted(whole(WEDNESDAY, [*_but(3), one(3, **DONE)])) == {"unchanged": 6}


def test_a_removed_study_that_an_archive_shows_again_has_returned(store, whole):
    """Its return is told, and it can go missing anew."""
    with asking(TUESDAY, *_but(3)) as registry:
        for day, given in ((FRIDAY, some(6)), (MONDAY, _but(3)), (TUESDAY, _but(3))):
            whole(day, given, registry=registry)
    assert counted(whole(WEDNESDAY, some(6))) == {"unchanged": 6}
    assert told(store) == [(THREE, "record-removed"), (THREE, "record-returned")]
    assert whole(THURSDAY, _but(3)).counts.missing == 1


def test_a_study_that_leads_to_another_is_merged_and_not_missing(store, whole):
    """The archive names the number that it had before."""
    whole(FRIDAY, some(6))
    report = whole(MONDAY, [*_but(2, 3), one(2, nct_id_aliases=[THREE])])
    assert report.counts.missing == 0 and report.certificate["merged"] == {THREE: nct(2)}
    assert (THREE, "record-merged") in told(store)
    assert whole(TUESDAY, [*_but(2, 3), one(2, nct_id_aliases=[THREE])]).counts.missing == 0


def test_a_study_newer_than_the_archive_is_not_missing_in_it(store, whole):
    """A listing of a later release showed a study that this archive cannot have."""
    whole(FRIDAY, some(6))
    look(store, dated(one(9), TUESDAY))
    assert whole(MONDAY, some(6)).counts.missing == 0 and _missing(store) == {}


def test_an_archive_with_a_damaged_member_makes_nothing_missing(store, whole, tmp_path):
    """A look that is not complete proves no absence."""
    whole(FRIDAY, some(6))
    path = an_archive(tmp_path / "damaged.zip", MONDAY, [*_but(3, 6), one(6, **DONE)])
    damage(path, nct(6))
    report = look_at(store, path, is_whole=True)
    assert (report.state, report.counts.missing, _missing(store)) == ("partial", 0, {})
    assert counted(whole(TUESDAY, some(6))) == {"unchanged": 6}


def test_a_member_that_nobody_can_read_is_not_missing(store, whole, tmp_path):
    """Its study is there, though its record is none."""
    whole(FRIDAY, some(6))
    path = an_archive(tmp_path / "odd.zip", MONDAY, _but(3), {THREE: b"no record"})
    report = look_at(store, path, is_whole=True)
    assert counted(report) == {"unchanged": 5, "rejected": 1} and _missing(store) == {}


def test_an_archive_that_is_not_whole_makes_nothing_missing(store, whole):
    """What it lacks is as it was, and the next whole one proves it without reading."""
    whole(FRIDAY, some(20))
    part = whole(MONDAY, some(3), is_whole=False)
    assert (counted(part), _missing(store)) == ({"unchanged": 3}, {})
    report = whole(TUESDAY, some(20))
    assert (counted(report), report.certificate["read"]) == ({"unchanged": 20}, 0)


def test_an_archive_of_a_part_finds_what_was_missing(store, whole):
    """A study that a later archive shows is there, whichever that is."""
    whole(FRIDAY, some(6))
    whole(MONDAY, _but(3))
    whole(TUESDAY, [one(3)], is_whole=False)
    assert _missing(store) == {}
    assert counted(whole(WEDNESDAY, some(6))) == {"unchanged": 6}


def test_an_older_archive_of_a_part_finds_nothing_that_is_missing_since(store, whole):
    """That it was there before is no news."""
    whole(FRIDAY, some(6))
    whole(TUESDAY, _but(3))
    whole(MONDAY, some(6), is_whole=False)
    assert _missing(store) == {THREE: TUESDAY}
    assert counted(whole(WEDNESDAY, _but(3))) == {"unchanged": 5, "missing": 1}


@pytest.fixture
def bad_day(store, whole):
    """The report of a whole archive that lacks half of what there was."""
    whole(FRIDAY, some(60))
    return whole(MONDAY, some(30))


def test_an_archive_that_lacks_half_is_held(store, bad_day):
    """Nothing is missing, the operator is told, and the next usual archive is usual."""
    assert (bad_day.state, bad_day.counts.missing, _missing(store)) == ("held", 0, {})
    assert "30 of 60 studies missing at once" in " ".join(bad_day.held)
    assert told(store) == [(None, "sweep-held")]
    assert bad_day.certificate["lacking_count"] == 30


@pytest.mark.parametrize("settle", ["absorb", "release"])
def test_who_accepts_a_bad_day_accepts_that_its_studies_are_gone(store, bad_day, settle, whole):
    """They count as missing since that release, and the next look is not held for them."""
    _settle(store, bad_day.sweep, settle)
    assert _missing(store) == {nct(number): MONDAY for number in range(31, 61)}
    after = whole(TUESDAY, some(30))
    assert (after.state, after.counts.missing) == ("finished", 30)


@pytest.mark.parametrize("settle", ["absorb", "release"])
def test_what_a_later_archive_showed_is_not_missing_by_a_late_word(store, bad_day, settle, whole):
    """A look after the bad day saw them all, without reading one; nobody contradicts it."""
    report = whole(TUESDAY, some(60))
    assert counted(report) == {"unchanged": 60}
    _settle(store, bad_day.sweep, settle)
    assert _missing(store) == {}


def test_a_bad_day_is_believed_of_what_it_showed(store, whole):
    """What it changed is kept and waits, and is told when it is released."""
    whole(FRIDAY, some(60))
    bad = whole(MONDAY, [*some(29), one(30, **DONE)])
    assert (bad.state, number_held(store, nct(30))) == ("held", 2)
    assert told(store) == [(None, "sweep-held")]
    _settle(store, bad.sweep, "release")
    assert told(store)[1:] == [(nct(30), "completed")]
    assert counted(whole(TUESDAY, [*some(29), one(30, **DONE)]))["unchanged"] == 30


def _settle(store, sweep_id, settle):
    terms = {"reason": "it is so", "who": "ann", "clock": clock_on("2026-03-09")}
    if settle == "absorb":
        absorb(store, sweep_id, **terms)
    else:
        release(store, sweep_id, flood_limit=1_000, **terms)


def test_what_the_api_missed_is_found_by_an_archive(store, tmp_path):
    """A whole archive is a look at the registry like any other."""
    with days(store) as registry:
        registry.day(FRIDAY, *some(6), whole=True)
        registry.day(MONDAY, *_but(3), whole=True, way="full")
    assert _missing(store) == {THREE: MONDAY}
    path = an_archive(tmp_path / "all.zip", TUESDAY, some(6))
    assert counted(look_at(store, path, is_whole=True)) == {"unchanged": 6}
    assert _missing(store) == {}


def test_what_an_archive_missed_the_api_removes(store, tmp_path):
    """Two releases without it, seen in two ways, are two releases."""
    with days(store) as registry:
        registry.day(FRIDAY, *some(6), whole=True)
        look_at(store, an_archive(tmp_path / "all.zip", MONDAY, _but(3)), is_whole=True)
        report = registry.day(WEDNESDAY, *_but(3), whole=True, way="full")
    assert report.certificate["removed"] == [THREE]
    assert [each.alert.rule for each in every_alert(store, THREE)] == ["record-removed"]


def test_the_store_verifies_after_all_this(store, whole):
    """Whatever was missing, held or back, the chains and the contents agree."""
    for day, given in ((FRIDAY, some(6)), (MONDAY, _but(3)), (TUESDAY, some(6, **DONE))):
        whole(day, given)
    with store.reading() as tx:
        assert audit.verify(tx)["snapshots"] == 12
