"""The one history of a study: snapshots and versions on the registry's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ctmonitor.changes import MadeBy
from ctmonitor.store import timeline, versions
from ctmonitor.store.schema import former_numbers
from tests.builders import NUMBER, a_payload
from tests.histories import a_version, an_entry
from tests.histories import versions as made
from tests.looks import look

OTHER, THIRD = "NCT00000002", "NCT00000003"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LISTING = {
    "changes": [
        an_entry(0, "2025-01-10"),
        an_entry(1, "2025-06-10"),
        an_entry(2, "2025-08-01", reviewNotPassed=True),
        an_entry(3, "2026-02-03", "COMPLETED"),
    ]
}
CONTENTS = (
    a_version(1, "2025-06-10", enrollment=20, last_update_posted_date="2025-06-12"),
    a_version(3, "2026-02-03", overall_status="COMPLETED", last_update_posted_date="2026-02-05"),
)


@pytest.fixture
def told(store):
    """Two states seen, four versions back-filled, two of these with a content."""
    seen = {"2026-01-10": ("2025-06-12", "RECRUITING"), "2026-03-10": ("2026-02-05", "COMPLETED")}
    for today, (posted, status) in seen.items():
        look(
            store,
            a_payload(overall_status=status, last_update_posted_date=posted, data_date=today),
            today=today,
        )
    _fill(store, LISTING, *CONTENTS)
    return store


def _fill(store, *trees):
    with store.writing() as tx:
        versions.keep(tx, made(*trees), NOON)


def _merge(store, alias, into, day="2026-04-01"):
    row = {"alias": alias, "nct_id": into, "seen_at": f"{day}T09:00:00.000000Z"}
    with store.writing() as tx:
        tx.connection.execute(former_numbers.insert(), row)


def _asked(store, nct_id=NUMBER):
    with store.reading() as tx:
        numbers = timeline.numbers_of(tx, nct_id)
        return timeline.timeline(tx, numbers.every), numbers


def _registered(store, day, nct_id=NUMBER):
    found = timeline.as_registered(*_asked(store, nct_id), date.fromisoformat(day))
    return (found.nct_id, found.name) if found else None


def test_all_states_stand_in_the_order_of_the_registrys_clock(told):
    """Of one day, that which was seen first comes first."""
    moments, _ = _asked(told)
    assert [(one.registry_date, one.name) for one in moments] == [
        ("2025-01-10", "version 0"),
        ("2025-06-12", "snapshot 1"),
        ("2025-06-12", "version 1"),
        ("2025-08-01", "version 2"),
        ("2026-02-05", "snapshot 2"),
        ("2026-02-05", "version 3"),
    ]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2025-01-09", None),
        ("2025-01-10", "version 0"),
        ("2025-06-11", "version 0"),
        ("2025-06-12", "snapshot 1"),
        ("2025-08-02", "snapshot 1"),
        ("2026-02-04", "snapshot 1"),
        ("2030-01-01", "snapshot 2"),
    ],
)
def test_what_the_registry_said_on_a_day(told, day, name):
    """What we saw goes before a version of the day; one that failed its review was not shown."""
    assert _registered(told, day) == (name and (NUMBER, name))


def test_a_version_answers_where_nothing_was_seen(store):
    """By its own content, or by no more than its listing."""
    _fill(store, LISTING, *CONTENTS)
    assert _registered(store, "2025-12-31") == (NUMBER, "version 1")
    moments, _ = _asked(store)
    with store.reading() as tx:
        records = [timeline.record_of(tx, one) for one in moments]
    assert [one and one.facts.enrollment for one in records] == [None, 20, None, None]
    assert [one.has_content for one in moments] == [False, True, False, True]


@pytest.mark.parametrize(
    ("day", "name"),
    [("2026-01-09", None), ("2026-01-10", "snapshot 1"), ("2027-01-01", "snapshot 2")],
)
def test_what_we_knew_on_a_day_is_what_we_saw(told, day, name):
    """A version that was back-filled since is no sight of ours."""
    moments, numbers = _asked(told)
    at = datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=UTC)
    found = timeline.as_of(moments, numbers, at)
    assert (found and found.name) == name
    assert timeline.latest(moments, numbers).name == "snapshot 2"


def test_a_versions_changes_are_those_since_the_one_before(told):
    """Since the last one that has a content; two submissions are the sponsor's."""
    with told.reading() as tx:
        found = timeline.changes_by_version(tx, _asked(told)[0])
    assert found.keys() == {(NUMBER, 3)}
    before, changes = found[NUMBER, 3]
    said = {one.field: (one.before, one.after, one.made_by) for one in changes}
    assert before == 1
    assert said["overall_status"] == ("RECRUITING", "COMPLETED", MadeBy.SPONSOR)
    assert said["enrollment"] == (20, None, MadeBy.SPONSOR)


