"""Record histories: listings of versions, and versions by themselves."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import orjson
import pytest

from ctmonitor.formats import Piece
from ctmonitor.formats.history import read_history
from ctmonitor.formats.submitted import as_submitted
from tests.builders import NUMBER, a_record, a_study
from tests.histories import a_listing, a_version, an_entry, told

REAL = Path(__file__).parents[3] / "shared" / "ctgov" / "history"
FIRST, LAST = an_entry(0, "2024-01-05"), an_entry(1, "2024-03-04", "COMPLETED")
BESIDE = {"overall_status": "COMPLETED", "last_update_submit_date": "2024-03-04"}


def test_each_entry_of_a_listing_is_a_version():
    """Its day, status and modules are told, and nothing of its content."""
    found = told({"history": {"changes": [FIRST, LAST]}}, nct_id=NUMBER).versions
    assert [(one.version, str(one.submitted_date), one.overall_status) for one in found] == [
        (0, "2024-01-05", "RECRUITING"),
        (1, "2024-03-04", "COMPLETED"),
    ]
    assert [one.module_labels for one in found] == [(), ("Study Status",)]
    assert all(one.record is None and one.registry_date == one.submitted_date for one in found)


@pytest.mark.parametrize(
    ("tree", "nct_id", "source"),
    [
        ({"changes": [FIRST]}, NUMBER, "a file"),
        ({"changes": [FIRST]}, None, f"folder/{NUMBER}.history.json"),
        ({"changes": [FIRST]}, "NCT00000009", f"{NUMBER}.json"),
        (a_listing(FIRST), "NCT00000009", "NCT00000008.json"),
    ],
)
def test_a_listing_is_of_the_study_it_names(tree, nct_id, source):
    """The record beside it says which, else the file's name, else who gave it."""
    [version] = told(tree, nct_id=nct_id, source=source).versions
    assert version.nct_id == NUMBER


def test_the_record_beside_a_listing_is_its_last_version():
    """Where day and status agree, its content is that version's, as far as it was submitted."""
    found = told(a_listing(FIRST, LAST, **BESIDE, data_date="2025-01-01"))
    first, last = found.versions
    assert first.record is None and last.record is not None and last.is_borrowed
    assert "derivedSection" not in last.record.content
    assert last.module_labels == ("Study Status",) and found.remarks == ()


@pytest.mark.parametrize(
    "beside",
    [
        {"overall_status": "UNKNOWN", "last_known_status": "COMPLETED"},
        {"last_update_submit_date": "2024-05-01"},
        {"last_update_submit_date": None},
    ],
    ids=str,
)
def test_a_record_that_moved_on_is_no_version(beside):
    """A turn to UNKNOWN, or a day that no version has: the listing alone is taken, and said so."""
    found = told(a_listing(FIRST, LAST, **(BESIDE | beside)))
    assert [one.record for one in found.versions] == [None, None]
    assert "is not its last version 1" in found.remarks[0] and found.rejects == ()


def test_a_version_that_failed_quality_control_is_marked():
    """It was never public, so the record of today is held against the one before it."""
    failed = an_entry(2, "2024-06-01", "COMPLETED", reviewNotPassed=True)
    found = told(a_listing(FIRST, LAST, failed, **BESIDE)).versions
    assert [one.is_qc_failed for one in found] == [False, False, True]
    assert [one.record is None for one in found] == [True, False, True]


def test_a_version_by_itself_has_a_content():
    """Its day is in its content; whether it passed quality control is not known."""
    [version] = told(a_version(3, "2024-02-02", enrollment=12)).versions
    assert (version.nct_id, version.version) == (NUMBER, 3)
    assert version.submitted_date == version.registry_date == date(2024, 2, 2)
    assert version.module_labels is None and version.record.facts.enrollment == 12


@pytest.mark.parametrize(
    ("posted", "dated"),
    [("2024-02-06", "2024-02-06"), ("2024-02-02", "2024-02-02"), ("2024-01-30", "2024-02-02")],
)
def test_a_version_is_dated_by_its_posting(posted, dated):
    """Where its content says the day, and it is not before the submission."""
    [version] = told(a_version(3, "2024-02-02", last_update_posted_date=posted)).versions
    assert str(version.registry_date) == dated


def test_the_first_version_is_dated_by_its_quality_control():
    """A first content has no update yet."""
    fields = {"study_first_submit_date": "2024-01-01", "study_first_submit_qc_date": "2024-01-09"}
    [version] = told(a_version(0, "x", last_update_submit_date=None, **fields)).versions
    assert str(version.submitted_date) == "2024-01-09"


