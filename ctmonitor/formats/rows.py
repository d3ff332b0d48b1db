"""A study's row in a listing of the few fields that change without a new posting.

A turn to UNKNOWN moves no date of the registry's, and neither does a sanction or the sending of
results; a row holds these, and the posting date for everything else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, TypedDict

import msgspec
import orjson

from ctmonitor.records import Record

_PATHS = {
    "NCTId": "protocolSection.identificationModule.nctId",
    "NCTIdAlias": "protocolSection.identificationModule.nctIdAliases",
    "OverallStatus": "protocolSection.statusModule.overallStatus",
    "LastKnownStatus": "protocolSection.statusModule.lastKnownStatus",
    "StatusVerifiedDate": "protocolSection.statusModule.statusVerifiedDate",
    "LastUpdatePostDate": "protocolSection.statusModule.lastUpdatePostDateStruct.date",
    "UnpostedEvent": "annotationSection.annotationModule.unpostedAnnotation.unpostedEvents",
    "FDAAA801Violation": "protocolSection.oversightModule.fdaaa801Violation",
}
ROW_FIELDS = tuple(_PATHS)
"""The pieces of a row; short names, as they stand in the address beside the study numbers."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a listing says of one study; `digest` is of what it says, however it is written."""

    nct_id: str
    digest: bytes


def row_in(nct_id: str, payload: bytes) -> Row:
    """The row of one study, from its exact bytes; of bytes that are no JSON, one like no other."""
    try:
        tree = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return Row(nct_id, hashlib.blake2b(payload, digest_size=16).digest())
    return Row(nct_id, _digest(tree))


def row_digest(record: Record) -> bytes | None:
    """The digest of the row that says what a record does; None where its format cannot say it."""
    if record.coverage is not None:
        return None
    return _digest(_ROW.decode(record.canonical))


class _Modules(TypedDict, total=False):
    identificationModule: dict[str, Any]
    statusModule: dict[str, Any]
    oversightModule: dict[str, Any]


class _Few(TypedDict, total=False):
    annotationSection: dict[str, Any]
    protocolSection: _Modules


_ROW = msgspec.json.Decoder(_Few)


def _digest(tree: Any) -> bytes:
    few = [_at(tree, path.split(".")) for path in _PATHS.values()]
    told = orjson.dumps(few, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(told, digest_size=16).digest()


def _at(tree: Any, names: list[str]) -> Any:
    for name in names:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree
