"""How registries write a record: bytes in, a Record or a reason out."""

from ctmonitor.errors import RecordRejected
from ctmonitor.formats.api import number_in, read_study, study_from
from ctmonitor.formats.canonical import canonical_bytes, facts_of, fingerprint_of, record_from
from ctmonitor.formats.piece import Piece, Reject, Source, glance
from ctmonitor.records import Record


def read(piece: Piece) -> Record | Reject:
    """The record in a piece, or why it is none."""
    try:
        return read_study(piece.payload)
    except RecordRejected as problem:
        reason = f"{problem.where}: {problem.why}"
        return Reject(piece.source, piece.place, reason, piece.payload, problem.nct_id)


__all__ = [
    "Piece",
    "Reject",
    "Source",
    "canonical_bytes",
    "facts_of",
    "fingerprint_of",
    "glance",
    "number_in",
    "read",
    "read_study",
    "record_from",
    "study_from",
]
