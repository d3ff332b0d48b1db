"""Rows of a few fields, held against whole records."""

from __future__ import annotations

import orjson
import pytest

from ctmonitor.formats import read_page, read_study, row_digest, row_in
from tests.builders import NUMBER, a_page, a_payload

FIELDS = {
    "nct_id_aliases": ["NCT00000009"],
    "overall_status": "UNKNOWN",
    "last_known_status": "RECRUITING",
    "status_verified_date": "2024-02",
    "last_update_posted_date": "2024-03-01",
    "fdaaa801_violation": True,
}


def _row(**fields) -> bytes:
    """A row as the registry writes it: of a few fields, in an order of its own."""
    study = orjson.loads(a_payload(**fields))
    protocol = study["protocolSection"]
    kept = ("oversightModule", "statusModule", "identificationModule")
    return orjson.dumps({"protocolSection": {name: protocol.get(name, {}) for name in kept}})


def test_a_row_that_says_what_a_record_does_has_its_digest():
    """Whatever order and whatever else it bears; a module that is empty is as one not there."""
    for fields in ({}, FIELDS):
        record = read_study(a_payload(enrollment=12, **fields))
        assert row_in(NUMBER, _row(**fields)).digest == row_digest(record)


@pytest.mark.parametrize("name", FIELDS)
def test_a_row_that_says_something_else_has_another_digest(name):
    """Each of its fields counts, also when it is gone."""
    less = {field: value for field, value in FIELDS.items() if field != name}
    digests = {row_in(NUMBER, _row(**fields)).digest for fields in (FIELDS, less)}
    assert len(digests) == 2


def test_the_sending_of_results_shows_in_a_row():
    """What was sent and not yet posted moves no date; the row has it."""
    sent = (
        b'{"annotationSection":{"annotationModule":{"unpostedAnnotation":{"unpostedEvents":[%s]}}}}'
    )
    rows = [sent % event for event in (b"", b'{"type":"RELEASE","date":"2026-01-23"}')]
    assert row_in(NUMBER, rows[0]).digest != row_in(NUMBER, rows[1]).digest


def test_a_study_page_has_no_row():
    """A page cannot say all that a row does, so no row agrees with it."""
    assert row_digest(read_page(a_page().encode())) is None


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"protocolSection":5}', b"\xff"])
def test_what_is_no_row_is_like_no_record(payload):
    """Odd bytes differ from everything held, so that the record is read."""
    assert row_in(NUMBER, payload).digest != row_digest(read_study(a_payload()))
