"""A study's row in a listing of the few fields that change without a new posting.

A turn to UNKNOWN moves no date of the registry's, and neither does a sanction or the sending of
results; a row holds these, and the posting date for everything else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from ctmonitor.errors import RecordRejected
from ctmonitor.formats.api import study_from

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
    """What a listing says of one study; `digest` is of its bytes."""

    nct_id: str
    payload: bytes
    digest: bytes

    def says(self, canonical: bytes) -> bool:
        """Whether it agrees with a canonical content in every field of a row."""
        try:
            told = study_from(orjson.loads(self.payload)).content
        except (RecordRejected, orjson.JSONDecodeError):
            return False
        return _few(told) == _few(orjson.loads(canonical))


def row_in(nct_id: str, payload: bytes) -> Row:
    """The row of one study, from its exact bytes."""
    return Row(nct_id, payload, hashlib.blake2b(payload, digest_size=16).digest())


def _few(content: dict[str, Any]) -> list[Any]:
    return [_at(content, path.split(".")) for path in _PATHS.values()]


def _at(tree: Any, names: list[str]) -> Any:
    for name in names:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree
