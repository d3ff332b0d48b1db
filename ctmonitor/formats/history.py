"""The record history of one study: its versions, as the registry numbers them.

The registry's site shows a listing of all versions, with the record of today beside it, and each
version by itself. Neither is documented; the shapes were read from saved answers of 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import orjson

from ctmonitor.errors import RecordRejected
from ctmonitor.formats.api import number_in
from ctmonitor.formats.kind import Kind, kind_of, without_mark
from ctmonitor.formats.markup import without_entities
from ctmonitor.formats.piece import Piece, Reject
from ctmonitor.formats.submitted import record_of, submit_date
from ctmonitor.records import NCT_ID, OverallStatus, PartialDate, Record

MOST_VERSIONS = 100_000
_NUMBER = re.compile(r"NCT\d{8}")
_STATUS = "protocolSection.statusModule"
_BARE = "a listing that names no study; name one study on the command line, or in the file's name"
_NO_HISTORY = "a record as it is now, without history; `ctmonitor sweep` reads it"
_UNKNOWN = "JSON of another kind: neither a listing of versions nor one version"


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a study as the registry numbers it, from 0; `record` None: only listed.

    `submitted_date` is when it was submitted; of version 0, when it met the registry's quality
    control. `module_labels` names what it changed; None where no listing told, so that nothing
    is known of `is_qc_failed` either. `is_borrowed` says that the record stood beside a listing.
    """

    nct_id: str
    version: int
    submitted_date: date
    overall_status: str | None
    module_labels: tuple[str, ...] | None = None
    is_qc_failed: bool = False
    record: Record | None = None
    is_borrowed: bool = False

    @property
    def registry_date(self) -> date:
        """The day it was posted when its own content says so, else the day it was submitted."""
        if self.record is None or submit_date(self.record) not in (None, self.submitted_date):
            return self.submitted_date
        posted = self.record.facts.last_update_posted_date
        return self.submitted_date if posted is None else max(posted.last, self.submitted_date)


@dataclass(frozen=True, slots=True)
class Told:
    """What one piece told of a study's versions; `remarks` are sentences for people."""

    versions: tuple[Version, ...] = ()
    rejects: tuple[Reject, ...] = ()
    remarks: tuple[str, ...] = ()


def read_history(piece: Piece, nct_id: str | None = None) -> Told:
    """The versions in a piece; `nct_id` is the study of a listing that names none itself."""
    try:
        tree = _tree(piece.payload)
        if "studyVersion" in tree:
            return Told((_version(tree),))
        if "history" in tree:
            study = tree.get("study")
            return _Listing(piece, _object(tree["history"], "history"), study).told(
                _number_of(study) if study is not None else _named(piece) or nct_id
            )
        if "changes" in tree:
            return _Listing(piece, tree, None).told(_named(piece) or nct_id)
        raise RecordRejected(
            "the record", _NO_HISTORY if "protocolSection" in tree else _UNKNOWN, _number(tree)
        )
    except RecordRejected as problem:
        return Told(rejects=(_reject(piece, problem),))


class _Listing:
    """One listing of a study's versions, with or without today's record beside it."""

    def __init__(self, piece: Piece, history: dict[str, Any], study: Any) -> None:
        self.piece = piece
        self.history = history
        self.study = study

    def told(self, nct_id: str | None) -> Told:
        changes = self.history.get("changes")
        if nct_id is None:
            raise RecordRejected("the listing", _BARE)
        if not isinstance(changes, list) or not changes:
            raise RecordRejected("history.changes", "is no list of versions", nct_id)
        found: dict[int, Version] = {}
        rejects: list[Reject] = []
        for at, entry in enumerate(changes):
            try:
                version = _listed(entry, f"history.changes[{at}]", nct_id)
                if found.setdefault(version.version, version) != version:
                    why = f"version {version.version} is listed twice, not the same"
                    raise RecordRejected(f"history.changes[{at}]", why, nct_id)
            except RecordRejected as problem:
                rejects.append(_reject(self.piece, problem))
        remarks: list[str] = []
        if self.study is not None and found:
            remarks += self._beside(found, rejects)
        return Told(tuple(found.values()), tuple(rejects), tuple(remarks))

    def _beside(self, found: dict[int, Version], rejects: list[Reject]) -> Iterator[str]:
        """Take the record beside the listing for the last public version, where it is that one.

        The registry turns records to UNKNOWN, and keeps versions under review from the public:
        the record of today need not be what the last version says.
        """
        public = [one for one in found.values() if not one.is_qc_failed]
        if not public or rejects:
            yield "the record beside the listing is not taken for a version: the listing has faults"
            return
        last = max(public, key=lambda one: one.version)
        try:
            record = record_of(self.study)
        except RecordRejected as problem:
            rejects.append(_reject(self.piece, problem))
            return
        said = str(record.facts.overall_status)
        if submit_date(record) != last.submitted_date or said != last.overall_status:
            yield (
                f"{last.nct_id}: the record beside the listing ({said}, submitted "
                f"{submit_date(record) or 'on no day'}) is not its last version {last.version} "
                f"({last.overall_status}, {last.submitted_date}); only the listing is kept"
            )
            return
        found[last.version] = Version(
            nct_id=last.nct_id,
            version=last.version,
            submitted_date=last.submitted_date,
            overall_status=last.overall_status,
            module_labels=last.module_labels,
            record=record,
            is_borrowed=True,
        )


