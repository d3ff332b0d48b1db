"""A study's row in a listing of the few fields that change without a new posting.

A turn to UNKNOWN moves no date of the registry's, and neither does a sanction or the sending of
results; a row holds these, and the posting date for everything else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ctmonitor.formats.parts import sorted_bytes
from ctmonitor.records import Record

ROW_FIELDS = (
    *("NCTId", "NCTIdAlias", "OverallStatus", "LastKnownStatus", "StatusVerifiedDate"),
    *("LastUpdatePostDate", "UnpostedEvent", "FDAAA801Violation"),
)
"""The pieces of a row; short names, as they stand in the address beside the study numbers."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a listing says of one study; `digest` is of what it says, however it is written."""

    nct_id: str
    digest: bytes


def row_in(nct_id: str, payload: bytes) -> Row:
    """The row of one study, from its exact bytes; of bytes that are no row, one like no other."""
    try:
        return Row(nct_id, _digest(payload))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Row(nct_id, hashlib.blake2b(payload, digest_size=16).digest())


def row_digest(record: Record) -> bytes | None:
    """The digest of the row that says what a record does; None where its format cannot say it."""
    if record.coverage is not None:
        return None
    return record.row_digest or _digest(record.canonical)


class _Part(msgspec.Struct, gc=False):
    """A part of a study: of an empty one and of one that is not there, a row says the same."""


class _Identification(_Part):
    nctId: Any = None
    nctIdAliases: Any = None


class _Posting(_Part):
    date: Any = None


class _Status(_Part):
    overallStatus: Any = None
    lastKnownStatus: Any = None
    statusVerifiedDate: Any = None
    lastUpdatePostDateStruct: _Posting = msgspec.field(default_factory=_Posting)


class _Oversight(_Part):
    fdaaa801Violation: Any = None


class _Protocol(_Part):
    identificationModule: _Identification = msgspec.field(default_factory=_Identification)
    statusModule: _Status = msgspec.field(default_factory=_Status)
    oversightModule: _Oversight = msgspec.field(default_factory=_Oversight)


class _Unposted(_Part):
    unpostedEvents: Any = None


class _Annotations(_Part):
    unpostedAnnotation: _Unposted = msgspec.field(default_factory=_Unposted)


class _Annotation(_Part):
    annotationModule: _Annotations = msgspec.field(default_factory=_Annotations)


class _Study(_Part):
    protocolSection: _Protocol = msgspec.field(default_factory=_Protocol)
    annotationSection: _Annotation = msgspec.field(default_factory=_Annotation)


_FEW: Final = msgspec.json.Decoder(_Study)


def _digest(payload: bytes) -> bytes:
    study = _FEW.decode(payload)
    titles, status = study.protocolSection.identificationModule, study.protocolSection.statusModule
    return digest_of(
        titles.nctId,
        titles.nctIdAliases,
        status.overallStatus,
        status.lastKnownStatus,
        status.statusVerifiedDate,
        status.lastUpdatePostDateStruct.date,
        study.annotationSection.annotationModule.unpostedAnnotation.unpostedEvents,
        study.protocolSection.oversightModule.fdaaa801Violation,
    )


def digest_of(*told: Any) -> bytes:
    """The digest of what a row tells: the values of `ROW_FIELDS`, None for what it does not say."""
    return hashlib.blake2b(sorted_bytes(told), digest_size=16).digest()
