"""Members of an archive that are no records, or records written in an odd way."""

from __future__ import annotations

import zipfile

import orjson
import pytest

from ctmonitor.store.questions import rejected
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
from tests.jobs.asking import number_held, told

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-04"
DONE = {"overall_status": "COMPLETED", "last_update_posted_date": "2026-03-01"}


OTHER_RECORD = dated(one(8), MONDAY)
BAD = {
    "not JSON": (b"no record", "neither the JSON"),
    "cut off": (dated(one(3, **DONE), MONDAY)[:-9], "not JSON that can be read"),
    "broken behind its date": (dated(one(3, **DONE), MONDAY)[:-1], "not JSON that can be read"),
    "of another kind": (b'{"nctId": "NCT00000003", "versionHolder":"2026-03-02"}', "another kind"),
    "without a number": (b'{"versionHolder":"2026-03-02", "a": 1}', "another kind"),
    "empty": (b"", "empty"),
    "of another study": (OTHER_RECORD, nct(8)),
}


@pytest.mark.parametrize("kind", ["sqlite"])
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
    assert report.counts.unchanged == 6
    assert any(why in report.gaps[0] for why in ("damaged", "checksum", "size"))
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


@pytest.mark.parametrize("kind", ["sqlite"])
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


def _pretty(study, of):
    return orjson.dumps(orjson.loads(dated(study, of)), option=orjson.OPT_INDENT_2)


def _spaced(study, of):
    return dated(study, of).replace(b'"versionHolder":"', b'"versionHolder": "')


def _undated(study, of):
    return orjson.dumps(study)


def _of_last_year(study, of):
    return dated(study, "2025-01-02")


@pytest.mark.parametrize("kind", ["sqlite"])
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


@pytest.mark.parametrize("kind", ["sqlite"])
def test_an_archive_without_any_date_is_read_whole_each_time(store, day):
    """Nothing proves of which release it is, so that nothing is proven of its members."""
    for title in ("One", "One", "Another"):
        members = {nct(at): _undated(one(at, brief_title=title), None) for at in range(1, 8)}
        report = day(FRIDAY, members=members, is_whole=True)
        assert report.certificate["read"] == 7 and report.way == "deep"
    assert counted(report) == {"changed": 7}
    members.pop(nct(3))
    assert counted(day(FRIDAY, members=members, is_whole=True)) == {"unchanged": 6, "missing": 1}