def test_versions_posted_on_one_day_are_two_submissions(store):
    """What changed between them was not made by the registry."""
    day = {"last_update_posted_date": "2025-06-12"}
    trees = [a_version(n, f"2025-06-1{n}", enrollment=n, **day) for n in (0, 1)]
    _fill(store, *trees)
    with store.reading() as tx:
        [(_, changes)] = timeline.changes_by_version(tx, _asked(store)[0]).values()
    assert [one.made_by for one in changes if one.field == "enrollment"] == [MadeBy.SPONSOR]


def test_a_version_and_a_snapshot_differ_in_no_derived_thing(store):
    """What a version cannot hold is no change against one."""
    derived = {"references": [{"pmid": "1", "type": "DERIVED"}], "data_date": "2026-01-01"}
    same = {"overall_status": "RECRUITING", "last_update_submit_date": "2025-06-10"}
    look(store, a_payload(**same, **derived))
    _fill(store, a_version(1, "2025-06-10"))
    with store.reading() as tx:
        pairs = [(one, timeline.record_of(tx, one)) for one in _asked(store)[0]]
    assert len(pairs) == 2 and timeline.differences(*pairs) == ()


def test_a_study_has_one_history_under_all_its_numbers(store):
    """Also where a number was merged into one that was merged again."""
    for nct_id in (NUMBER, OTHER, THIRD):
        look(store, a_payload(nct_id=nct_id, overall_status="RECRUITING"))
    _merge(store, NUMBER, OTHER)
    _merge(store, OTHER, THIRD)
    for nct_id in (NUMBER, OTHER, THIRD):
        moments, numbers = _asked(store, nct_id)
        assert (numbers.asked, numbers.now) == (nct_id, THIRD)
        assert set(numbers.every) == {one.nct_id for one in moments} == {NUMBER, OTHER, THIRD}


def test_numbers_that_lead_in_a_circle_end(store):
    """Whatever the registry said, the question comes to an end."""
    _merge(store, NUMBER, OTHER)
    _merge(store, OTHER, NUMBER)
    assert set(_asked(store, NUMBER)[1].every) == {NUMBER, OTHER}


@pytest.mark.parametrize(
    ("asked", "day", "answered"),
    [
        (NUMBER, "2026-03-31", NUMBER),
        (OTHER, "2026-03-31", OTHER),
        (NUMBER, "2026-04-01", OTHER),
        (OTHER, "2026-04-01", OTHER),
        (OTHER, "2026-01-15", NUMBER),
    ],
)
def test_until_their_merger_two_numbers_were_two_studies(store, asked, day, answered):
    """Before it each answers for itself where it can, then the one that is left for both."""
    for nct_id, posted in ((NUMBER, "2026-01-10"), (OTHER, "2026-02-10")):
        look(store, a_payload(nct_id=nct_id, last_update_posted_date=posted), today="2026-02-20")
    _merge(store, NUMBER, OTHER)
    assert _registered(store, day, asked)[0] == answered
