"""What falls due is raised on its day though nothing changed, and once."""

from __future__ import annotations

import pytest

from ctmonitor.jobs.due import forecasts, raise_due
from ctmonitor.rules import Tuning
from ctmonitor.store import fates
from tests.builders import NUMBER, a_payload
from tests.jobs.asking import ANN, owed, subscribe, told, watch
from tests.looks import clock_on, look, studies

LAPSING = {
    "overall_status": "RECRUITING",
    "status_verified_date": "2025-06",
    "completion_date": "2028-01",
}
"""Verified in June 2025: to be verified again by 2026-06-30; UNKNOWN from 2028-02-01."""


def _due(store, today: str, *, flood_limit: int = 1_000, **rules):
    tuning = Tuning.read(rules)
    return raise_due(store, tuning=tuning, flood_limit=flood_limit, clock=clock_on(today))


def _forecast(store, today: str, days: int, *nct_ids: str):
    with store.reading() as tx:
        found = forecasts(
            tx, days=days, nct_ids=nct_ids or None, tuning=Tuning(), clock=clock_on(today)
        )
    return [(one.nct_id, one.rule, str(one.due_on), one.days_left) for one in found]


@pytest.mark.parametrize(
    ("today", "rules"),
    [("2028-01-01", []), ("2028-01-02", ["unknown-due"]), ("2028-02-01", ["unknown-due"])],
)
def test_a_day_is_told_ahead_from_its_lead_on(store, today, rules):
    """The turn to UNKNOWN is told from thirty days before it."""
    look(store, a_payload(**LAPSING), today="2027-12-31")
    only = {name: {"enabled": False} for name in ("verification-stale",)}
    _due(store, today, **only)
    assert [rule for _, rule in told(store)] == rules


def test_a_due_day_is_raised_once(store):
    """Running again, on the same day or a later one, raises nothing more."""
    watch(store)
    subscribe(store)
    look(store, a_payload(**LAPSING))
    counts = [_due(store, day).alerts for day in ("2028-01-20", "2028-01-20", "2028-01-21")]
    assert counts[0] > 0 and counts[1:] == [0, 0]
    assert len(owed(store)) == 1 and owed(store)[0][0] == ANN


def test_a_new_due_day_is_a_new_fact(store):
    """A study that was verified again falls due again, and is told again."""
    look(store, a_payload(**LAPSING))
    _due(store, "2028-01-20")
    first = told(store).count((NUMBER, "unknown-due"))
    look(store, a_payload(**{**LAPSING, "status_verified_date": "2028-01"}), today="2028-01-25")
    _due(store, "2030-01-20")
    assert (first, told(store).count((NUMBER, "unknown-due"))) == (1, 2)


def test_a_flood_of_due_days_is_one_summary_twice_a_day_too(store):
    """Two floods of as many studies on one day are both told."""
    look(store, *studies(3, **LAPSING))
    _due(store, "2028-01-20", flood_limit=2)
    more = [a_payload(nct_id=f"NCT{n:08d}", **LAPSING) for n in range(11, 14)]
    look(store, *more)
    _due(store, "2028-01-20", flood_limit=2)
    assert told(store).count((None, "unknown-due")) == 2


def test_a_disabled_rule_raises_nothing(store):
    """What an operator switched off is not asked."""
    look(store, a_payload(**LAPSING))
    _due(store, "2028-01-20", **{"unknown-due": {"enabled": False}})
    assert (NUMBER, "unknown-due") not in told(store)


def test_more_days_ahead_tell_earlier(store):
    """The lead time is the operator's to choose."""
    look(store, a_payload(**LAPSING))
    _due(store, "2027-08-06", **{"unknown-due": {"days_ahead": 180}})
    assert (NUMBER, "unknown-due") in told(store)


def test_a_finished_study_is_never_due(store):
    """No calendar rule speaks of a study that is over."""
    look(store, a_payload(**{**LAPSING, "overall_status": "COMPLETED"}))
    assert _due(store, "2040-01-01").alerts == 0


def test_a_forecast_names_what_is_ahead_soonest_first(store):
    """Within the days asked for, by day; outside of them, nothing."""
    look(store, a_payload(**LAPSING), a_payload(nct_id="NCT00000002", **LAPSING))
    found = _forecast(store, "2028-01-20", 30)
    assert [one for one in found if one[1] == "unknown-due"] == [
        (NUMBER, "unknown-due", "2028-02-01", 12),
        ("NCT00000002", "unknown-due", "2028-02-01", 12),
    ]
    assert [one[3] for one in found] == sorted(one[3] for one in found)
    assert _forecast(store, "2028-01-20", 10) == []


def test_a_forecast_of_some_studies_leaves_the_others_out(store):
    """Only the numbers asked for are in it."""
    look(store, a_payload(**LAPSING), a_payload(nct_id="NCT00000002", **LAPSING))
    assert {one[0] for one in _forecast(store, "2028-01-20", 30, NUMBER)} == {NUMBER}


def test_a_day_that_came_between_two_runs_is_told(store):
    """Whatever the days between two runs, none is passed over."""
    look(store, *studies(2, **LAPSING))
    assert _due(store, "2026-06-29").alerts == 0
    assert _due(store, "2026-06-30").alerts == 2
    assert _due(store, "2026-07-01").alerts == 0


def test_a_study_that_changed_into_one_long_due_is_told(store):
    """Its day passed before the last run, but it was no matter of the rule's then."""
    look(store, a_payload(**{**LAPSING, "overall_status": "COMPLETED"}))
    _due(store, "2030-01-02")
    look(store, a_payload(**{**LAPSING, "completion_date": "2028-02"}), today="2030-01-03")
    _due(store, "2030-01-04")
    assert (NUMBER, "completion-passed-still-open") in told(store)


def test_another_lead_is_told_of_what_it_takes_in(store):
    """A rule that is tuned anew is asked of every study again."""
    look(store, a_payload(**LAPSING))
    assert _due(store, "2026-05-01").alerts == 0
    assert _due(store, "2026-05-01", **{"verification-stale": {"days_ahead": 90}}).alerts == 1


def test_an_earlier_day_leaves_no_gap(store):
    """Who believes in an earlier day for once is told of nothing less afterwards."""
    look(store, a_payload(**LAPSING))
    assert [_due(store, day).alerts for day in ("2026-06-29", "2026-01-01", "2026-06-30")] == [
        *(0, 0, 1)
    ]


def test_one_that_was_gone_on_its_day_is_told_when_it_is_back(store):
    """A study that the registry lacks is not due; one that it shows again is."""
    look(store, a_payload(**LAPSING))
    with store.writing() as tx:
        fates.miss(tx, [NUMBER], "2026-06-01", clock_on("2026-06-01").at())
    assert [_due(store, day).alerts for day in ("2026-06-29", "2026-07-02")] == [0, 0]
    look(store, a_payload(**LAPSING, data_date="2026-07-03"), today="2026-07-03")
    assert _due(store, "2026-07-04").alerts == 1


def test_what_is_due_is_read_without_reading_the_rest(store):
    """Of many whose day has long passed, the next run reads none again."""
    look(store, *studies(40, **LAPSING))
    assert [_due(store, day).studies for day in ("2029-01-01", "2029-01-02")] == [40, 0]