def _tree(payload: bytes) -> dict[str, Any]:
    kind = kind_of(payload)
    if kind is not Kind.JSON_OBJECT:
        raise RecordRejected("the history", kind.value, number_in(payload))
    try:
        tree: dict[str, Any] = orjson.loads(without_mark(payload))
    except orjson.JSONDecodeError as problem:
        why = f"not JSON that can be read ({problem.msg}, at character {problem.pos})"
        raise RecordRejected("the history", why, number_in(payload)) from None
    return tree


def _version(tree: dict[str, Any]) -> Version:
    """One version by itself, as `{studyVersion, study}`."""
    nct_id = _number(tree.get("study"))
    number = _version_number(tree["studyVersion"], "studyVersion", nct_id)
    record = record_of(tree.get("study"))
    submitted = submit_date(record)
    if submitted is None:
        where = f"{_STATUS}.lastUpdateSubmitDate"
        raise RecordRejected(where, f"version {number} does not say when it was submitted", nct_id)
    status = record.facts.overall_status
    return Version(
        record.nct_id, number, submitted, None if status is None else str(status), record=record
    )


def _listed(entry: Any, where: str, nct_id: str) -> Version:
    """One entry of a listing."""
    if not isinstance(entry, dict):
        raise RecordRejected(where, "is no entry of a version", nct_id)
    number = _version_number(entry.get("version"), f"{where}.version", nct_id)
    status = entry.get("status")
    if status is not None and (
        not isinstance(status, str) or status not in OverallStatus.__members__
    ):
        why = f"{str(status)[:60]!r} is not a status the registry defines"
        raise RecordRejected(f"{where}.status", why, nct_id)
    labels = entry.get("moduleLabels", [])
    if not isinstance(labels, list) or not all(_is_text(one) for one in labels):
        raise RecordRejected(f"{where}.moduleLabels", "is no list of modules", nct_id)
    is_failed = entry.get("reviewNotPassed", False)
    if not isinstance(is_failed, bool):
        raise RecordRejected(f"{where}.reviewNotPassed", "is neither true nor false", nct_id)
    return Version(
        nct_id=nct_id,
        version=number,
        submitted_date=_day(entry.get("date"), f"{where}.date", nct_id),
        overall_status=status,
        module_labels=tuple(without_entities(one) for one in labels),
        is_qc_failed=is_failed,
    )


def _version_number(value: Any, where: str, nct_id: str | None) -> int:
    if type(value) is not int or not 0 <= value < MOST_VERSIONS:
        raise RecordRejected(where, "is no number of a version, from 0", nct_id)
    return value


def _day(value: Any, where: str, nct_id: str) -> date:
    try:
        written = PartialDate.parse(value if isinstance(value, str) else "")
    except ValueError as problem:
        raise RecordRejected(where, str(problem), nct_id) from None
    if written.day is None:
        raise RecordRejected(where, f"{value} is no whole day", nct_id)
    return written.first


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value and value.isprintable()


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RecordRejected(where, "is no listing of versions")
    return value


def _number_of(study: Any) -> str:
    number = _number(study)
    if number is None:
        raise RecordRejected("study", "there is no study number")
    return number


def _number(study: Any) -> str | None:
    value = study
    for name in ("protocolSection", "identificationModule", "nctId"):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) and NCT_ID.fullmatch(value) else None


def _named(piece: Piece) -> str | None:
    """The study that a file's name, or its name in an archive, bears."""
    for name in (piece.place, PurePosixPath(piece.source).name):
        found = set(_NUMBER.findall(name))
        if len(found) == 1:
            return str(found.pop())
    return None


def _reject(piece: Piece, problem: RecordRejected) -> Reject:
    reason = f"{problem.where}: {problem.why}"
    return Reject(piece.source, piece.place, reason, piece.payload, problem.nct_id)
