"""When what is owed may leave."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.alerts import Severity
from ctmonitor.watches.cadence import Cadence, Manner, spans

START = datetime(2024, 1, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    *("UTC", "Europe/Berlin", "Europe/London", "Europe/Lisbon", "America/New_York"),
    *("America/Los_Angeles", "America/St_Johns", "America/Sao_Paulo", "America/Havana"),
    *("Africa/Cairo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Asia/Tehran"),
    *("Asia/Beirut", "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Auckland"),
    *("Pacific/Apia", "Pacific/Chatham"),
]


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["now", "run", "daily 08:00", "weekly mon 23:59"])
def test_a_cadence_is_written_as_it_is_read(text):
    """What is kept says the same as what was asked for."""
    assert str(Cadence.parse(text)) == text
    assert Cadence.parse(text.upper()) == Cadence.parse(text)


@pytest.mark.parametrize(
    "text", ["hourly", "daily", "daily 8:00", "daily 24:00", "weekly 08:00", "weekly may 08:00"]
)
def test_what_is_no_cadence_is_refused(text):
    """With a sentence that says what there is."""
    with pytest.raises(ValueError, match=r"daily HH:MM|HH:MM"):
        Cadence.parse(text)


@pytest.mark.parametrize(
    ("cadence", "owed", "leaves"),
    [
        ("run", "2026-03-02T05:00", "2026-03-02T05:00"),
        ("daily 08:00", "2026-03-02T06:59", "2026-03-02T07:00"),
        ("daily 08:00", "2026-03-02T07:00", "2026-03-03T07:00"),
        ("weekly mon 08:00", "2026-03-02T07:30", "2026-03-09T07:00"),
        # Clocks go forward on 29 March and back on 25 October.
        ("daily 02:30", "2026-03-28T12:00", "2026-03-29T01:00"),
        ("daily 02:30", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("daily 02:30", "2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_it_leaves_at_the_hour_of_the_zone(cadence, owed, leaves):
    """The next time that it is so late there, on days on which clocks move, too."""
    assert Cadence.parse(cadence).leaves_at(at(owed), BERLIN) == at(leaves)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("start", ["2026-03-01", "2026-09-01", "2027-12-20", "2028-02-20"])
@pytest.mark.parametrize("hour", ["00:00", "02:30"])
def test_each_local_day_has_one_digest(zone, start, hour):
    """Over both moves of the clocks, the year's end and a leap day: every day, and once."""
    there, cadence = ZoneInfo(zone), Cadence.parse(f"daily {hour}")
    first = date.fromisoformat(start)
    owed = datetime.combine(first, time(), there).astimezone(UTC) - timedelta(seconds=1)
    told = []
    while len(told) < 75:
        owed = cadence.leaves_at(owed, there)
        told.append(owed.astimezone(there).date())
    assert told == [first + timedelta(days=count) for count in range(75)]


def test_a_day_that_a_zone_left_out_has_none():
    """Samoa went from 29 to 31 December 2011; nothing is told twice on the 31st."""
    apia, cadence = ZoneInfo("Pacific/Apia"), Cadence.parse("daily 08:00")
    owed, told = at("2011-12-28T00:00"), []
    for _ in range(4):
        owed = cadence.leaves_at(owed, apia)
        told.append(str(owed.astimezone(apia).date()))
    assert told == ["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"]


@pytest.mark.parametrize(
    ("owed", "severity", "leaves"),
    [
        ("2026-03-02T17:30", "normal", "2026-03-03T07:00"),
        ("2026-03-02T17:30", "critical", "2026-03-02T17:30"),
        ("2026-03-03T06:59", "high", "2026-03-03T07:00"),
        ("2026-03-03T07:00", "high", "2026-03-03T07:00"),
        # From Friday evening on it is quiet until Monday.
        ("2026-03-06T17:00", "normal", "2026-03-09T07:00"),
    ],
)
def test_hours_of_quiet_hold_all_but_the_urgent(owed, severity, leaves):
    """It leaves when the last of the hours that follow on each other has ended."""
    manner = Manner(
        BERLIN, spans("mon-thu 18:00-08:00, fri 18:00-24:00, sat-sun 00:00-24:00,mon 00:00-08:00")
    )
    assert manner.leaves_at(Cadence(), Severity(severity), at(owed)) == at(leaves)


@pytest.mark.parametrize(
    "text", ["00:00-24:00", "mon-sun 08:00-08:00", "always", "mon 8-9", "moo 08:00-09:00"]
)
def test_hours_that_never_end_or_mean_nothing_are_refused(text):
    """Quiet holds; it must never drop."""
    with pytest.raises(ValueError):
        spans(text)


@given(
    st.integers(0, 3_000_000).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.sampled_from(ZONES),
    st.sampled_from(["daily 00:00", "daily 02:30", "weekly sun 23:59", "run"]),
)
def test_it_never_leaves_before_it_is_owed_nor_in_quiet(owed, zone, cadence):
    """Whatever the zone and the hour."""
    manner = Manner(ZoneInfo(zone), spans("22:00-06:00, sat-sun 12:00-13:00"))
    leaves = manner.leaves_at(Cadence.parse(cadence), Severity.LOW, owed)
    assert owed <= leaves <= owed + timedelta(days=9)
    assert not any(span.ends(leaves, manner.zone) for span in manner.quiet)
