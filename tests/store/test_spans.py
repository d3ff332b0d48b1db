"""How many studies stood, on both clocks; and that no question reads a whole table for it."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from ctmonitor.records import OverallStatus, PartialDate
from ctmonitor.store import questions, spans, studies, timeline
from ctmonitor.store.questions import Filter
from ctmonitor.store.schema import former_numbers, states
from ctmonitor.store.schema import studies as studies_table
from ctmonitor.store.values import instant
from tests.builders import a_payload
from tests.looks import look

NUMBERS = tuple(f"NCT{number:08d}" for number in range(1, 7))
SPONSORS = ("Acme Pharma", "University of Bonn", None)
STATUSES = ("RECRUITING", "COMPLETED", "UNKNOWN", None)
BIG = ("changes", "snapshots", "states", "studies", "alerts")
FIRST = date(2026, 1, 5)


def _asked(store, question, *args):
    with store.reading() as tx:
        return question(tx, *args)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)


def _a_past(store, seed: int) -> list[date]:
    """Looks a few days apart at studies that come, go on and change as chance wills."""
    rng, days, posted = random.Random(seed), [], {}
    for at in range(8):
        day = FIRST + timedelta(days=4 * at)
        given = []
        for nct_id in rng.sample(NUMBERS, 4):
            # A record bears the day of its last posting, which never goes back.
            posted[nct_id] = max(posted.get(nct_id, FIRST), day - timedelta(days=rng.randrange(4)))
            given.append(
                a_payload(
                    nct_id=nct_id,
                    overall_status=rng.choice(STATUSES),
                    lead_sponsor=rng.choice(SPONSORS),
                    primary_completion_date=rng.choice(("2027-01", "2027-01-15", "2027-06")),
                    completion_date=rng.choice(("2028", "2028-03-01", None)),
                    enrollment=rng.choice((10, 2**33)),
                    last_update_posted_date=posted[nct_id],
                )
            )
        look(store, *given, today=str(day))
        days.append(day)
    return days


def _stood(tx, nct_id, at):
    """The record at a moment by the history of its study: slow, and plain to see."""
    moments = timeline.timeline(tx, [nct_id])
    by = timeline.as_of if isinstance(at, datetime) else timeline.as_registered
    moment = by(moments, timeline.numbers_of(tx, nct_id), at)
    return None if moment is None else timeline.record_of(tx, moment).facts


@pytest.mark.parametrize("seed", range(4))
def test_spans_say_what_the_histories_say(store, seed):
    """Every tracked fact of every study on every day, by both clocks."""
    days = _a_past(store, seed)
    with store.reading() as tx:
        for day in (FIRST - timedelta(days=9), *days, *(one + timedelta(days=2) for one in days)):
            for at in (day, _end_of(day)):
                wanted = {one: facts for one in NUMBERS if (facts := _stood(tx, one, at))}
                found = spans.facts_as_of(tx, NUMBERS, at)
                assert found.keys() == wanted.keys()
                for nct_id, facts in wanted.items():
                    same = {
                        name: getattr(found[nct_id], name)
                        for name in spans.Tracked.__slots__
                        if name != "number"
                    }
                    assert same == {name: getattr(facts, name) for name in same}


@pytest.mark.parametrize("seed", range(2))
def test_counts_are_the_facts_counted(store, seed):
    """By status and by sponsor, of all studies and of a list, by both clocks."""
    days = _a_past(store, seed)
    with store.reading() as tx:
        for at in (days[2], _end_of(days[2]), days[-1], _end_of(days[-1])):
            for some in (None, NUMBERS[:3]):
                facts = spans.facts_as_of(tx, some or NUMBERS, at).values()
                by_status = spans.statuses_as_of(tx, at, some)
                assert by_status == Counter(one.overall_status for one in facts)
                by_sponsor = spans.sponsors_as_of(tx, at, some)
                assert by_sponsor == Counter(one.lead_sponsor for one in facts)


@pytest.mark.parametrize("seed", range(3))
def test_flips_are_the_changes_to_unknown(store, seed):
    """Each is counted once, with who led the study then; a first sight is no turn."""
    days = _a_past(store, seed)
    begin, end = _end_of(days[1]), _end_of(days[5])
    with store.reading() as tx:
        turned = Counter(
            spans.facts_as_of(tx, [one.nct_id], datetime.fromisoformat(one.seen_at))[
                one.nct_id
            ].lead_sponsor
            for one in questions.changes_seen(
                tx, Filter(fields=("overall_status",), since=begin, until=end)
            )
            if one.change.after == "UNKNOWN"
        )
        found = spans.flips_by_sponsor(tx, begin, end)
    assert dict(found) == turned
    assert [count for _, count in found] == sorted(turned.values(), reverse=True)


def test_a_flip_is_also_found_by_the_registrys_clock(store):
    """Seen in March, said by the registry in February."""
    given = {"lead_sponsor": "Acme", "overall_status": "RECRUITING"}
    look(store, a_payload(**given, last_update_posted_date="2026-01-02"), today="2026-01-03")
    turned = given | {"overall_status": "UNKNOWN", "last_update_posted_date": "2026-02-10"}
    look(store, a_payload(**turned), today="2026-03-03")
    february, march = (date(2026, month, 1) for month in (2, 3))
    assert _asked(store, spans.flips_by_sponsor, february, march) == [("Acme", 1)]
    assert _asked(store, spans.flips_by_sponsor, march, date(2026, 4, 1)) == []
    assert _asked(store, spans.flips_by_sponsor, _end_of(march), _end_of(date(2026, 4, 1))) == [
        ("Acme", 1)
    ]


def _slipping(store) -> None:
    moves = (
        ("2026-01-10", "2027-01", "2028-01"),
        ("2026-02-10", "2027-01-20", "2028-06"),  # more exact, and later
        ("2026-03-10", "2027-05", "2028-02"),  # later, and earlier
    )
    for day, primary, whole in moves:
        dates = {"primary_completion_date": primary, "completion_date": whole}
        look(
            store,
            a_payload(**dates, lead_sponsor="Acme 100%", last_update_posted_date=day),
            a_payload(nct_id=NUMBERS[1], **dates, lead_sponsor="Bonn_x"),
            today=day,
        )


def test_slips_are_moves_to_a_later_day(store):
    """Neither a more exact date nor an earlier one; the latest first, with its days."""
    _slipping(store)
    first, last = reversed(_asked(store, spans.slips, "acme", None, None))
    assert (first.field, str(first.before), str(first.after)) == (
        "completion_date",
        "2028-01",
        "2028-06",
    )
    assert (last.field, last.days, last.lead_sponsor) == (
        "primary_completion_date",
        131,
        "Acme 100%",
    )
    assert last.after == PartialDate(2027, 5) and last.registry_date == "2026-03-10"


@pytest.mark.parametrize(
    ("sponsor", "since", "until", "count"),
    [
        (None, None, None, 4),
        ("%", None, None, 2),
        ("BONN_", None, None, 2),
        ("nobody", None, None, 0),
        ("acme", date(2026, 3, 10), None, 1),
        (None, None, date(2026, 3, 10), 1),
        (None, datetime(2026, 3, 1, tzinfo=UTC), None, 2),
        (None, datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), 2),
        ("Acme", None, datetime(2026, 2, 1, tzinfo=UTC), 0),
    ],
)
def test_slips_are_narrowed_by_sponsor_and_time(store, sponsor, since, until, count):
    """By a part of the name, signs and all; by instants of ours or days of the registry."""
    _slipping(store)
    assert len(_asked(store, spans.slips, sponsor, since, until)) == count


def test_the_gone_are_not_counted(store):
    """From the day on a study is removed, or merged into another; before, it is."""
    given = [a_payload(nct_id=one, overall_status="RECRUITING") for one in NUMBERS[:3]]
    look(store, *given, today="2026-01-10")
    with store.writing() as tx:
        removed = {"missing_since": instant(_end_of(date(2026, 2, 2))), "removed_on": "2026-02-03"}
        one = studies_table.c.nct_id == NUMBERS[0]
        tx.connection.execute(studies_table.update().where(one).values(removed))
        merged = {"alias": NUMBERS[1], "nct_id": NUMBERS[2]}
        then = instant(datetime(2026, 2, 5, 9, tzinfo=UTC))
        tx.connection.execute(former_numbers.insert().values(**merged, seen_at=then))
    counts = [
        _asked(store, spans.statuses_as_of, _end_of(date(2026, 2, day)), some)
        for day in (2, 3, 4, 5)
        for some in (None, NUMBERS)
    ]
    assert [one[OverallStatus.RECRUITING] for one in counts] == [3, 3, 2, 2, 2, 2, 1, 1]


def test_a_span_without_a_day_of_the_registry_is_none_on_its_clock(store):
    """The last one before it that had a day goes on there, and is counted once."""
    dated = {"last_update_posted_date": "2026-01-02"}
    look(store, a_payload(overall_status="RECRUITING", **dated), today="2026-01-10")
    look(store, a_payload(overall_status="SUSPENDED"), today="2026-02-10")
    look(store, a_payload(overall_status="COMPLETED"), today="2026-03-10")
    with store.reading() as tx:
        days = tx.connection.execute(sa.select(states.c.registry_from)).scalars().all()
    assert days == ["2026-01-02", None, None]
    found = _asked(store, spans.statuses_as_of, date(2026, 6, 1))
    assert found == {OverallStatus.RECRUITING: 1}
    ours = _asked(store, spans.statuses_as_of, _end_of(date(2026, 6, 1)))
    assert ours == {OverallStatus.COMPLETED: 1}
    posted = {"last_update_posted_date": "2026-04-02"}
    look(store, a_payload(overall_status="WITHDRAWN", **posted), today="2026-04-10")
    months = [_asked(store, spans.statuses_as_of, date(2026, month, 30)) for month in (3, 4)]
    assert months == [{OverallStatus.RECRUITING: 1}, {OverallStatus.WITHDRAWN: 1}]


def test_a_replay_of_an_earlier_day_counts_nothing_twice(store):
    """What was looked at last stands, from the day on that the look believed in."""
    for day, status in (("03-10", "RECRUITING"), ("02-10", "SUSPENDED"), ("04-10", "COMPLETED")):
        look(store, a_payload(overall_status=status), today=f"2026-{day}")
    with store.reading() as tx:
        for month, number in ((1, None), (2, 2), (3, 2), (4, 3)):
            at = _end_of(date(2026, month, 15))
            facts = spans.facts_as_of(tx, NUMBERS, at)
            assert questions.number_as_of(tx, NUMBERS[0], at) == number
            assert [one.number for one in facts.values()] == ([number] if number else [])
            assert spans.statuses_as_of(tx, at).total() == len(facts)


def test_what_is_unknown_already_is_not_due(store):
    """Its day to turn has passed, and it has turned."""
    lapsed = {"status_verified_date": "2023-01", "last_known_status": "RECRUITING"}
    look(store, a_payload(overall_status="UNKNOWN", **lapsed))
    look(store, a_payload(nct_id=NUMBERS[1], overall_status="RECRUITING", **lapsed))
    look(store, a_payload(nct_id=NUMBERS[2], status_verified_date="2023-01"))
    with store.reading() as tx:
        due = list(studies.due(tx, "unknown_due_on", date(2026, 3, 2), None))
    assert [one.nct_id for one in due] == [NUMBERS[1]]


QUESTIONS = {
    "history": lambda tx: [
        questions.snapshots_of(tx, NUMBERS[0]),
        questions.changes_of(tx, NUMBERS[0]),
    ],
    "status changes of a week": lambda tx: questions.changes_seen(
        tx, Filter(fields=("overall_status",), since=_end_of(FIRST), until=_end_of(FIRST))
    ),
    "flips in a month": lambda tx: spans.flips_by_sponsor(tx, _end_of(FIRST), _end_of(FIRST)),
    "studies as of a date": lambda tx: spans.facts_as_of(tx, NUMBERS, _end_of(FIRST)),
    "studies as registered": lambda tx: spans.facts_as_of(tx, NUMBERS, FIRST),
    "slips of a sponsor": lambda tx: spans.slips(tx, "Acme", None, None),
    "slips of a month": lambda tx: spans.slips(tx, None, _end_of(FIRST), _end_of(FIRST)),
    "due": lambda tx: list(studies.due(tx, "unknown_due_on", FIRST, None)),
}


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("is_analyzed", [False, True], ids=["as it grew", "analyzed"])
def test_no_big_table_is_read_whole(store, name, is_analyzed):
    """SQLite goes by an index to what is asked for, whether or not it counted its tables."""
    if store.engine.dialect.name != "sqlite":
        pytest.skip("another planner, which reads small tables whole")
    _a_past(store, 1)
    plans: list[str] = []
    with store.reading() as tx:
        if is_analyzed:
            _pretend_it_is_large(tx)

        @sa.event.listens_for(tx.connection, "before_cursor_execute")
        def explain(connection, cursor, statement, parameters, context, many):
            asked = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in asked.fetchall())

        QUESTIONS[name](tx)
    assert any(" USING " in plan for plan in plans)
    assert not [one for one in plans if any(f"SCAN {table}" in f"{one} " for table in BIG)]


def _pretend_it_is_large(tx) -> None:
    """What SQLite would have counted in a store of a whole registry after a year."""
    tx.connection.exec_driver_sql("ANALYZE")
    large = "UPDATE sqlite_stat1 SET stat = '900000' || substr(stat, instr(stat, ' '))"
    tx.connection.exec_driver_sql(f"{large} WHERE instr(stat, ' ') > 0")
    tx.connection.exec_driver_sql("ANALYZE sqlite_schema")
