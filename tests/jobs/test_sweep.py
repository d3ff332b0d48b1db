"""A look at some files: each study comes out new, changed, unchanged, older or set aside."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import Reject
from ctmonitor.jobs.intake import PIECES_AT_ONCE
from ctmonitor.jobs.sweep import Plan, sweep
from ctmonitor.sources import Files
from ctmonitor.store.questions import recent_sweeps, rejected
from ctmonitor.store.sweeps import Counts
from ctmonitor.watches import WatchList
from tests.builders import NUMBER, a_payload
from tests.jobs.asking import changed, number_held, told
from tests.looks import clock_on, look, studies

OTHER = "NCT00000002"


def _counts(report) -> dict[str, int]:
    """The counts of a report that are not nought."""
    return {name: n for name in Counts.__slots__ if (n := getattr(report.counts, name))}


def _states(store) -> list[str]:
    with store.reading() as tx:
        return [one.state for one in recent_sweeps(tx, None)]


def test_a_file_is_swept(store, tmp_path: Path):
    """New studies of a file are kept, silently, and the report says so."""
    path = tmp_path / "registry.ndjson"
    path.write_bytes(b"\n".join(studies(3, overall_status="RECRUITING", data_date="2026-03-01")))
    report = sweep(store, Files([path]), Plan(clock=clock_on("2026-03-02")))
    assert _counts(report) == {"received": 3, "new": 3}
    plain = report.plain()
    assert (plain["complete"], plain["expected"], plain["alerts"]) == (True, 3, 0)
    assert (plain["data_timestamp"], plain["source"]) == ("2026-03-01", str(path))


def test_a_second_look_is_silent(store):
    """What did not change is only seen again: no snapshot, no change, no alert."""
    given = studies(3, overall_status="RECRUITING")
    look(store, *given)
    assert _counts(look(store, *given)) == {"received": 3, "unchanged": 3}
    assert number_held(store) == 1 and told(store) == []


def test_a_new_release_of_the_same_content_is_silent(store):
    """The date of the release alone makes no snapshot."""
    look(store, a_payload(data_date="2026-03-01"))
    report = look(store, a_payload(data_date="2026-03-02"))
    assert _counts(report) == {"received": 1, "unchanged": 1}
    assert number_held(store) == 1


def test_other_bytes_of_the_same_content_are_silent(store):
    """White space and the order of keys are no change, and are read only once more."""
    payload = a_payload(overall_status="RECRUITING", conditions=["A", "B"])
    look(store, payload)
    again = payload.replace(b'"A","B"', b'"B", "A"')
    for _ in range(2):
        assert _counts(look(store, again)) == {"received": 1, "unchanged": 1}
    assert number_held(store) == 1 and changed(store) == []


def test_a_change_is_kept_and_told(store):
    """A field that differs is one change, with its values, and the rules are asked."""
    look(store, a_payload(overall_status="RECRUITING"))
    report = look(store, a_payload(overall_status="COMPLETED"))
    assert _counts(report) == {"received": 1, "changed": 1, "changes": 1, "alerts": 1}
    assert changed(store) == [("overall_status", "RECRUITING", "COMPLETED")]
    assert told(store) == [(NUMBER, "completed")]


def test_there_and_back_again_is_told_each_time(store):
    """A status that returns, and turns again, is a new fact each time."""
    for status in ("RECRUITING", "SUSPENDED", "RECRUITING", "SUSPENDED"):
        look(store, a_payload(overall_status=status))
    rules = [rule for _, rule in told(store)]
    assert rules == ["stopped", "resumed", "stopped"]


def test_what_cannot_be_read_is_set_aside(store):
    """A rejected input leaves the stored record as it was, and the look goes on."""
    look(store, a_payload(overall_status="RECRUITING"))
    broken = a_payload(overall_status="SLEEPING")
    report = look(store, broken, a_payload(nct_id=OTHER), b"not json")
    assert _counts(report) == {"received": 3, "new": 1, "rejected": 2}
    with store.reading() as tx:
        kept = rejected(tx, report.sweep, None)
    assert [one["nct_id"] for one in reversed(kept)] == [NUMBER, None]
    assert "SLEEPING" in kept[1]["reason"] and kept[1]["payload_bytes"] == len(broken)
    assert number_held(store) == 1 and report.is_complete


def test_a_gap_makes_a_look_partial(store):
    """Input that ends too early is named; what came is kept."""
    gap = Reject("a pile", "piece 2", "it is cut off", is_gap=True)
    report = look(store, a_payload(), gap)
    assert not report.is_complete and report.gaps == ("a pile: it is cut off",)
    assert (report.expected, _states(store)) == (None, ["partial"])


def test_an_older_release_changes_nothing(store):
    """A record of an earlier data date than what we hold is counted and left alone."""
    look(store, a_payload(overall_status="COMPLETED", data_date="2026-03-02"))
    report = look(store, a_payload(overall_status="RECRUITING", data_date="2026-02-01"))
    assert _counts(report) == {"received": 1, "unchanged": 1, "older": 1}
    assert number_held(store) == 1 and told(store) == []


def test_a_release_between_two_looks_is_older(store):
    """A study seen unchanged in a later release is known to stand so then."""
    look(store, a_payload(overall_status="RECRUITING", data_date="2026-02-27"))
    look(store, a_payload(overall_status="RECRUITING", data_date="2026-03-03"))
    between = a_payload(overall_status="SUSPENDED", data_date="2026-03-02")
    assert look(store, between).counts.older == 1


def test_a_study_is_as_new_as_the_release_that_showed_it(store):
    """Of files of two releases in one look, the newer one says nothing of who is not in it."""
    for released in ("2026-02-27", "2026-03-01"):
        newer = a_payload(nct_id="NCT00000002", data_date="2026-03-05")
        look(store, newer, a_payload(overall_status="RECRUITING", data_date=released))
    report = look(store, a_payload(overall_status="COMPLETED", data_date="2026-03-03"))
    assert (report.counts.changed, report.counts.older) == (1, 0)


def test_an_older_update_changes_nothing(store):
    """Where no release is named, the date of the last update decides."""
    look(store, a_payload(overall_status="COMPLETED", last_update_posted_date="2026-03-02"))
    old = a_payload(overall_status="RECRUITING", last_update_posted_date="2025-03-02")
    assert look(store, old).counts.older == 1
    assert number_held(store) == 1


def test_the_same_study_twice_in_one_file_is_two_states(store):
    """Two contents of one study are taken in their order, also when the first is known."""
    first, second = (a_payload(enrollment=n) for n in (1, 2))
    report = look(store, first, second)
    assert (report.counts.new, report.counts.changed) == (1, 1)
    report = look(store, second, first, second)
    assert (report.counts.changed, report.counts.unchanged) == (2, 1)
    assert [after for _, _, after in changed(store)] == [2, 1, 2]


def test_a_thousand_studies_need_several_batches(store):
    """More than fits in one batch is all kept, and progress is told after each batch."""
    seen: list[int] = []
    given = studies(PIECES_AT_ONCE * 2 + 1)
    report = look(store, *given, progress=lambda progress: seen.append(progress.counts.received))
    assert report.counts.new == len(given)
    assert seen == [PIECES_AT_ONCE, 2 * PIECES_AT_ONCE, len(given)]


def test_a_watch_list_limits_a_look(store):
    """Only the watched studies are looked at, and those that are not there are named."""
    watched = WatchList("mine", is_all=False, nct_ids=frozenset({NUMBER, "NCT00000009"}))
    report = look(store, *studies(3), watch=watched)
    assert _counts(report) == {"received": 1, "new": 1}
    assert (report.expected, report.is_complete) == (2, False)
    assert report.gaps == ("not in the source, though watched (1): NCT00000009",)


def test_a_watched_study_that_did_not_change_is_not_called_absent(store):
    """A study known by its bytes alone counts as found."""
    watched = WatchList("mine", is_all=False, nct_ids=frozenset({NUMBER}))
    for _ in range(2):
        assert look(store, *studies(3), watch=watched).is_complete


def test_a_source_of_nothing_ends_the_look_as_failed(store, tmp_path: Path):
    """A file that is not there is said in a sentence, and the look is on record."""
    with pytest.raises(SourceUnreadable, match="there is no such file"):
        sweep(store, Files([tmp_path / "absent.json"]), Plan())
    assert _states(store) == ["failed"]


@pytest.mark.parametrize("length", [41, 3_000, 20_000])
def test_values_of_any_length_are_kept(store, length):
    """Text from outside that is longer than anyone expects stops no look."""
    long = "".join(chr(97 + (n * n) % 26) for n in range(length))
    fields = ("study_type", "lead_sponsor", "brief_title", "why_stopped")
    look(store, a_payload(overall_status="RECRUITING"))
    report = look(store, a_payload(**dict.fromkeys(fields, long)))
    assert report.counts.rejected + report.counts.changed == 1


def test_a_new_field_with_an_endless_name_stops_no_look(store):
    """A field that no catalogue knows is kept, or set aside with its reason, whatever its name."""
    look(store, a_payload())
    name = b"".join(b"%x" % (n * n * 7919) for n in range(3_000))
    odd = a_payload().replace(b'"protocolSection":{', b'"protocolSection":{"%s":1,' % name)
    report = look(store, odd)
    assert report.counts.rejected + report.counts.changed == 1
