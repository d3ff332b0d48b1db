"""What was held when can be asked again, as every look found it."""

from __future__ import annotations

from datetime import date

import pytest

from ctmonitor.errors import ChainBroken
from ctmonitor.store import Store, lookback
from ctmonitor.store.contents import KEYFRAME, content_at, contents_between
from ctmonitor.store.lookback import Look
from ctmonitor.store.schema import snapshots
from tests.builders import NUMBER, a_payload
from tests.looks import look
from tests.store.tampering import past_the_guards

OTHER = "NCT00000002"
SINCE = date(2026, 3, 2)


def _counted(store: Store, count: int, nct_id: str = NUMBER) -> None:
    """A study seen so often, each time with one more enrolled."""
    for number in range(1, count + 1):
        look(store, a_payload(nct_id=nct_id, enrollment=number))


def _looks(store: Store) -> dict[int, Look]:
    with store.reading() as tx:
        return lookback.looks_since(tx, SINCE)


@pytest.mark.parametrize(("first", "last"), [(1, 1), (31, 34), (33, 33), (40, 70), (65, 66)])
def test_a_part_of_a_history_is_rebuilt_exactly(store, first, last):
    """Wherever it begins, whole or as a delta; of a study beside it another part."""
    _counted(store, 2 * KEYFRAME + 6)
    _counted(store, 3, OTHER)
    with store.reading() as tx:
        wanted = {NUMBER: (first, last), OTHER: (2, 3)}
        found = {(row.nct_id, row.number): text for row, text in contents_between(tx, wanted)}
        assert found == {place: content_at(tx, *place) for place in found}
    assert sorted(found) == [
        *((NUMBER, number) for number in range(first, last + 1)),
        *((OTHER, number) for number in (2, 3)),
    ]


def test_a_history_with_a_hole_is_refused(store, kind):
    """What follows a row that is gone is not made of anything else."""
    _counted(store, 5)
    with past_the_guards(store, kind) as tx:
        tx.connection.execute(snapshots.delete().where(snapshots.c.number == 3))
        with pytest.raises(ChainBroken, match="rows are gone"):
            list(contents_between(tx, {NUMBER: (4, 5)}))


def test_successive_states_come_in_pairs(store):
    """Each snapshot that is asked for after the one before it, and no other."""
    _counted(store, 6)
    _counted(store, 2, OTHER)
    with store.reading() as tx:
        found = list(lookback.successive(tx, {NUMBER: [3, 6], OTHER: [2]}))
    assert [(one.nct_id, one.number, other.number) for one, other in found] == [
        (NUMBER, 2, 3),
        (NUMBER, 5, 6),
        (OTHER, 1, 2),
    ]
    assert all(one.record.facts.enrollment == one.number for pair in found for one in pair)


def test_what_was_found_again_is_told_by_field(store):
    """Snapshots of studies held before, all of them or those that changed a field."""
    look(store, a_payload(enrollment=1), today="2026-03-01")
    look(store, a_payload(enrollment=2), a_payload(nct_id=OTHER, enrollment=2))
    look(store, a_payload(enrollment=2, brief_title="Another"))
    looks = _looks(store)
    with store.reading() as tx:
        again = lookback.found_again(tx, looks.values())
        enrolled = lookback.found_again(tx, looks.values(), ["enrollment"])
    assert (again, enrolled) == ({NUMBER: [2, 3]}, {NUMBER: [2]})


def test_a_first_load_is_known_without_reading_it(store):
    """A look that kept nothing but studies new to us, also where one came twice in it."""
    look(store, a_payload(), a_payload(nct_id=OTHER))
    look(store, a_payload(nct_id="NCT00000003"), a_payload(nct_id="NCT00000003", enrollment=3))
    look(store, a_payload(enrollment=9), a_payload(nct_id="NCT00000004"))
    assert [one.is_first_sight for one in _looks(store).values()] == [True, False, False]


def test_a_first_sight_is_as_it_was_then(store):
    """Also of a study that changed since."""
    look(store, a_payload(enrollment=1, data_date="2026-03-02"), a_payload(nct_id=OTHER))
    look(store, a_payload(enrollment=2), a_payload(nct_id=OTHER, data_date="2026-03-04"))
    with store.reading() as tx:
        seen = {facts.nct_id: facts for facts, _ in lookback.first_seen(tx, _looks(store))}
    assert (seen[NUMBER].enrollment, seen[NUMBER].data_date) == (1, SINCE)
    assert seen[OTHER].data_date is None
