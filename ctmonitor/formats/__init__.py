"""How registries write a record: bytes in, a Record or a reason out."""

from ctmonitor.errors import RecordRejected
from ctmonitor.formats.api import number_in, read_study, study_from
from ctmonitor.formats.canonical import canonical_bytes, facts_of, fingerprint_of, record_from
from ctmonitor.formats.kept import record_kept
from ctmonitor.formats.kind import Kind, kind_of, without_mark
from ctmonitor.formats.page import MAX_PAGE, is_page, read_page
from ctmonitor.formats.piece import (
    Handed,
    Milestone,
    Piece,
    Reject,
    Sighting,
    Source,
    Unmoved,
    glance,
    release_date_in,
)
from ctmonitor.formats.rows import ROW_FIELDS, Row, row_digest, row_in
from ctmonitor.records import Record


def read(piece: Piece) -> Record | Reject:
    """The record in a piece, or why it is none; what it is, its bytes say."""
    try:
        record = _record_in(piece.payload)
    except RecordRejected as problem:
        reason = f"{problem.where}: {problem.why}"
        of = piece.nct_id or problem.nct_id
        return Reject(piece.source, piece.place, reason, piece.payload, of)
    if piece.nct_id not in (None, record.nct_id):
        reason = f"it should be the record of {piece.nct_id}, and is that of {record.nct_id}"
        return Reject(piece.source, piece.place, reason, piece.payload, piece.nct_id)
    return record


def _record_in(payload: bytes) -> Record:
    kind = kind_of(payload)
    if kind is Kind.JSON_OBJECT:
        return read_study(without_mark(payload))
    if kind is Kind.PAGE:
        return read_page(payload)
    raise RecordRejected("the record", kind.value, number_in(payload))


__all__ = [
    "MAX_PAGE",
    "ROW_FIELDS",
    "Handed",
    "Kind",
    "Milestone",
    "Piece",
    "Reject",
    "Row",
    "Sighting",
    "Source",
    "Unmoved",
    "canonical_bytes",
    "facts_of",
    "fingerprint_of",
    "glance",
    "is_page",
    "kind_of",
    "number_in",
    "read",
    "read_page",
    "read_study",
    "record_from",
    "record_kept",
    "release_date_in",
    "row_digest",
    "row_in",
    "study_from",
    "without_mark",
]
