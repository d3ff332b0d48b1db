"""Which kind a piece is, and the JSON of the API."""

from datetime import date
from pathlib import Path

import orjson
import pytest

from ctmonitor.formats import Piece, Reject, glance, read
from ctmonitor.records import Record
from ctmonitor.sources import Files
from tests.builders import NUMBER, a_page, a_payload, a_record, a_study

REAL = Path(__file__).parents[2] / "../shared/ctgov/studies.ndjson.gz"


def reading(payload: bytes) -> Record | Reject:
    return read(Piece("made.json", "line 1", payload))


def test_a_piece_is_read_by_what_it_is():
    """The JSON of a study and the text of a page are told apart by their bytes."""
    for payload in (a_payload(), b"\xef\xbb\xbf \n" + a_payload(), a_page().encode()):
        assert reading(payload).nct_id == NUMBER


REFUSED = {
    b"": "empty",
    b" \n\t": "empty",
    b"<!DOCTYPE html><p>Busy": "web page",
    b"\n<HTML>": "web page",
    b"<?xml version='1.0'?><clinical_study/>": "XML",
    b"[1]": "list",
    b"{\0}\0": "UTF-16",
    b"\xff\xfe{\0": "UTF-16",
    b"\xe9t\xe9": "not UTF-8",
    b"Some other text": "neither",
    b'{"a": 1}': "no protocolSection",
    b'{"protocolSection": ': "not JSON",
}


@pytest.mark.parametrize(("payload", "word"), REFUSED.items())
def test_what_is_no_record_is_refused_with_its_kind(payload, word):
    """A refusal says what the bytes are instead."""
    refused = reading(payload)
    assert isinstance(refused, Reject)
    assert word in refused.reason


WRONG = {
    "a number": {"overall_status": 7},
    "null": {"brief_summary": [None]},
    "a date": {"completion_date": "2026-02-30"},
    "a status": {"overall_status": "Recruiting"},
    "a type": {"start_date_type": "ANTICIPATED"},
    "too large": {"enrollment": 2**63},
    "NUL": {"brief_title": "a\0b"},
    "a study number": {"nct_id": "NCT00000000"},
    "a release": {"data_date": "soon"},
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_refused_with_its_place(fields):
    """A refusal names the field by the registry's path."""
    refused = reading(a_payload(**fields))
    assert isinstance(refused, Reject)
    assert "." in refused.reason.split(":")[0]


def test_equal_content_has_equal_fingerprints():
    """Neither the order of names, nor line ends, nor the release make a difference."""
    tree = a_study(brief_summary="a\r\nb", data_date=date(2026, 2, 2), overall_status="RECRUITING")
    turned = dict(reversed(tree["protocolSection"].items()))
    other = reading(orjson.dumps({"protocolSection": turned}))
    assert (
        other.fingerprint == a_record(brief_summary="a\nb", overall_status="RECRUITING").fingerprint
    )


def test_what_a_later_release_adds_is_kept():
    """A field that the catalogue does not know is content like any other."""
    tree = a_study()
    tree["protocolSection"]["newModule"] = {"newField": [1, "two", {"three": True}]}
    assert reading(orjson.dumps(tree)).content == tree


def test_canonical_twice_is_canonical_once():
    """Reading what is canonical changes nothing."""
    record = a_record(brief_summary="a\rb", conditions="One", data_date="2026-02-02")
    assert reading(record.canonical).canonical == record.canonical


def test_a_glance_sees_past_the_release_date():
    """Two pieces that differ only in their release have one digest."""
    (first, on), (second, later) = (glance(a_payload(data_date=f"2026-02-0{day}")) for day in "23")
    assert first == second
    assert (on, later) == (date(2026, 2, 2), date(2026, 2, 3))


@pytest.mark.skipif(not REAL.exists(), reason="the real records are not here")
def test_real_records_are_read():
    """Not one of several hundred real records is refused."""
    records = [read(piece) for piece in Files((REAL,)).pieces()]
    assert len(records) == 628
    assert not [record for record in records if isinstance(record, Reject)]
