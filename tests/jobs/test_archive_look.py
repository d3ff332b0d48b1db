"""A look at an archive reads what its directory does not prove unchanged, and misses nothing."""

from __future__ import annotations

import random

import pytest

from ctmonitor.formats import read_study
from ctmonitor.jobs import archive_look, intake
from tests.jobs.archives import (
    UNGUARDED,
    contents,
    counted,
    dated,
    everything,
    nct,
    number_of,
    one,
    some,
    twin_of,
)
from tests.jobs.asking import changed, number_held, subscribe, watch
from tests.jobs.crawling import made_days
from tests.looks import look

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-04"
DONE = {"overall_status": "COMPLETED", "last_update_posted_date": "2026-03-01"}


def _certified(report, *names):
    return tuple(report.certificate[name] for name in names)


def _history(seed, days):
    """By day, the studies of a small registry that lives some days."""
    made = made_days(random.Random(seed), days)
    return {each.data_timestamp[:10]: list(each.studies) for each in made}


def test_the_first_look_is_deep_and_the_next_reads_what_differs(day):
    """The directory proves all others, and the certificate says how many of each."""
    first = day(FRIDAY, some(20))
    second = day(MONDAY, [*some(19), one(20, **DONE), one(21)])
    assert (first.way, counted(first)) == ("deep", {"new": 20})
    assert counted(second) == {"new": 1, "changed": 1, "unchanged": 19} and second.way == "fast"
    assert _certified(second, "members", "proven_by_directory", "read") == (21, 19, 2)
    assert second.expected == second.counts.received == 21


def test_an_archive_of_which_only_the_date_moved_is_not_read(day):
    """Every member is proven unchanged, by a checksum that is another."""
    day(FRIDAY, some(20))
    again = day(MONDAY, some(20))
    assert counted(again) == {"unchanged": 20} and again.certificate["read"] == 0


@pytest.mark.parametrize("seed", range(3))
def test_archives_tell_what_lines_of_a_file_tell(store, plain, day, seed):
    """Contents, changes, alerts, spans, what is held and what is owed are the same."""
    for each in (store, plain):
        watch(each)
        subscribe(each)
    for of, studies in _history(seed, 4).items():
        archived = day(of, studies, today=of)
        lines = [dated(study, of) for study in studies]
        filed = look(plain, *lines, today=of, tuning=UNGUARDED)
        assert counted(archived) == counted(filed)
        assert archived.counts.changes == filed.counts.changes
        assert archived.counts.alerts == filed.counts.alerts
    said, wanted = everything(store), everything(plain)
    assert {name for name in said if said[name] != wanted[name]} == set()


@pytest.mark.parametrize("seed", range(2))
def test_every_day_of_every_study_can_be_rebuilt(store, day, seed):
    """Through six releases, each study is held as each of them had it."""
    kept = {}
    for of, studies in _history(100 + seed, 6).items():
        day(of, studies, today=of)
        for study in studies:
            of_it = number_of(study)
            kept[of_it, number_held(store, of_it)] = read_study(dated(study, of)).canonical
    assert contents(store) == kept


def test_a_look_is_deep_where_more_than_a_fifth_differs(day):
    """An archive written in another way is read as a whole, and said to be."""
    day(FRIDAY, some(20))
    fast = day(MONDAY, [*some(16), *some(4, first=17, **DONE)])
    deep = day(TUESDAY, [*some(5, **DONE), *some(11, first=6), *some(4, first=17, **DONE)])
    assert (fast.way, deep.way) == ("fast", "deep")
    assert deep.certificate["why"] == "the directory proves only 15 of 20"
    assert (deep.certificate["read"], counted(deep)) == (20, {"changed": 5, "unchanged": 15})


def test_a_look_is_deep_when_the_last_deep_one_is_a_week_old(day):
    """By the days of the releases, not of the looks."""
    ways = [day(of, some(5)).way for of in (FRIDAY, "2026-03-05", "2026-03-06", "2026-03-07")]
    assert ways == ["deep", "fast", "deep", "fast"]


def test_a_deep_look_can_be_asked_for(day):
    """Everything is read, and nothing found that the directory did not prove."""
    day(FRIDAY, some(5))
    report = day(MONDAY, some(5), is_deep=True)
    assert _certified(report, "way", "why", "read") == ("deep", "asked for", 5)
    assert (counted(report), report.certificate["proven_wrongly_count"]) == ({"unchanged": 5}, 0)


def test_a_forged_checksum_is_found_by_the_next_deep_look(store, day):
    """An edit of equal length and CRC-32 passes a fast look, and a deep one names the study."""
    text = "in which nobody knows whether many letters of a long title matter at all"
    before, after = dated(one(3, brief_title=text), MONDAY).split(text.encode())
    forged = twin_of(text, before, behind=len(after))
    day(FRIDAY, [*some(2), one(3, brief_title=text)])
    edited = [*some(2), one(3, brief_title=forged)]
    assert counted(day(MONDAY, edited)) == {"unchanged": 3} and changed(store, nct(3)) == []
    report = day(TUESDAY, edited, is_deep=True)
    assert report.certificate["proven_wrongly"] == [nct(3)]
    assert changed(store, nct(3)) == [("brief_title", text, forged)]


