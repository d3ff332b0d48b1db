"""A look at an archive reads what its directory does not prove unchanged, and misses nothing."""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
import shutil
import signal
import tracemalloc
import zipfile

import orjson
import pytest
import sqlalchemy as sa

from ctmonitor.errors import ChainBroken, CtmonitorError
from ctmonitor.formats import read_study
from ctmonitor.jobs import archive_look, intake, reading
from ctmonitor.store import audit, open_store
from ctmonitor.store.contents import content_at
from ctmonitor.store.questions import rejected
from ctmonitor.store.schema import dictionaries, snapshots
from tests.jobs.archives import (
    UNGUARDED,
    an_archive,
    contents,
    counted,
    damage,
    dated,
    everything,
    look_at,
    nct,
    number_of,
    one,
    some,
    twin_of,
)
from tests.jobs.asking import changed, number_held, subscribe, told, watch
from tests.jobs.crawling import made_days
from tests.looks import look
from tests.store.tampering import past_the_guards

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-04"
DONE = {"overall_status": "COMPLETED", "last_update_posted_date": "2026-03-01"}


@pytest.fixture
def day(store, tmp_path):
    """Looks at an archive of a day's studies; `terms` go to the look."""

    def looked(day_, given=(), members=None, **terms):
        made = an_archive(tmp_path / f"of-{day_}.zip", day_, given, members)
        return look_at(store, made, **terms)

    return looked


@pytest.fixture
def plain(upgraded_file, tmp_path):
    """Another store, which sees the same studies as lines of a file."""
    shutil.copy(upgraded_file, tmp_path / "plain.db")
    opened = open_store(f"sqlite:///{tmp_path / 'plain.db'}")
    yield opened
    opened.close()


@pytest.fixture
def slow(monkeypatch):
    """Looks that take their members in by threes, so that they can end anywhere between."""
    for room in (archive_look, reading):
        monkeypatch.setattr(room, "AT_ONCE", 3)
    monkeypatch.setattr(intake, "PIECES_AT_ONCE", 3)


@pytest.fixture
def two(monkeypatch, slow):
    """Looks of a few members by two processes, where two are asked for."""
    monkeypatch.setattr(reading, "FEWEST_FOR_PROCESSES", 10)


def _certified(report, *names):
    return tuple(report.certificate[name] for name in names)


def _history(seed, days):
    """By day, the studies of a small registry that lives some days."""
    made = made_days(random.Random(seed), days)
    return {each.data_timestamp[:10]: list(each.studies) for each in made}


# --- the fast look -----------------------------------------------------------------------------


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


def test_several_processes_make_what_one_makes(store, plain, tmp_path, two):
    """Whether this process reads the members or two others do, the store says the same."""
    for of, status in ((FRIDAY, "RECRUITING"), (MONDAY, "SUSPENDED")):
        path = an_archive(tmp_path / f"{of}.zip", of, some(45, overall_status=status))
        assert look_at(store, path, today=of, processes=2).counts.received == 45
        look_at(plain, path, today=of, processes=1)
    assert everything(store) == everything(plain)


# --- deep looks --------------------------------------------------------------------------------


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


# --- other sources between -----------------------------------------------------------------------


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
    meanwhile = [dated(one(9), MONDAY)]

    def another(_progress):
        while meanwhile:
            look(store, meanwhile.pop())

    report = day(MONDAY, some(9), plan={"progress": another})
    assert report.counts.received == 9 and number_held(store, nct(9)) == 1


# --- older releases -----------------------------------------------------------------------------


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


# --- bad members ---------------------------------------------------------------------------------

