"""What people ask of the store, on both clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from ctmonitor.changes import MadeBy
from ctmonitor.store import alerts, questions
from ctmonitor.store.questions import Filter
from tests.builders import NUMBER, a_payload
from tests.looks import look, studies

OTHER = "NCT00000002"
HISTORY = (
    ("2026-01-10", "2026-01-05", "RECRUITING"),
    ("2026-02-10", "2026-02-05", "SUSPENDED"),
    ("2026-03-10", "2026-03-05", "TERMINATED"),
)
"""Seen on, posted on, status."""


@pytest.fixture
def told(store):
    """One study with three states, and another that is RECRUITING all the time."""
    for seen, posted, status in HISTORY:
        given = [
            a_payload(
                overall_status=status, last_update_posted_date=posted, lead_sponsor="Ulm 100%"
            ),
            a_payload(nct_id=OTHER, overall_status="RECRUITING", lead_sponsor="Bonn_x"),
        ]
        look(store, *given, today=seen)
    return store


def _asked(store, question, *args):
    with store.reading() as tx:
        return question(tx, *args)


def _noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "number"),
    [
        ("2026-01-09", None),
        ("2026-01-10", 1),
        ("2026-02-09", 1),
        ("2026-02-10", 2),
        ("2027-01-01", 3),
    ],
)
def test_what_we_knew_on_a_day(told, day, number):
    """By our clock: the last snapshot that we had seen by then."""
    assert _asked(told, questions.number_as_of, NUMBER, _noon(day)) == number


def test_any_state_is_given_back_as_the_record_it_was(told):
    """Each snapshot is a record again, with its facts and bytes."""
    for number, (_, posted, status) in enumerate(HISTORY, start=1):
        record = _asked(told, questions.record_at, NUMBER, number)
        assert (str(record.facts.overall_status), record.nct_id) == (status, NUMBER)
        assert orjson.loads(record.canonical) == record.content
        assert str(record.facts.last_update_posted_date) == posted


def test_a_history_bears_both_clocks(told):
    """Every snapshot says when it was seen and when the registry said it."""
    found = _asked(told, questions.snapshots_of, NUMBER)
    assert [(one.number, one.seen_at[:10], one.registry_date) for one in found] == [
        (number, seen, posted) for number, (seen, posted, _) in enumerate(HISTORY, start=1)
    ]
    assert _asked(told, questions.snapshots_of, "NCT00000009") == []


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 4),
        ({"nct_ids": [NUMBER]}, 4),
        ({"nct_ids": [OTHER]}, 0),
        ({"nct_ids": []}, 0),
        ({"fields": ["overall_status"]}, 2),
        ({"fields": ["overall"]}, 0),
        ({"fields": ["overall_status", "last_update_posted_date"]}, 4),
        ({"made_by": "sponsor"}, 4),
        ({"made_by": "registry"}, 0),
        ({"status": "TERMINATED"}, 4),
        ({"status": "RECRUITING"}, 0),
        ({"sponsor": "ulm"}, 4),
        ({"sponsor": "100%"}, 4),
        ({"sponsor": "l%1"}, 0),
        ({"sponsor": "bonn_"}, 0),
        ({"since": _noon("2026-02-09")}, 4),
        ({"since": _noon("2026-02-10")}, 2),
        ({"until": _noon("2026-02-10")}, 2),
        ({"limit": 3}, 3),
        ({"limit": 0}, 0),
    ],
    ids=str,
)
def test_changes_are_narrowed_by_what_is_asked(told, wanted, count):
    """Each limit holds, and signs of SQL's patterns mean themselves."""
    assert len(_asked(told, questions.changes_seen, Filter(**wanted))) == count


def test_changes_come_the_latest_first(told):
    """And those of one study, from the beginning."""
    latest = _asked(told, questions.changes_seen, Filter(fields=["overall_status"]))
    assert [one.change.after for one in latest] == ["TERMINATED", "SUSPENDED"]
    first = [one.change.after for one in _asked(told, questions.changes_of, NUMBER)]
    assert first.index("SUSPENDED") < first.index("TERMINATED")


def test_a_field_stands_for_all_below_it(store):
    """Asking for a list gives its members' fields, and no other list's."""
    places = [{"facility": "A", "city": "Ulm", "country": "Germany", "status": "RECRUITING"}]
    look(store, a_payload(locations=places, enrollment=1))
    look(store, a_payload(locations=[{**places[0], "status": "COMPLETED"}], enrollment=2))
    [seen] = _asked(store, questions.changes_seen, Filter(fields=["locations"]))
    assert (seen.change.field, seen.change.item) == ("locations.status", "A, Ulm, Germany")


