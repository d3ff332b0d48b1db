"""Back-filling: the registry's versions join a study's history, and nobody is told of the past."""

from __future__ import annotations

import orjson
import pytest
import sqlalchemy as sa

from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import Reject
from ctmonitor.jobs import backfill as job
from ctmonitor.jobs.backfill import Order, backfill, is_held
from ctmonitor.store import audit, versions
from ctmonitor.store.schema import former_numbers, journal, metadata
from ctmonitor.store.values import json_value
from tests.builders import NUMBER, a_payload
from tests.histories import a_listing, a_version, an_entry
from tests.looks import Pile, SetClock, look

OTHER = "NCT00000002"
LISTING = {"history": {"changes": [an_entry(0, "2024-01-05"), an_entry(1, "2024-03-04")]}}
CONTENT = a_version(1, "2024-03-04", enrollment=7)
QUIET = ("snapshots", "changes", "alerts", "pending_alerts", "deliveries", "studies", "states")


def _fill(store, *given, nct_ids=(NUMBER,), name="a pile"):
    payloads = [orjson.dumps(one) if isinstance(one, dict) else one for one in given]
    return backfill(store, Pile(payloads, name), Order("ann", nct_ids, SetClock()))


def _counts(store, names=QUIET):
    with store.reading() as tx:
        return {
            name: tx.connection.execute(
                sa.select(sa.func.count()).select_from(metadata.tables[name])
            ).scalar_one()
            for name in names
        }


def test_versions_are_kept_and_counted(store):
    """The report says what was read and what was new."""
    report = _fill(store, LISTING, CONTENT)
    assert (report.studies, report.versions, report.added, report.contents) == (1, 2, 3, 1)
    assert report.is_complete and report.plain()["alerts"] == 0
    again = _fill(store, LISTING, CONTENT)
    assert (again.versions, again.added, again.contents) == (2, 0, 0)


def test_the_past_is_told_to_nobody(store):
    """No snapshot, change, alert or delivery comes of a back-fill, of whatever happened in it."""
    look(store, a_payload(overall_status="RECRUITING", last_update_posted_date="2026-01-01"))
    before = _counts(store)
    stopped = a_version(2, "2025-04-04", overall_status="TERMINATED", why_stopped="No money")
    _fill(store, LISTING, CONTENT, stopped)
    assert _counts(store) == before and _counts(store, ["versions"]) == {"versions": 4}


def test_the_journal_notes_what_was_added(store):
    """Who, from where, and how much; and everything verifies."""
    _fill(store, LISTING, CONTENT, name="saved.json")
    _fill(store, LISTING, name="again.json")
    with store.reading() as tx:
        [row] = tx.connection.execute(journal.select()).mappings().all()
        assert audit.verify(tx)["versions"] == 3
    assert (row["who"], row["act"]) == ("ann", "back-filled versions")
    detail = json_value(row["detail"])
    assert detail.items() >= {"source": "saved.json", "versions": 3, "contents": 1}.items()
    assert detail["studies"] == [NUMBER] and detail["chains"]["versions"][0] == 3


def test_batches_are_kept_as_they_fill(store, monkeypatch):
    """A source that breaks off leaves what was read; the report calls the rest a gap."""
    monkeypatch.setattr(job, "VERSIONS_AT_ONCE", 2)
    contents = [orjson.dumps(a_version(n, f"2024-03-0{n + 1}")) for n in range(5)]
    report = _fill(store, *contents, SourceUnreadable("site", "it went away"))
    assert (report.versions, report.added, report.is_complete) == (5, 5, False)
    assert report.rejects[-1].reason == "it went away" and report.rejects[-1].is_gap
    assert _counts(store, ["journal"]) == {"journal": 3}


def test_only_the_studies_asked_for_are_kept(store):
    """Others are counted as left out; without a number, all are taken."""
    other = a_version(0, "2024-01-01", nct_id=OTHER)
    report = _fill(store, CONTENT, other)
    assert (report.studies, report.left_out) == (1, 1)
    assert _fill(store, CONTENT, other, nct_ids=()).studies == 2


def test_a_study_is_asked_for_by_any_of_its_numbers(store):
    """Versions under the number it has now belong to who names the one it had."""
    row = {"alias": NUMBER, "nct_id": OTHER, "seen_at": "2026-01-01T00:00:00.000000Z"}
    with store.writing() as tx:
        tx.connection.execute(former_numbers.insert(), row)
    assert _fill(store, a_version(0, "2024-01-01", nct_id=OTHER)).versions == 1


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(store):
    """Each with its place and reason."""
    gap = Reject("a.zip", "b.json", "is damaged", is_gap=True)
    report = _fill(store, b"no", CONTENT, gap, {"studyVersion": -1})
    assert (report.versions, report.added, report.is_complete) == (1, 1, False)
    assert [one.place for one in report.rejects] == ["piece 1", "b.json", "piece 4"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([b"no"], "piece 1: the history: neither the JSON"),
        ([b"no", {"studyVersion": 1}], r"and 1 more"),
        ([], "holds no version of NCT00000001"),
        ([a_version(0, "2024-01-01", nct_id=OTHER)], "holds no version of NCT00000001"),
        ([SourceUnreadable("a pile", "it is empty")], "it is empty"),
    ],
)
def test_a_source_that_gives_nothing_is_unreadable(store, given, why):
    """Exit code 4, and nothing was noted."""
    with pytest.raises(SourceUnreadable, match=why):
        _fill(store, *given)
    assert _counts(store, ["versions", "journal"]) == {"versions": 0, "journal": 0}


def test_remarks_are_handed_on(store):
    """A record beside a listing that is not its last version is said to be so."""
    beside = a_listing(an_entry(0, "2024-01-05"), overall_status="UNKNOWN")
    [remark] = _fill(store, beside).remarks
    assert remark.startswith(f"{NUMBER}: the record beside the listing (UNKNOWN")


def test_what_is_held_need_not_be_asked_for(store):
    """A version is held when its content is."""
    _fill(store, LISTING, CONTENT)
    held = is_held(store, [NUMBER])
    assert [held(NUMBER, number) for number in (0, 1, 2)] == [False, True, False]


def test_a_version_bears_the_instant_of_its_back_fill(store):
    """By our clock, it was learned when it was back-filled."""
    _fill(store, CONTENT)
    with store.reading() as tx:
        [known] = versions.known_versions(tx, [NUMBER])
    assert known.seen_at == SetClock().now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
