"""Whatever ends a look early, what it kept stays, and every alert is raised exactly once."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ctmonitor.errors import AlreadyRunning, StoreBusy
from ctmonitor.jobs.due import raise_due
from ctmonitor.jobs.intake import PIECES_AT_ONCE
from ctmonitor.jobs.settle import take_over_abandoned
from ctmonitor.rules import Tuning
from ctmonitor.store import audit
from ctmonitor.store.questions import Filter, alerts_raised, recent_sweeps
from ctmonitor.store.schema import sweeps
from tests.builders import NUMBER, a_payload
from tests.jobs.asking import alerts_waiting, number_held, owed, subscribe, told, watch
from tests.looks import SetClock, a_full_batch, clock_on, look, studies

BEFORE = a_payload(overall_status="RECRUITING")
AFTER = a_payload(overall_status="COMPLETED")
OTHER = "NCT00000002"
DYING = """
import os, sys
from ctmonitor.store import open_store
from tests.builders import a_payload
from tests.looks import a_full_batch, look
after = a_payload(overall_status="COMPLETED")
look(open_store(sys.argv[1]), *a_full_batch(after), lambda: os._exit(9))
"""


@pytest.fixture
def watched(store):
    """A store that holds a study, with someone who watches everything."""
    watch(store)
    subscribe(store)
    look(store, *a_full_batch(BEFORE)[:2])
    return store


def _states(store) -> list[str]:
    with store.reading() as tx:
        return [one.state for one in reversed(recent_sweeps(tx, None))]


def _die(store_url: str) -> None:
    """A process that dies in the middle of a look, after one batch."""
    root = Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", DYING, store_url], cwd=root, check=False)
    assert ended.returncode == 9


@pytest.mark.parametrize("problem", [RuntimeError("broken"), KeyboardInterrupt()])
def test_an_error_in_the_middle_keeps_what_came_before(watched, problem):
    """The batch before the error is kept and told, and the look is called interrupted."""
    with pytest.raises(type(problem)):
        look(watched, *a_full_batch(AFTER), a_payload(nct_id=OTHER), problem)
    assert _states(watched) == ["finished", "interrupted"]
    assert number_held(watched) == 2 and told(watched) == [(NUMBER, "completed")]


def test_the_look_after_an_error_reads_the_rest_and_tells_nothing_twice(watched):
    """What was read is unchanged now, what was not is new, and no alert comes again."""
    with pytest.raises(RuntimeError):
        look(watched, *a_full_batch(AFTER), a_payload(nct_id=OTHER), RuntimeError("broken"))
    report = look(watched, AFTER, a_payload(nct_id=OTHER))
    assert (report.counts.unchanged, report.counts.new, report.counts.alerts) == (1, 1, 0)
    assert len(owed(watched)) == 1


def test_a_look_whose_process_died_is_taken_over(watched, store_url):
    """The alerts of a dead look wait, and the next look raises them once, for its subscribers."""
    _die(store_url)
    assert (_states(watched)[-1], told(watched), alerts_waiting(watched)) == ("running", [], 1)
    for _ in range(2):
        look(watched, AFTER)
    assert told(watched) == [(NUMBER, "completed")] and len(owed(watched)) == 1
    assert _states(watched) == ["finished", "interrupted", "finished", "finished"]
    assert alerts_waiting(watched) == 0
    with watched.reading() as tx:
        assert audit.verify(tx)


def test_a_due_run_takes_a_dead_look_over_too(watched, store_url):
    """Nobody has to look again for an alert to be raised."""
    _die(store_url)
    for _ in range(2):
        raise_due(watched, tuning=Tuning(), flood_limit=1_000, clock=clock_on("2026-03-02"))
    assert told(watched) == [(NUMBER, "completed")] and len(owed(watched)) == 1


def test_a_flood_of_a_dead_look_is_a_summary(watched, store_url):
    """The limit holds for alerts that are raised late."""
    _die(store_url)
    assert take_over_abandoned(watched, flood_limit=0, clock=clock_on("2026-03-02")) == 1
    assert told(watched) == [(None, "completed")]


def _taken_over(store) -> None:
    """Another process, long after the lease of every look."""
    late = SetClock(moments=[datetime.now(UTC) + timedelta(hours=1)])
    assert take_over_abandoned(store, flood_limit=1_000, clock=late) == 1


def test_a_look_that_slept_past_its_lease_writes_no_more(watched):
    """A look that was taken over meanwhile is refused its next batch."""
    other = a_payload(nct_id=OTHER)
    with pytest.raises(StoreBusy, match="taken over by another process"):
        look(watched, *a_full_batch(AFTER), lambda: _taken_over(watched), other)
    assert _states(watched) == ["finished", "interrupted"]
    assert told(watched) == [(NUMBER, "completed")]


def test_a_look_that_slept_at_its_end_does_not_end_twice(watched):
    """What another process called interrupted is not called finished afterwards."""
    with pytest.raises(StoreBusy, match="taken over by another process"):
        look(watched, *a_full_batch(AFTER), lambda: _taken_over(watched))
    assert _states(watched) == ["finished", "interrupted"]
    assert told(watched) == [(NUMBER, "completed")] and len(owed(watched)) == 1


def test_a_living_look_is_left_alone(watched):
    """Within its lease, and with its process there, nobody takes a look over."""
    taken: list[int] = []
    clock = clock_on("2026-03-02")
    look(
        watched,
        AFTER,
        lambda: taken.append(take_over_abandoned(watched, flood_limit=9, clock=clock)),
    )
    assert taken == [0] and _states(watched)[-1] == "finished"


def test_two_looks_at_one_scope_are_one_too_many(watched):
    """The second is refused in a sentence that says who is at it, and the first goes on."""
    refused: list[str] = []

    def second() -> None:
        with pytest.raises(AlreadyRunning) as told:
            look(watched, AFTER)
        refused.append(str(told.value))

    assert look(watched, AFTER, second).counts.changed == 1
    assert "of a pile is already running (since 20" in refused[0]
    assert refused[0].endswith("wait until it has finished")


def test_looks_at_two_scopes_may_overlap(watched):
    """Another source is looked at meanwhile, and a study in both is judged by the newer state."""
    inner = [AFTER, a_payload(nct_id=OTHER)]
    report = look(watched, AFTER, lambda: look(watched, *inner, name="another pile"))
    assert report.counts.changed + report.counts.unchanged == 1
    assert told(watched) == [(NUMBER, "completed")] and number_held(watched) == 2


def test_a_look_is_on_record_with_its_owner(watched):
    """Who looked, from when to when, is kept."""
    with watched.reading() as tx:
        row = tx.connection.execute(sweeps.select()).mappings().one()
    assert row["started_at"] <= row["finished_at"] and row["owner"].count(":") == 2


def test_a_change_of_most_records_is_told_though_a_look_was_cut_short(store):
    """The look after a crash counts what the dead one kept, and says the whole share."""
    posted = {"last_update_posted_date": "2026-01-01"}
    look(store, *studies(120, study_type="OLD", **posted))
    after = studies(120, study_type="NEW", **posted)
    with pytest.raises(RuntimeError):
        look(store, *a_full_batch(*after[:90]), RuntimeError("broken"))
    look(store, *after)
    with store.reading() as tx:
        [raised] = alerts_raised(tx, Filter(rules=["mass-change"]))
    assert "in 120 of 120 studies" in raised.alert.headline


def test_a_look_that_died_counted_what_it_kept(watched, store_url):
    """The counts of a dead look are those of its last batch, which was kept with them."""
    _die(store_url)
    take_over_abandoned(watched, flood_limit=1_000, clock=clock_on("2026-03-02"))
    with watched.reading() as tx:
        dead = recent_sweeps(tx, 1)[0]
    assert (dead.counts.changed, dead.counts.received) == (1, PIECES_AT_ONCE)