def test_a_value_too_long_to_repeat_is_rebuilt(store):
    """Long texts and members come back whole, several of them in one snapshot too."""
    texts = [f"{word} " * 500 for word in ("one", "two", "three")]
    look(store, a_payload(brief_summary=texts[0], detailed_description=texts[1]))
    look(store, a_payload(brief_summary=texts[1], detailed_description=texts[2]))
    look(store, a_payload(brief_summary=texts[2], keywords=["k" * 500, "l"]))
    found = [
        (one.change.field, one.change.before, one.change.after)
        for one in _asked(store, questions.changes_of, NUMBER)
    ]
    assert found == [
        ("brief_summary", texts[0], texts[1]),
        ("detailed_description", texts[1], texts[2]),
        ("brief_summary", texts[1], texts[2]),
        ("detailed_description", texts[2], None),
        ("keywords", None, "k" * 500),
        ("keywords", None, "l"),
    ]


def test_a_rebuilt_change_keeps_who_made_it(store):
    """What the comparison finds anew bears the same author and noise as when it was found."""
    same = {"last_update_posted_date": "2026-01-01"}
    look(store, a_payload(brief_summary="a " * 400, **same))
    look(store, a_payload(brief_summary="b " * 400, **same))
    [seen] = _asked(store, questions.changes_of, NUMBER)
    assert seen.change.made_by is MadeBy.REGISTRY and not seen.change.is_noise


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 2),
        ({"rules": ["stopped"]}, 2),
        ({"rules": ["completed"]}, 0),
        ({"nct_ids": [OTHER]}, 0),
        ({"limit": 1}, 1),
        ({"since": _noon("2026-03-01")}, 1),
        ({"until": _noon("2026-03-01")}, 1),
        ({"status": "TERMINATED", "sponsor": "Ulm"}, 2),
    ],
    ids=str,
)
def test_alerts_are_narrowed_by_what_is_asked(told, wanted, count):
    """The same limits as for changes, and rules."""
    assert len(_asked(told, questions.alerts_raised, Filter(**wanted))) == count


def test_a_summarys_members_are_shown_to_who_asks_for_their_study(store):
    """In a list of all alerts a flood is one; asked by study, its member is there."""
    look(store, *studies(4, overall_status="RECRUITING"))
    look(store, *studies(4, overall_status="COMPLETED"), flood_limit=2)
    [summary] = _asked(store, questions.alerts_raised, Filter())
    [member] = _asked(store, questions.alerts_raised, Filter(nct_ids=[OTHER]))
    assert summary.alert.nct_id is None and member.summary_id == summary.id
    assert member.alert.headline == "Now COMPLETED; was RECRUITING"


def test_marks_stand_beside_their_alert(told):
    """What people did with an alert comes with it, in order, and changes nothing of it."""
    [last, _] = _asked(told, questions.alerts_raised, Filter())
    with told.writing() as tx:
        for act, note in (("seen", ""), ("comment", "ask the sponsor")):
            alerts.mark(tx, last.id, act, by="ann", note=note, at=_noon("2026-03-11"))
    [marked, other] = _asked(told, questions.alerts_raised, Filter())
    assert [(one["act"], one["by"], one["note"]) for one in marked.marks] == [
        ("seen", "ann", None),
        ("comment", "ann", "ask the sponsor"),
    ]
    assert marked.alert == last.alert and other.marks == ()


def test_looks_come_the_latest_first(told):
    """With their counts; and no more of them than asked for."""
    found = _asked(told, questions.recent_sweeps, 2)
    assert [(one.id, one.counts.changed) for one in found] == [(3, 1), (2, 1)]
    assert str(found[0].today) == "2026-03-10"


def test_what_was_set_aside_can_be_asked_by_look(store):
    """Each input that could not be read, with place and reason."""
    first, second = look(store, b"x", name="one"), look(store, b"y", b"z", name="two")
    places = [one["place"] for one in _asked(store, questions.rejected, second.sweep, None)]
    assert places == ["piece 2", "piece 1"]
    assert len(_asked(store, questions.rejected, None, None)) == 3
    assert len(_asked(store, questions.rejected, first.sweep, 5)) == 1


def test_a_question_may_name_any_number_of_studies(store):
    """More numbers than either database takes as parameters narrow as one does."""
    look(store, a_payload(overall_status="RECRUITING"))
    look(store, a_payload(overall_status="TERMINATED"))
    many = [f"NCT{number:08d}" for number in range(1, 70_001)]
    with store.reading() as tx:
        [alert] = questions.alerts_raised(tx, Filter(nct_ids=many, fields=("overall_status",)))
        [change] = questions.changes_seen(tx, Filter(nct_ids=many, rules=(alert.alert.rule,)))
    assert (alert.alert.nct_id, change.change.field) == ("NCT00000001", "overall_status")