OTHER_RECORD = dated(one(8), MONDAY)
BAD = {
    "not JSON": (b"no record", "neither the JSON"),
    "cut off": (dated(one(3, **DONE), MONDAY)[:-9], "not JSON that can be read"),
    "broken behind its date": (dated(one(3, **DONE), MONDAY)[:-1], "not JSON that can be read"),
    "of another kind": (b'{"nctId": "NCT00000003", "versionHolder":"2026-03-02"}', "another kind"),
    "without a number": (b'{"versionHolder":"2026-03-02", "a": 1}', "another kind"),
    "empty": (b"", "empty"),
    "of another study": (OTHER_RECORD, "holds the record of NCT00000008"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_bad_member_is_set_aside_each_time_it_is_met(store, day, name, is_known):
    """Each look rejects it with the reason, and the other studies are as they are."""
    payload, why = BAD[name]
    day(FRIDAY, some(7) if is_known else [*some(2), *some(4, first=4)])
    others = [each for each in some(7) if number_of(each) != nct(3)]
    for of in (MONDAY, TUESDAY):
        report = day(of, others, {nct(3): payload.replace(MONDAY.encode(), of.encode())})
        assert report.counts.rejected == 1
        assert (report.counts.changed, report.counts.received) == (0, 7)
        with store.reading() as tx:
            [row] = rejected(tx, report.sweep, None)
        assert why in row["reason"] and row["nct_id"] in (nct(3), None)
    mended = day(WEDNESDAY, [*others, one(3)])
    assert counted(mended) == ({"unchanged": 7} if is_known else {"unchanged": 6, "new": 1})


def test_a_damaged_member_makes_the_look_partial_and_is_read_next_time(store, tmp_path):
    """Nobody knows what it says, so that the look has a gap, and the others are read."""
    look_at(store, an_archive(tmp_path / "1.zip", FRIDAY, some(7)))
    broken = an_archive(tmp_path / "2.zip", MONDAY, [*some(6), one(7, **DONE)])
    damage(broken, nct(7))
    report = look_at(store, broken)
    assert (report.state, report.counts.rejected) == ("partial", 1)
    assert report.counts.unchanged == 6 and "damaged" in report.gaps[0] or "checksum" in report.gaps[0]
    again = look_at(store, an_archive(tmp_path / "3.zip", TUESDAY, [*some(6), one(7, **DONE)]))
    assert counted(again) == {"unchanged": 6, "changed": 1}


def test_a_number_that_stands_twice_is_a_gap(store, tmp_path):
    """One of the two is read, and the look says that another is there."""
    path = an_archive(tmp_path / "twice.zip", FRIDAY, some(4))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"elsewhere/{nct(3)}.json", dated(one(3, **DONE), FRIDAY))
    report = look_at(store, path)
    assert (report.state, counted(report)) == ("partial", {"new": 4, "rejected": 1})
    assert "another member is named as the same study" in report.gaps[0]


def test_a_number_among_other_facts_is_not_the_records_own(day):
    """A record may name another study before its own number; it is read for what it is."""
    study = one(7, has_expanded_access=True, expanded_access_nct_id=nct(5))
    protocol = study["protocolSection"]
    study["protocolSection"] = {name: protocol[name] for name in reversed(protocol)}
    assert counted(day(FRIDAY, [*some(6), study])) == {"new": 7}


@pytest.mark.parametrize("count", [2, 9])
def test_a_number_far_behind_is_held_against_the_members_name(store, day, count):
    """A record of a known study under another's name is set aside, however long it is."""
    long = {"detailed_description": "x" * 1_100_000 + str(list(range(3000)))}
    protocol = one(2, **long, **DONE)["protocolSection"]
    tree = {"protocolSection": {name: protocol[name] for name in reversed(protocol)}}
    day(FRIDAY, some(count))
    report = day(MONDAY, some(2), {nct(7): dated(tree, MONDAY)})
    assert counted(report) == {"unchanged": 2, "rejected": 1} and number_held(store, nct(2)) == 1


def test_nothing_but_rejects_is_no_fault_of_the_next_look(store, day):
    """An archive of which nothing could be remembered is followed by one that is read."""
    bad = {nct(1): b'{"versionHolder":"2026-02-27"}', nct(2): b'{"versionHolder":"2026-02-27"}'}
    assert day(FRIDAY, members=bad).counts.rejected == 2
    assert counted(day(MONDAY, some(4))) == {"new": 4}


# --- odd members -----------------------------------------------------------------------------------


def _pretty(study, of):
    return orjson.dumps(orjson.loads(dated(study, of)), option=orjson.OPT_INDENT_2)


def _spaced(study, of):
    return dated(study, of).replace(b'"versionHolder":"', b'"versionHolder": "')


def _undated(study, of):
    return orjson.dumps(study)


def _of_last_year(study, of):
    return dated(study, "2025-01-02")


@pytest.mark.parametrize("write", [_pretty, _spaced, _undated, _of_last_year])
def test_members_written_in_an_odd_way_are_read_and_judged(store, day, write):
    """However a record is written, the first look sees it, the next finds it unchanged or not."""
    others = some(8)
    day(FRIDAY, others, {nct(9): write(one(9), FRIDAY)})
    assert counted(day(MONDAY, others, {nct(9): write(one(9), MONDAY)})) == {"unchanged": 9}
    assert counted(day(TUESDAY, others, {nct(9): write(one(9), TUESDAY)})) == {"unchanged": 9}
    report = day(WEDNESDAY, others, {nct(9): write(one(9, **DONE), WEDNESDAY)})
    assert counted(report) == {"unchanged": 8, "changed": 1} and number_held(store, nct(9)) == 2


def test_the_same_record_in_another_order_is_no_change(store, day):
    """It is read once, makes no snapshot and no alert, and is proven from then on."""

    def turned(of):
        return {nct(7): orjson.dumps(dict(reversed(orjson.loads(dated(one(7), of)).items())))}

    day(FRIDAY, some(7))
    read = [day(of, some(6), turned(of)) for of in (MONDAY, TUESDAY)]
    assert [counted(each) for each in read] == [{"unchanged": 7}] * 2
    assert [each.certificate["read"] for each in read] == [1, 0]
    assert number_held(store, nct(7)) == 1 and told(store) == []


# --- dictionaries ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """An archive of 1,040 studies, in which a dictionary can find something in common."""
    drawn = random.Random(4)
    words = [f"{drawn.randrange(10**9):x}" for _ in range(400)]

    def text(count):
        return " ".join(drawn.choices(words, k=count))

    given = [one(at, brief_summary=text(60), official_title=text(9)) for at in range(1, 1041)]
    path = tmp_path_factory.mktemp("large") / "day.zip"
    return an_archive(path, FRIDAY, given), given


def test_many_new_studies_are_kept_with_what_they_have_in_common(store, large):
    """One dictionary is made, once, and every content is rebuilt as it was."""
    path, given = large
    look_at(store, path)
    look_at(store, path, is_deep=True)
    wanted = {(number_of(each), 1): read_study(dated(each, FRIDAY)).canonical for each in given}
    assert contents(store) == wanted
    with store.reading() as tx:
        assert len(tx.connection.execute(dictionaries.select()).all()) == 1
        assert audit.verify(tx)["dictionaries"] == 1


def test_a_lost_dictionary_is_found_by_verify(store, kind, large):
    """What was packed with it can be read no more, and the audit names it."""
    look_at(store, large[0])
    with past_the_guards(store, kind) as tx:
        tx.connection.execute(dictionaries.delete())
        with pytest.raises(ChainBroken, match="dictionaries: it ends at row 0, but 1 were"):
            audit.verify(tx)
        with pytest.raises(ChainBroken, match="dictionaries: row 1 is gone, and contents need it"):
            content_at(tx, nct(9), 1)


def test_a_few_new_studies_make_no_dictionary(store, day):
    """What is common to few is not known."""
    day(FRIDAY, some(20))
    with store.reading() as tx:
        assert tx.connection.execute(dictionaries.select()).all() == []


# --- looks that end early --------------------------------------------------------------------------


def _dying(after, problem=RuntimeError):
    """A plan whose look ends with an error after so many batches."""
    left = [after]

    def progress(_progress):
        left[0] -= 1
        if left[0] < 0:
            raise problem("broken")

    return {"progress": progress}


def _lives(store, day, *dyings):
    """Two days of thirty studies; each look that dies is followed by one that does not."""
    watch(store)
    subscribe(store)
    first = some(30, overall_status="UNKNOWN", status_verified_date="2020-01")
    second = [*first[:9], *some(12, first=10, **DONE), *first[21:], *some(5, first=31)]
    for given, of, after in zip((first, second), (FRIDAY, MONDAY), dyings, strict=True):
        if after is not None:
            with pytest.raises(RuntimeError):
                day(of, given, plan=_dying(after))
        day(of, given)
    said = everything(store)
    # Who is owed what may come in two letters instead of one.
    letters = said.pop("owed")
    return said, sorted(alert for _, told, _ in letters for alert in told)


@pytest.mark.parametrize("after", [(0, None), (4, None), (None, 0), (None, 3), (7, 5)])
def test_a_look_that_ended_early_is_made_up_for(store, plain, slow, day, tmp_path, after):
    """After the next look, the store says what it would without the fault, each alert once."""

    def elsewhere(of, given, **terms):
        path = an_archive(tmp_path / f"elsewhere-{of}.zip", of, given)
        return look_at(plain, path, **terms)

    assert _lives(store, day, *after) == _lives(plain, elsewhere, None, None)


def test_a_look_that_ended_early_proves_nothing(store, slow, day):
    """What it took in is read once more, and proven again in the end."""
    day(FRIDAY, some(30))
    edited = [*some(25), *some(5, first=26, **DONE)]
    with pytest.raises(RuntimeError):
        day(MONDAY, edited, plan=_dying(1))
    read = [day(of, edited).certificate["read"] for of in (MONDAY, TUESDAY, WEDNESDAY)]
    assert (read[0], read[-1]) == (5, 0)


def test_the_dictionary_of_a_look_that_ended_early_is_used(store, large, monkeypatch):
    """It was kept before any content, and the next look packs with it."""
    monkeypatch.setattr(archive_look, "AT_ONCE", 100)
    with pytest.raises(RuntimeError):
        look_at(store, large[0], plan=_dying(0))
    look_at(store, large[0])
    with store.reading() as tx:
        used = sa.select(snapshots.c.dictionary_id).distinct()
        assert tx.connection.execute(used).scalars().all() == [1]
        assert audit.verify(tx)["snapshots"] == 1040


# --- processes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_damaged_member_is_set_aside_by_whichever_process_reads_it(store, two, tmp_path):
    """Its error crosses from one process to the other as a reject, like any other."""
    path = an_archive(tmp_path / "1.zip", FRIDAY, some(40))
    damage(path, nct(33))
    report = look_at(store, path, processes=2)
    assert (report.state, counted(report)) == ("partial", {"new": 39, "rejected": 1})
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_no_process_outlives_a_look_that_failed(store, two, tmp_path):
    """An error in the process that writes ends the ones that read."""
    path = an_archive(tmp_path / "1.zip", FRIDAY, some(60))
    with pytest.raises(RuntimeError):
        look_at(store, path, processes=2, plan=_dying(1))
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_killed_reader_ends_the_look_in_one_sentence(store, two, tmp_path):
    """The memory may run out for one of them; what was kept stays, and the next look goes on."""
    path = an_archive(tmp_path / "1.zip", FRIDAY, some(200))

    def kill(_progress):
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGKILL)

    with pytest.raises(CtmonitorError) as ended:
        look_at(store, path, processes=2, plan={"progress": kill})
    assert ended.value.exit_code in (4, 5) and "process" in str(ended.value)
    assert multiprocessing.active_children() == []
    assert look_at(store, path, processes=2).counts.received == 200
    with store.reading() as tx:
        assert audit.verify(tx)["snapshots"] == 200


# --- what is left behind --------------------------------------------------------------------------


def _open_files():
    return sorted(os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
                  if os.path.exists(f"/proc/self/fd/{fd}"))


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_look_gives_its_files_back(store, day):
    """Also one that ends with an error."""
    day(FRIDAY, some(9))

    def fail(_progress):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        day(MONDAY, some(9), is_deep=True, plan={"progress": fail})
    assert not [name for name in _open_files() if name.endswith(".zip")]


def _peak(store, path):
    """The most memory that Python took during a look."""
    gc.collect()
    tracemalloc.start()
    try:
        assert look_at(store, path).certificate["read"] == 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_is_proven_unchanged_is_not_in_memory(store, plain, large, tmp_path):
    """A thousand more studies, none of them read, take less than a few numbers each."""
    peaks = []
    for each, given in ((store, some(40)), (plain, large[1])):
        look_at(each, an_archive(tmp_path / "first.zip", FRIDAY, given))
        later = [an_archive(tmp_path / f"{of}.zip", of, given) for of in (MONDAY, TUESDAY)]
        _peak(each, later[0])
        peaks.append(_peak(each, later[1]))
    assert peaks[1] - peaks[0] < 1_000 * 400
