"""What a look writes: the present, its history in spans, and nothing by halves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from ctmonitor.records import Facts
from ctmonitor.store import studies as kept_studies
from ctmonitor.store.schema import states, studies
from ctmonitor.store.values import columns_of, day_of, facts_in, instant, moment
from tests.builders import NUMBER, a_payload, a_record
from tests.looks import look

FULL = {
    "overall_status": "UNKNOWN",
    "last_known_status": "RECRUITING",
    "status_verified_date": "2023-06",
    "start_date": "2020",
    "start_date_type": "ACTUAL",
    "primary_completion_date": "2024-02-29",
    "primary_completion_date_type": "ESTIMATED",
    "completion_date": "2025-01",
    "completion_date_type": "ESTIMATED",
    "enrollment": 2**40,
    "enrollment_type": "ESTIMATED",
    "lead_sponsor": "Müller & Søn 試",
    "why_stopped": "No money",
    "study_type": "INTERVENTIONAL",
    "has_results": True,
    "last_update_posted_date": "2023-06-30",
}


def _spans(store) -> list[tuple]:
    columns = ("number", "seen_from", "seen_until", "registry_from", "registry_until")
    with store.reading() as tx:
        query = sa.select(*(states.c[name] for name in columns), states.c.overall_status)
        rows = tx.connection.execute(query.order_by(states.c.number)).all()
    return [tuple(v[:10] if isinstance(v, str) else v for v in row) for row in rows]


def test_the_facts_of_a_study_come_back_as_they_were(store):
    """Every tracked field, whatever its type, is the same value after it was kept."""
    look(store, a_payload(**FULL, data_date="2026-03-01"))
    with store.reading() as tx:
        found = kept_studies.held(tx, [NUMBER])
    assert found[NUMBER].facts == a_record(**FULL, data_date="2026-03-01").facts


def test_a_study_never_seen_has_no_facts(store):
    """Nothing is held of it, not even a study without fields."""
    with store.reading() as tx:
        assert kept_studies.held(tx, [NUMBER]) == {}


def test_a_study_that_says_almost_nothing_is_kept(store):
    """A number alone is a study."""
    look(store, a_payload(brief_title=None))
    with store.reading() as tx:
        assert kept_studies.held(tx, [NUMBER])[NUMBER].facts == Facts(NUMBER)


def test_spans_of_the_tracked_fields_follow_each_other(store):
    """Each ends where the next begins, on both clocks, and the last is open."""
    for day, posted, status in (
        ("2026-01-10", "2026-01-05", "RECRUITING"),
        ("2026-02-10", "2026-02-05", "SUSPENDED"),
        ("2026-03-10", "2026-03-05", "RECRUITING"),
    ):
        look(store, a_payload(overall_status=status, last_update_posted_date=posted), today=day)
    assert _spans(store) == [
        (1, "2026-01-10", "2026-02-10", "2026-01-05", "2026-02-05", "RECRUITING"),
        (2, "2026-02-10", "2026-03-10", "2026-02-05", "2026-03-05", "SUSPENDED"),
        (3, "2026-03-10", None, "2026-03-05", None, "RECRUITING"),
    ]


def test_what_is_not_tracked_opens_no_span(store):
    """Another title is another snapshot, but the tracked fields stand as they stood."""
    look(store, a_payload(brief_title="One"), today="2026-01-10")
    look(store, a_payload(brief_title="Two"), today="2026-02-10")
    assert _spans(store) == [(1, "2026-01-10", None, None, None, None)]


def test_a_study_remembers_when_it_was_first_and_last_seen(store):
    """Looks without a change move the last day only."""
    look(store, a_payload(enrollment=1), today="2026-01-10")
    look(store, a_payload(enrollment=2), today="2026-02-10")
    look(store, a_payload(enrollment=2), today="2026-03-10")
    with store.reading() as tx:
        query = sa.select(studies.c.first_seen_at, studies.c.last_seen_at)
        row = tx.connection.execute(query).one()
    assert [one[:10] for one in row] == ["2026-01-10", "2026-03-10"]


@pytest.mark.parametrize("name", ["unknown_due_on", "verification_due_on", "completion_passed_on"])
def test_a_study_is_due_from_its_day_on(store, name):
    """Found on the day, not the day before; and only among the numbers asked for."""
    look(
        store,
        a_payload(
            overall_status="RECRUITING", status_verified_date="2025-06", completion_date="2026-01"
        ),
    )
    with store.reading() as tx:
        due_on = getattr(kept_studies.held(tx, [NUMBER])[NUMBER].facts, name)
        found = [
            [one.nct_id for one in kept_studies.due(tx, name, day, among)]
            for day, among in (
                (due_on - timedelta(days=1), None),
                (due_on, None),
                (due_on, [NUMBER]),
                (due_on, ["NCT00000009"]),
            )
        ]
    assert found == [[], [NUMBER], [NUMBER], []]


@pytest.mark.parametrize("micro", [0, 1, 999_999])
def test_an_instant_is_kept_in_utc_to_the_microsecond(micro):
    """From any zone, and back."""
    there = datetime(2026, 3, 2, 1, 30, 4, micro, timezone(timedelta(hours=5, minutes=30)))
    assert instant(there) == f"2026-03-01T20:00:04.{micro:06d}Z"
    assert moment(instant(there)) == there and moment(instant(there)).tzinfo is UTC


def test_instants_sort_as_text_as_they_do_in_time():
    """So that both databases order them alike."""
    first = datetime(999, 12, 31, 23, 59, 59, tzinfo=UTC)
    moments = [
        first,
        *(datetime(2026, 3, 2, tzinfo=UTC) + timedelta(milliseconds=n) for n in (0, 1)),
    ]
    assert sorted(map(instant, moments)) == [instant(one) for one in moments]


def test_facts_and_columns_are_each_others_way_back():
    """What is written into columns is read from them."""
    facts = a_record(**FULL, data_date="2026-03-01").facts
    row = {"nct_id": NUMBER, "lead_sponsor": facts.lead_sponsor, **columns_of(facts)}
    assert facts_in(row) == facts
    assert day_of(columns_of(facts)["data_date"]) == date(2026, 3, 1)
