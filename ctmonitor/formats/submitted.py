"""The record of a version: what was submitted, in the API's own words and signs.

The site shows contents as HTML, and every old version with what it derives today.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ctmonitor.formats.api import study_from
from ctmonitor.formats.canonical import MAX_DEPTH, canonical_bytes, record_from
from ctmonitor.formats.markup import as_markdown, without_entities
from ctmonitor.records import PartialDate, Record, field_at


def record_of(study: Any) -> Record:
    """The record in a version's tree: texts as the API writes them, nothing that is derived."""
    tree = _plain(study, "", 0) if isinstance(study, dict) else study
    return study_from(_without_derived(tree) if isinstance(tree, dict) else tree)


def as_submitted(record: Record) -> Record:
    """A record without what the registry derives, so that it can be held against a version."""
    content = _without_derived(record.content)
    return record_from(
        content,
        facts=record.facts,
        canonical=canonical_bytes(content),
        coverage=record.coverage,
    )


def submit_date(record: Record) -> date | None:
    """The day that a content was submitted; of the first one, the day it met quality control."""
    status = record.content["protocolSection"].get("statusModule", {})
    for name in ("lastUpdateSubmitDate", "studyFirstSubmitQcDate"):
        if name in status:
            return PartialDate.parse(status[name]).last
    return None


def _plain(value: Any, path: str, depth: int) -> Any:
    if isinstance(value, str):
        is_markup = field_at(path).type == "markup"
        return as_markdown(value) if is_markup else without_entities(value)
    if depth > MAX_DEPTH:
        return value  # it is refused in the canonical form
    if isinstance(value, list):
        return [_plain(member, path, depth + 1) for member in value]
    if isinstance(value, dict):
        return {
            name: _plain(one, f"{path}.{name}" if path else name, depth + 1)
            for name, one in value.items()
        }
    return value


def _without_derived(content: dict[str, Any]) -> dict[str, Any]:
    """A content without the derived section, and without the references found in PubMed.

    The site shows every old version with the derived references of today.
    """
    kept = {name: value for name, value in content.items() if name != "derivedSection"}
    protocol = kept.get("protocolSection")
    module = protocol.get("referencesModule") if isinstance(protocol, dict) else None
    references = module.get("references") if isinstance(module, dict) else None
    if not isinstance(protocol, dict) or not isinstance(module, dict):
        return kept
    if isinstance(references, list):
        module = _with(module, "references", [one for one in references if not _is_derived(one)])
    return {**kept, "protocolSection": _with(protocol, "referencesModule", module)}


def _with(struct: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """A struct with another value; without the name, where the value is empty."""
    rest = {one: value for one, value in struct.items() if one != name}
    return {**rest, name: value} if value else rest


def _is_derived(reference: Any) -> bool:
    return isinstance(reference, dict) and reference.get("type") == "DERIVED"