def test_texts_are_as_the_api_writes_them():
    """Markup becomes markdown, other texts lose their entities: nothing differs but what does."""
    html = {
        "brief_summary": "<p>Of &lt;5&#x2F;l:</p><ul><li>a</li></ul>",
        "brief_title": "A&#x27;s",
    }
    api = {"brief_summary": "Of \\<5/l:\n\n* a", "brief_title": "A's"}
    [version] = told(a_version(1, "2024-02-02", **html)).versions
    same = a_record(overall_status="RECRUITING", last_update_submit_date="2024-02-02", **api)
    assert version.record.canonical == same.canonical


def test_derived_references_are_not_history():
    """The site shows old versions with the derived references of today; they are left out."""
    own, derived = {"pmid": "1", "type": "RESULT"}, {"pmid": "2", "type": "DERIVED"}
    [with_own, without] = [
        told(a_version(1, "2024-02-02", references=found)).versions[0].record.content
        for found in ([derived, own], [derived])
    ]
    assert with_own["protocolSection"]["referencesModule"] == {"references": [own]}
    assert "referencesModule" not in without["protocolSection"]


def test_a_snapshot_is_made_comparable():
    """What only the registry derives is taken off a record before it meets a version."""
    derived = [{"pmid": "2", "type": "DERIVED"}]
    record = a_record(references=derived, data_date="2026-01-01", enrollment=3)
    content = as_submitted(record).content
    assert content == a_study(enrollment=3)


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        (b"not json", "neither the JSON"),
        (b'{"changes": [', "not JSON that can be read"),
        (b"[]", "a JSON list"),
        ({}, "neither a listing"),
        (a_study(), "a record as it is now"),
        ({"changes": [FIRST]}, "names no study"),
        ({"history": {"changes": [FIRST]}}, "names no study"),
        ({"history": []}, "is no listing"),
        (a_listing(), "is no list of versions"),
        ({"study": {}, "history": {"changes": [FIRST]}}, "no study number"),
        ({"studyVersion": "1", "study": a_study()}, "is no number of a version"),
        ({"studyVersion": True, "study": a_study()}, "is no number of a version"),
        ({"studyVersion": 1}, "it has no protocolSection"),
        ({"studyVersion": 1, "study": a_study()}, "does not say when"),
        (a_version(1, "2024-02-02", overall_status="PERHAPS"), "not a status"),
        (a_version(1, "2024-02-02", enrollment="many"), "is text where integer belongs"),
    ],
)
def test_what_is_no_history_is_refused_with_the_reason(tree, reason):
    """Nothing is taken for a version that is none."""
    found = told(tree)
    assert found.versions == () and reason in found.rejects[0].reason


@pytest.mark.parametrize(
    "bad",
    [
        {"version": -1},
        {"version": 1.0},
        {"version": None},
        {"date": "2024-02"},
        {"date": "2024-02-30"},
        {"date": None},
        {"status": "PERHAPS"},
        {"status": 3},
        {"moduleLabels": "Study Status"},
        {"moduleLabels": ["a\x00b"]},
        {"reviewNotPassed": "yes"},
        {"version": 0},
    ],
    ids=str,
)
def test_a_bad_entry_is_refused_and_the_rest_goes_on(bad):
    """The other versions of the listing are taken, but not the record beside it."""
    found = told(a_listing(FIRST, LAST | bad, **BESIDE))
    assert [one.version for one in found.versions] == [0]
    assert "history.changes[1]" in found.rejects[0].reason
    assert found.versions[0].record is None


def test_no_depth_or_text_breaks_the_reading():
    """JSON as deep as it can be is refused like other bytes."""
    deep = b'{"studyVersion":1,"study":' + b'{"a":' * 900 + b"1" + b"}" * 901
    assert told(deep).rejects


@pytest.mark.skipif(not REAL.exists(), reason="the real histories are not here")
def test_real_histories_are_read():
    """Two saved answers of the site: 64 versions, and of each the last has a content."""
    found = {
        path.name[:11]: read_history(Piece(str(path), "the whole file", path.read_bytes()))
        for path in sorted(REAL.glob("*.json"))
    }
    assert [len(one.versions) for one in found.values()] == [38, 26]
    for nct_id, one in found.items():
        *listed, last = one.versions
        assert not one.rejects and not one.remarks
        assert last.record.nct_id == nct_id and str(last.record.facts.overall_status) == "COMPLETED"
        assert last.registry_date > last.submitted_date
        assert not any(version.record for version in listed)
        assert b"&#" not in last.record.canonical and b"DERIVED" not in last.record.canonical
        assert b"derivedSection" not in orjson.dumps(last.record.content)
