"""What is let go of, and that nothing which proves anything is among it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from ctmonitor.store import looks, outbox, questions, spans, subscribing, sweeps
from ctmonitor.store.audit import verify
from ctmonitor.store.pruning import Pruned, prunable, prune
from ctmonitor.store.questions import Filter
from ctmonitor.store.schema import (
    APPEND_ONLY,
    attempts,
    deliveries,
    journal,
    mutes,
    rejects,
    states,
    subscribers,
)
from ctmonitor.store.schema import sweeps as sweeps_table
from ctmonitor.store.sweeps import MOST_SHOWN, Counts, Proof
from ctmonitor.store.values import instant
from tests.builders import NUMBER, a_payload
from tests.looks import look

OLD, NOW = datetime(2025, 1, 10, 9, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)
BEFORE = datetime(2025, 3, 2, tzinfo=UTC)
SCOPE, SOURCE = "the whole registry", "the registry"
ALL = [f"NCT{number:08d}" for number in range(1, 301)]


def _pruned(store, before: datetime = BEFORE) -> Pruned:
    with store.writing() as tx:
        return prune(tx, before, who="ann", at=NOW)


def _rows(store, table: sa.Table) -> list[dict[str, Any]]:
    with store.reading() as tx:
        query = table.select().order_by(*table.primary_key.columns)
        return [dict(row) for row in tx.connection.execute(query).mappings()]


def _a_look(store, at: datetime, state: str = "finished", way: str = "full", **more: Any) -> int:
    """A look over one scope that ended in a state, with what it proves."""
    proof = {"scope_digest": "d", "listed": 3, "answers": {}, **more.get("certificate", {})}
    release = more.get("release", str(at.date()))
    with store.writing() as tx:
        id_ = sweeps.begin(tx, SCOPE, SOURCE, today=at.date(), owner="here", now=at)
        counts = Counts(received=more.get("received", 3))
        if "place" in more:
            sweeps.keep_alive(tx, id_, counts, at, place=more["place"])
        said = Proof(before=release, after=release, way=way, certificate=proof)
        sweeps.finish(tx, id_, counts, state=state, proof=said, now=at)
    return id_


def _certificate(store, sweep_id: int) -> dict[str, Any]:
    with store.reading() as tx:
        found = {one.id: one for one in questions.recent_sweeps(tx, None)}
    return dict(found[sweep_id].certificate)


def test_old_rejects_keep_their_reason_and_digest(store):
    """The bytes go, what they were does not; a younger reject keeps its bytes."""
    look(store, b"not a study", today="2025-01-10")
    look(store, b"nor this", today="2026-03-01")
    before = _rows(store, rejects)
    assert _pruned(store) == Pruned(rejects=1, bytes=11)
    after = _rows(store, rejects)
    assert [bytes(one.pop("payload")) for one in after] == [b"", b"nor this"]
    assert after == [{k: v for k, v in one.items() if k != "payload"} for one in before]


def _sent(store, state: str, at: datetime) -> None:
    """A delivery with two tries, of which the last one ended in a state."""
    with store.writing() as tx:
        name = f"{state}{at.year}@example.org"
        made = subscribers.insert().values(address=name, made_at=instant(at))
        [subscriber_id] = tx.connection.execute(made).inserted_primary_key
        row = {"key": name, "subscriber_id": subscriber_id, "address": name, "alert_ids": "[1]"}
        row |= {"lists": "[]", "chain_head": "0", "state": "owed", "next_try_at": instant(at)}
        tx.connection.execute(deliveries.insert().values(**row, made_at=instant(at)))
    for why in ("no answer", None):
        with store.writing() as tx:
            claimed = outbox.claim_next(tx, "here", at)
            assert claimed is not None
            if why or state == "dead":
                again = None if why is None else at
                outbox.failed(tx, claimed, why or "refused", again, at)
            else:
                outbox.sent(tx, claimed, at)


def test_who_was_told_what_and_when_stays(store):
    """Only the tries of what was sent long ago go; why somebody was never told stays."""
    for state, at in (("sent", OLD), ("dead", OLD), ("sent", NOW)):
        _sent(store, state, at)
    told = _rows(store, deliveries)
    assert [one["tries"] for one in told] == [2, 2, 2]
    assert _pruned(store) == Pruned(attempts=2)
    assert _rows(store, deliveries) == told
    assert [one["delivery_id"] for one in _rows(store, attempts)] == [2, 2, 3, 3]


def test_mutes_go_when_they_ended_long_ago(store):
    """One that ended lately, or goes on, stays."""
    with store.writing() as tx:
        address = subscribers.insert().values(address="ann@example.org", made_at=instant(OLD))
        [one] = tx.connection.execute(address).inserted_primary_key
        row = {"subscriber_id": one, "reason": "busy", "made_at": instant(OLD)}
        ends = ("2025-03-01", "2025-03-02", "2030-01-01")
        tx.connection.execute(mutes.insert(), [{**row, "until": end} for end in ends])
    assert _pruned(store) == Pruned(mutes=1)
    assert [one["until"] for one in _rows(store, mutes)] == list(ends[1:])


def test_long_lists_are_cut_and_counted(store):
    """The first ones stay, with how many there were; short lists and single facts are whole."""
    said = {"removed": ALL, "missing": ALL[:3], "why": "asked for"}
    id_ = _a_look(store, OLD, certificate=said)
    young = _a_look(store, NOW, certificate=said)
    found = _pruned(store)
    assert found.looks == 1 and found.bytes > 1_000
    after = _certificate(store, id_)
    assert after["removed"] == ALL[:MOST_SHOWN] and after["cut"] == {"removed": 300}
    assert (after["missing"], after["why"], after["listed"]) == (ALL[:3], "asked for", 3)
    assert _certificate(store, young)["removed"] == ALL


def test_a_held_look_keeps_all_that_its_settling_needs(store):
    """However old it is: whoever accepts it accepts that these studies are gone."""
    held = _a_look(store, OLD, "held", certificate={"lacking": ALL})
    assert _pruned(store) == Pruned()
    assert _certificate(store, held)["lacking"] == ALL


def test_a_look_at_the_same_release_keeps_its_row(store):
    """That we asked, when, and that nothing was new can still be shown; the journal has it too."""
    ids = [_a_look(store, OLD + timedelta(hours=at), way="nothing-new") for at in range(3)]
    before = _rows(store, sweeps_table)
    assert _pruned(store).looks == 3
    after = _rows(store, sweeps_table)
    assert [one["id"] for one in after] == ids
    assert {one.pop("certificate") for one in after} == {"{}"}
    assert after == [{k: v for k, v in one.items() if k != "certificate"} for one in before]


ENDS = ("finished", "partial", "interrupted", "failed", "held", "released", "absorbed", "stale")
WAYS = ("full", "status", "incremental", "nothing-new", "fast")


def _pasts() -> Iterator[list[tuple[str, str]]]:
    """How looks over one scope followed each other, in many orders."""
    pairs = [(state, way) for state in ENDS for way in WAYS]
    for turn in range(12):
        yield [pairs[(7 * at + turn * turn + 3 * turn * at) % len(pairs)] for at in range(9)]


@pytest.mark.parametrize("past", list(_pasts()), ids=lambda past: past[-1][0] + past[0][1])
def test_the_next_look_goes_by_what_it_would_have_gone_by(store, past):
    """Whatever was before: the last proofs, the place to go on from, the length of addresses."""
    for at, (state, way) in enumerate(past):
        then = OLD + timedelta(days=at)
        certificate = {"parts": ALL, "numbers_a_request": {"rows": at}} if at % 3 else {}
        more = {"place": {"token": at, "sweeps": [at]}} if at % 2 else {}
        release = None if state == "interrupted" else str(then)
        _a_look(store, then, state, way, certificate=certificate, release=release, **more)
    known = []
    for _ in range(3):
        with store.reading() as tx:
            known.append((looks.before(tx, SCOPE, SOURCE), looks.ends(tx, SCOPE)))
        _pruned(store, NOW)
    assert known[0] == known[1] == known[2]


def test_how_long_addresses_may_be_is_remembered(store):
    """Though the look that found it, the last one to say it, found nothing else."""
    certificate = {"numbers_a_request": {"rows": 600}}
    _a_look(store, OLD, way="nothing-new", certificate=certificate)
    _a_look(store, OLD, way="nothing-new", certificate={"parts": ALL})
    assert _pruned(store).looks == 1
    with store.reading() as tx:
        assert looks.before(tx, SCOPE, SOURCE).numbers_a_request == {"rows": 600}


def test_what_a_look_that_died_had_seen_is_remembered(store):
    """It left nothing but its place, which says the latest release that was read."""
    place = {"release": "2025-01-09"}
    _a_look(store, OLD, "interrupted", release=None, place=place)
    _a_look(store, OLD, release="2025-01-08", place={"release": "2025-01-08"})
    _a_look(store, OLD, release="2025-01-08", certificate={"missing": ALL})
    assert _pruned(store).looks == 2
    with store.reading() as tx:
        assert looks.before(tx, SCOPE, SOURCE).latest_release == "2025-01-09"


def _history(store) -> None:
    """Two years of looks that find, lose and refuse things."""
    for at, status in enumerate(("RECRUITING", "SUSPENDED", "UNKNOWN", "COMPLETED")):
        given = [
            a_payload(
                overall_status=status,
                completion_date=f"202{6 + at}-01",
                lead_sponsor="Acme",
                last_update_posted_date=f"2025-0{1 + at}-05",
            ),
            a_payload(nct_id="NCT00000002", enrollment=at),
            b"no study %d" % at,
        ]
        look(store, *given, today=f"2025-0{1 + at}-10")
    _sent(store, "sent", OLD)
    _a_look(store, OLD, certificate={"removed": ALL})


def _answers(store) -> list[Any]:
    """Every question of the past, at several moments."""
    first = datetime(2025, 1, 1, tzinfo=UTC)
    moments = [first + timedelta(days=30 * at) for at in range(6)]
    with store.reading() as tx:
        told: list[Any] = [questions.alerts_raised(tx, Filter()), subscribing.wishes(tx)]
        told += [questions.changes_seen(tx, Filter()), questions.snapshots_of(tx, NUMBER)]
        told += [questions.record_at(tx, NUMBER, one.number) for one in told[-1]]
        for at in moments:
            for clock in (at, at.date()):
                told.append(spans.facts_as_of(tx, [NUMBER, "NCT00000002"], clock))
                told.append(spans.statuses_as_of(tx, clock))
            told.append(questions.number_as_of(tx, NUMBER, at))
        told.append(spans.flips_by_sponsor(tx, moments[0], moments[-1]))
        told.append(spans.slips(tx, "acme", date(2025, 1, 1), None))
        told.append([outbox.unsent(tx), outbox.is_owed(tx)])
    return told


def test_every_answer_is_the_same_afterwards(store):
    """Histories, states as of any day, alerts, spans; and `verify` finds all of it intact."""
    _history(store)
    kept = [table for table in APPEND_ONLY if table is not journal]
    before = _answers(store), [_rows(store, table) for table in (*kept, states, deliveries)]
    found = _pruned(store, NOW)
    assert (found.rejects, found.attempts, found.looks) == (4, 2, 1)
    assert _answers(store) == before[0]
    assert [_rows(store, table) for table in (*kept, states, deliveries)] == before[1]
    with store.reading() as tx:
        assert verify(tx)["snapshots"] == 8


def test_once_is_as_good_as_twice(store):
    """The second time nothing is left: no row differs, and the journal has one act."""
    _history(store)
    first = _pruned(store, NOW)
    tables = (rejects, attempts, deliveries, mutes, sweeps_table, journal)
    after = [_rows(store, table) for table in tables]
    assert not first.is_nothing and _pruned(store, NOW).is_nothing
    assert [_rows(store, table) for table in tables] == after
    noted = [one for one in after[-1] if one["act"] == "pruned the store"]
    assert [one["who"] for one in noted] == ["ann"]
    assert f'"rejects":{first.rejects}' in noted[0]["detail"]


def test_what_would_go_is_what_goes(store):
    """Asking beforehand tells the same counts, and changes nothing."""
    _history(store)
    with store.reading() as tx:
        asked = prunable(tx, NOW)
    with store.reading() as tx:
        assert prunable(tx, NOW) == asked == _pruned(store, NOW)
