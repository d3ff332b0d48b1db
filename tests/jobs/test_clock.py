"""The day that a job believes in, and the instants it writes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ctmonitor.jobs.clock import Clock
from ctmonitor.store.questions import snapshots_of
from tests.builders import NUMBER, a_payload
from tests.looks import SetClock, look

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")


def _at(text: str, zone=UTC, day: date | None = None) -> SetClock:
    return SetClock(zone=zone, day=day, moments=[datetime.fromisoformat(text).replace(tzinfo=UTC)])


@pytest.mark.parametrize(
    ("zone", "today"), [(UTC, "2026-03-01"), (TOKYO, "2026-03-02"), (NEW_YORK, "2026-03-01")]
)
def test_today_is_the_date_of_the_zone(zone, today):
    """Late in the evening of Greenwich it is tomorrow in Tokyo."""
    assert str(_at("2026-03-01T20:00:00", zone).today) == today


def test_a_replay_believes_in_its_day():
    """`--today` decides the day, and the hour goes on."""
    clock = _at("2026-11-22T16:45:10", day=date(2024, 2, 29))
    assert clock.today == date(2024, 2, 29)
    assert clock.at() == datetime(2024, 2, 29, 16, 45, 10, tzinfo=UTC)
    assert clock.now() == datetime(2026, 11, 22, 16, 45, 10, tzinfo=UTC)


@pytest.mark.parametrize("hour", range(24))
def test_a_replay_stays_within_its_day_in_its_zone(hour):
    """Whatever the hour, what a replay writes is dated on the day it believes in."""
    clock = _at(f"2026-11-22T{hour:02d}:30:00", NEW_YORK, date(2026, 3, 8))
    assert clock.at().astimezone(NEW_YORK).date() == date(2026, 3, 8)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-05-01", 24)]
)
def test_a_day_is_as_long_as_its_zone_has_it(day, hours):
    """Days on which clocks are set have 23 or 25 hours."""
    clock, day = Clock(zone=NEW_YORK), date.fromisoformat(day)
    assert clock.end_of(day) - clock.start_of(day) == timedelta(hours=hours)
    assert clock.end_of(day) == clock.start_of(day + timedelta(days=1))


def test_a_replayed_history_is_dated_as_it_is_replayed(store):
    """Looks replayed on three days stand on those days."""
    for day, count in (("2024-02-29", 1), ("2024-03-01", 2), ("2025-01-01", 3)):
        look(store, a_payload(enrollment=count), today=day)
    with store.reading() as tx:
        days = [one.seen_at[:10] for one in snapshots_of(tx, NUMBER)]
    assert days == ["2024-02-29", "2024-03-01", "2025-01-01"]