def test_a_deep_look_at_a_part_is_none_at_the_whole(day):
    """A small archive that was read deeply proves nothing of the studies that it lacks."""
    day(FRIDAY, some(9), is_whole=True)
    assert day("2026-03-05", some(2), is_deep=True).way == "deep"
    assert day("2026-03-08", some(9), is_whole=True).way == "deep"


def test_a_study_changed_by_a_file_between_two_archives_is_read_again(store, day):
    """What the directory proves is only that the archive has what it had."""
    day(FRIDAY, some(9))
    look(store, dated(one(3, **DONE), MONDAY))
    report = day(TUESDAY, [*some(2), one(3, **DONE), *some(6, first=4)])
    assert counted(report) == {"unchanged": 9} and number_held(store, nct(3)) == 2
    assert report.certificate["read"] == 1


def test_a_study_that_a_file_changed_is_changed_back(store, day):
    """The archive has what it had, and the store has not."""
    day(FRIDAY, some(9))
    look(store, dated(one(3, brief_title="Another"), MONDAY))
    assert counted(day(TUESDAY, some(9))) == {"unchanged": 8, "changed": 1}
    assert changed(store, nct(3))[-1] == ("brief_title", "Another", "Made study 3")
    assert counted(day(WEDNESDAY, some(9))) == {"unchanged": 9} and number_held(store, nct(3)) == 3


@pytest.mark.parametrize("is_deep", [False, True])
def test_a_file_that_is_looked_at_meanwhile_hides_no_later_change(store, day, is_deep):
    """A study changed elsewhere between a look's begin and its end is read by the next one."""
    day(FRIDAY, some(9))
    meanwhile = [dated(one(3, brief_title="Another"), TUESDAY)]

    def another(_progress):
        while meanwhile:
            look(store, meanwhile.pop())

    day(MONDAY, some(9), is_deep=is_deep, plan={"progress": another})
    assert number_held(store, nct(3)) == 2
    assert counted(day(WEDNESDAY, some(9))) == {"unchanged": 8, "changed": 1}
    assert changed(store, nct(3))[-1] == ("brief_title", "Another", "Made study 3")


def test_a_new_study_that_another_look_saw_meanwhile_is_no_fault(store, day, monkeypatch):
    """Between the archive's directory and its members, a file may bring the same new study."""
    monkeypatch.setattr(archive_look, "AT_ONCE", 4)
    monkeypatch.setattr(intake, "PIECES_AT_ONCE", 4)
    monkeypatch.setattr(intake, "FIRST_AT_ONCE", 4)
    meanwhile = [dated(one(9), MONDAY)]

    def another(_progress):
        while meanwhile:
            look(store, meanwhile.pop())

    report = day(MONDAY, some(9), plan={"progress": another})
    assert report.counts.received == 9 and number_held(store, nct(9)) == 1


def test_an_older_archive_changes_nothing_back(store, day):
    """What it says otherwise is counted as older; what it says alike is unchanged."""
    day(FRIDAY, some(5))
    day(MONDAY, [*some(4), one(5, **DONE)])
    before = everything(store)
    report = day("2026-02-26", some(5))
    assert counted(report) == {"unchanged": 5, "older": 1}
    assert everything(store) == before
    assert counted(day(TUESDAY, [*some(4), one(5, **DONE)])) == {"unchanged": 5}


def test_an_older_archive_does_not_make_a_study_look_older(store, day):
    """After it, a release between the two is still older than what was shown last."""
    for of in (FRIDAY, WEDNESDAY, FRIDAY):
        day(of, some(5))
    between = look(store, dated(one(3, brief_title="As of Monday"), MONDAY))
    assert counted(between) == {"unchanged": 1, "older": 1} and changed(store, nct(3)) == []


def test_an_older_archive_of_the_whole_registry_is_stale(store, day):
    """Nothing is read, and nothing is called missing."""
    day(MONDAY, some(5), is_whole=True)
    report = day(FRIDAY, some(3), is_whole=True)
    assert (report.state, report.way, report.counts.missing) == ("stale", "stale", 0)
    assert counted(day(TUESDAY, some(5), is_whole=True)) == {"unchanged": 5}


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("mixed", [0, 0.1])
@pytest.mark.parametrize("seed", range(3))
def test_archives_in_any_order_tell_what_lines_of_a_file_tell(store, plain, day, seed, mixed):
    """Releases come twice and late, files lie between, and some members are of other days."""
    drawn = random.Random(seed)
    releases = list(_history(200 + seed, 5).items())
    for of, studies in [*releases, *drawn.choices(releases, k=5)]:
        others = {each: drawn.choice(releases)[0] for each in map(number_of, studies)}
        days = [others[number_of(each)] if drawn.random() < mixed else of for each in studies]
        lines = {number_of(each): dated(each, its) for each, its in zip(studies, days, strict=True)}
        look(plain, *(lines[each] for each in sorted(lines)), today=of, tuning=UNGUARDED)
        if drawn.random() < 0.3:
            look(store, *lines.values(), today=of, tuning=UNGUARDED)
        else:
            day(of, members=lines, today=of, is_deep=drawn.random() < 0.2)
    said, wanted = everything(store), everything(plain)
    differs = {name for name in said if said[name] != wanted[name]}
    # A member that says what is held, and is of another day than its archive, moves no date.
    assert differs <= ({"held"} if mixed else set())
