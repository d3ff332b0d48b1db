"""Canonical content: the one form in which a record is kept and compared.

Everything from outside is checked here, once: types against the catalogue, dates against the
calendar, text against what a database can hold. What a later release may add is let through.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any, Final

import orjson

from ctmonitor.records import (
    DateType,
    Facts,
    OverallStatus,
    PartialDate,
    Record,
    catalogue,
    field_at,
)

MAX_DEPTH = 64
FINAL_RULE = date(2017, 1, 18)
_EARLY = frozenset({"EARLY_PHASE1", "PHASE1"})
MAX_INTEGER = 2**63
LONGEST_PATH = 500
"""Characters of names from the top; a database's index takes no more than some 2,700 bytes."""

_PADDED_MESH = re.compile(r"D0{3}(\d{6})")
_MESH_IDS = (".meshes.id", ".ancestors.id")
_FITTING: dict[str, frozenset[type]] = {
    "text": frozenset({str}),
    "markup": frozenset({str}),
    "enum": frozenset({str}),
    "date": frozenset({str}),
    "boolean": frozenset({bool}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "struct": frozenset({dict}),
    "any": frozenset({str, bool, int, float, dict, list}),
}


class NotCanonical(ValueError):
    """A content breaks a rule; `where` is the registry's path to it."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


class _Node:
    """One place in the tree of fields, remembered so that paths are built only once."""

    __slots__ = ("children", "field", "fitting", "is_date", "is_list", "is_mesh_id", "path")

    def __init__(self, path: str) -> None:
        field = field_at(path) if path else None
        self.path = path
        self.field = field
        self.fitting = _FITTING[field.type if field else "struct"]
        self.is_list = field is not None and field.is_list
        self.is_date = field is not None and field.type == "date"
        self.is_mesh_id = path.endswith(_MESH_IDS)
        self.children: dict[str, _Node] = {}

    def child(self, name: str) -> _Node:
        found = self.children.get(name)
        if found is None:
            if len(self.path) + len(name) >= LONGEST_PATH:
                raise NotCanonical(self.path[:200], f"has a name of {len(name)} characters")
            found = _Node(f"{self.path}.{name}" if self.path else name)
            # Only known places are remembered: names from outside must not fill the memory.
            if found.path in catalogue():
                self.children[name] = found
        return found


_ROOT = _Node("")


def canonical_content(tree: dict[str, Any]) -> dict[str, Any]:
    """The canonical form of one study's tree; NotCanonical where it cannot be one."""
    return _struct(tree, _ROOT, 0)


def canonical_bytes(content: dict[str, Any]) -> bytes:
    """A canonical content as bytes: compact JSON, keys in order."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def fingerprint_of(canonical: bytes) -> bytes:
    """The 16-byte digest of canonical bytes."""
    return hashlib.blake2b(canonical, digest_size=16).digest()


def _struct(tree: dict[str, Any], node: _Node, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise NotCanonical(node.path[:200], f"is nested more than {MAX_DEPTH} deep")
    content = {}
    for name in sorted(tree):
        below = node.child(name)
        if below.field is not None and not below.field.is_never_kept:
            kept_name, value = _text(name, node), tree[name]
            kept = _list(value, below, depth) if below.is_list else _value(value, below, depth)
            if kept != {} or value == {}:
                # What held nothing but what is never kept is gone with it.
                content[kept_name] = kept
    return content


def _list(value: Any, node: _Node, depth: int) -> list[Any]:
    if type(value) is not list:
        # Public copies of old records hold a list as {} when empty, and bare when of one value.
        if value == {}:
            value = []
        elif type(value) in node.fitting and type(value) is not dict:
            value = [value]
        else:
            raise NotCanonical(node.path, f"is {_named(value)}, not a list")
    return [_value(member, node, depth) for member in value]


def _value(value: Any, node: _Node, depth: int) -> Any:
    kind = type(value)
    if kind not in node.fitting:
        wanted = node.field.type if node.field else "an object"
        raise NotCanonical(node.path[:200], f"is {_named(value)} where {wanted} belongs")
    if kind is str:
        text = _text(value, node)
        return _exact(text, node) if node.is_date or node.is_mesh_id else text
    if kind is dict:
        return _struct(value, node, depth + 1)
    if kind is list:
        if depth > MAX_DEPTH:
            raise NotCanonical(node.path[:200], f"is nested more than {MAX_DEPTH} deep")
        return [_value(member, node, depth + 1) for member in value]
    if kind is not bool and not -MAX_INTEGER <= value < MAX_INTEGER:
        raise NotCanonical(node.path[:200], "is a number too large to keep")
    return value


def _text(value: str, node: _Node) -> str:
    if "\0" in value:
        raise NotCanonical(node.path[:200], "holds a NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotCanonical(node.path[:200], "holds half a Unicode character") from None
    return value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value


def _exact(value: str, node: _Node) -> str:
    if node.is_mesh_id:
        return unpadded_mesh(value)
    try:
        PartialDate.parse(value)
    except ValueError as problem:
        raise NotCanonical(node.path, str(problem)) from None
    return value


def unpadded_mesh(number: str) -> str:
    """A MeSH number as now written: all records of 2023 pad it with three zeros."""
    padded = _PADDED_MESH.fullmatch(number)
    return f"D{padded[1]}" if padded else number


def _named(value: Any) -> str:
    names = {str: "text", dict: "an object", list: "a list", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")


def record_from(
    content: dict[str, Any],
    *,
    facts: Facts,
    canonical: bytes | None = None,
    coverage: frozenset[str] | None = None,
) -> Record:
    """The record over a content that is canonical already, as one kept before."""
    canonical = canonical or canonical_bytes(content)
    if facts.is_partial is (coverage is None):
        facts = replace(facts, is_partial=coverage is not None)
    identification = content.get("protocolSection", {}).get("identificationModule", {})
    return Record(
        facts=facts,
        canonical=canonical,
        fingerprint=fingerprint_of(canonical),
        aliases=tuple(identification.get("nctIdAliases", ())),
        coverage=coverage,
        _content=content,
    )


_EU_NUMBERS = frozenset({"EUDRACT_NUMBER", "CTIS"})
WITHDRAWN_AGAIN = "UNRELEASE"
"""What the registry calls it when a sponsor takes back results that are under review."""
WITHDRAWN_ON: Final = ("unreleaseDate", "unreleaseDateUnknown")
"""Where a submission says when it was taken back, or that nobody knows when."""


def facts_of(content: dict[str, Any], data_date: PartialDate | None = None) -> Facts:
    """The typed fields of a canonical content; NotCanonical for a word that is not known."""
    protocol = content.get("protocolSection", {})
    status = protocol.get("statusModule", {})
    titles = protocol.get("identificationModule", {})
    design = protocol.get("designModule", {})
    enrolled = design.get("enrollmentInfo", {})
    sponsor = protocol.get("sponsorCollaboratorsModule", {}).get("leadSponsor", {})
    start, primary, completion = (
        status.get(f"{name}DateStruct", {}) for name in ("start", "primaryCompletion", "completion")
    )
    return Facts(
        nct_id=titles.get("nctId", ""),
        brief_title=titles.get("briefTitle"),
        overall_status=_status(status, "overallStatus"),
        last_known_status=_status(status, "lastKnownStatus"),
        status_verified_date=_date(status.get("statusVerifiedDate")),
        why_stopped=status.get("whyStopped"),
        start_date=_date(start.get("date")),
        start_date_type=_type(start, "startDateStruct"),
        primary_completion_date=_date(primary.get("date")),
        primary_completion_date_type=_type(primary, "primaryCompletionDateStruct"),
        completion_date=_date(completion.get("date")),
        completion_date_type=_type(completion, "completionDateStruct"),
        enrollment=enrolled.get("count"),
        enrollment_type=_type(enrolled, "enrollmentInfo"),
        lead_sponsor=sponsor.get("name"),
        study_type=design.get("studyType"),
        has_results=content.get("hasResults", False) or "resultsSection" in content,
        results_first_posted_date=_date(status.get("resultsFirstPostDateStruct", {}).get("date")),
        study_first_posted_date=_date(status.get("studyFirstPostDateStruct", {}).get("date")),
        last_update_posted_date=_date(status.get("lastUpdatePostDateStruct", {}).get("date")),
        data_date=data_date.last if data_date else None,
        is_probably_applicable=_says_applicable(protocol, _date(start.get("date"))),
        is_certified="dispFirstSubmitDate" in status,
        is_results_pending=_says_pending(content),
        is_review_annotated=_says_annotated(content),
        is_eu_trial=is_eu_trial(
            design.get("studyType"), (one.get("type") for one in titles.get("secondaryIdInfos", ()))
        ),
    )


def is_eu_trial(study_type: str | None, number_types: Iterable[str | None]) -> bool:
    """Whether a study is interventional and bears a number of EudraCT or CTIS."""
    return study_type == "INTERVENTIONAL" and any(one in _EU_NUMBERS for one in number_types)


def _says_pending(content: dict[str, Any]) -> bool:
    if _sent(content):
        return _says_annotated(content)
    # Results that are posted with comments have no annotation; their submissions stand here.
    derived = content.get("derivedSection", {}).get("miscInfoModule", {})
    tracked = derived.get("submissionTracking", {}).get("submissionInfos")
    return bool(tracked) and not any(tracked[-1].get(name) for name in WITHDRAWN_ON)


def _sent(content: dict[str, Any]) -> list[dict[str, Any]]:
    """What became of results that were sent to the registry and are not posted, in order."""
    annotation = content.get("annotationSection", {}).get("annotationModule", {})
    sent: list[dict[str, Any]] = annotation.get("unpostedAnnotation", {}).get("unpostedEvents", [])
    return sent


def _says_annotated(content: dict[str, Any]) -> bool:
    sent = _sent(content)
    return bool(sent) and sent[-1].get("type") != WITHDRAWN_AGAIN


def _says_applicable(protocol: dict[str, Any], start: PartialDate | None) -> bool:
    design, oversight = protocol.get("designModule", {}), protocol.get("oversightModule", {})
    return is_probably_applicable(
        study_type=design.get("studyType"),
        is_regulated=(oversight.get("isFdaRegulatedDrug") or oversight.get("isFdaRegulatedDevice"))
        is True,
        phases=design.get("phases", ()),
        primary_purpose=design.get("designInfo", {}).get("primaryPurpose"),
        overall_status=protocol.get("statusModule", {}).get("overallStatus"),
        start=start,
    )


def is_probably_applicable(
    *,
    study_type: str | None,
    is_regulated: bool,
    phases: Collection[str],
    primary_purpose: str | None,
    overall_status: str | None,
    start: PartialDate | None,
) -> bool:
    """FDAAA TrialsTracker's test for 42 CFR 11.22(b); public data cannot decide it.

    Interventional, of a drug or device that the FDA regulates, past phase 1, no feasibility study
    of a device, not withdrawn, begun since the regulation took effect.
    """
    return (
        study_type == "INTERVENTIONAL"
        and is_regulated
        and not (phases and _EARLY.issuperset(phases))
        and primary_purpose != "DEVICE_FEASIBILITY"
        and overall_status != OverallStatus.WITHDRAWN
        and start is not None
        and start.last >= FINAL_RULE
    )


def _date(text: str | None) -> PartialDate | None:
    return None if text is None else PartialDate.parse(text)


def _status(module: dict[str, Any], name: str) -> OverallStatus | None:
    value = module.get(name)
    if value is None:
        return None
    try:
        return OverallStatus(value)
    except ValueError:
        where = f"protocolSection.statusModule.{name}"
        raise NotCanonical(where, f"{value[:60]!r} is not a status the registry defines") from None


def _type(struct: dict[str, Any], name: str) -> DateType | None:
    value = struct.get("type")
    if value is None:
        return None
    try:
        return DateType(value)
    except ValueError:
        raise NotCanonical(
            f"{name}.type", f"{value[:60]!r} is neither ACTUAL nor ESTIMATED"
        ) from None
