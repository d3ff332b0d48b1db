"""The registry's contract, and whether an answer keeps it.

The OpenAPI document is not part of this repository; where it lies beside it, answers are checked
against all of it, otherwise against the few envelopes written down here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DOCUMENT = Path(__file__).parents[3] / "shared" / "ctgov" / "ctg-oas-v2.yaml"
_INTEGER = {"type": "integer"}
_TEXT = {"type": "string"}
_ENVELOPES = {
    "Version": {
        "type": "object",
        "properties": {"apiVersion": _TEXT, "dataTimestamp": _TEXT},
        "additionalProperties": False,
        "required": ["apiVersion"],
    },
    "PagedStudies": {
        "type": "object",
        "properties": {
            "nextPageToken": _TEXT,
            "studies": {"type": "array", "items": {"type": "object"}},
            "totalCount": _INTEGER,
        },
        "additionalProperties": False,
        "required": ["studies"],
    },
    "GzipStats": {
        "type": "object",
        "properties": {
            "averageSizeBytes": _INTEGER,
            "largestStudies": {"type": "array", "items": {"type": "object"}},
            "percentiles": {"type": "object"},
            "ranges": {"type": "array", "items": {"type": "object"}},
            "totalStudies": _INTEGER,
        },
        "additionalProperties": False,
        "required": ["averageSizeBytes", "largestStudies", "percentiles", "ranges"],
    },
    "Study": {"type": "object", "required": ["protocolSection"]},
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document; empty where there is none."""
    if not DOCUMENT.exists():
        return {}
    return yaml.load(DOCUMENT.read_text(encoding="utf-8"), yaml.CSafeLoader)


def schema(name: str) -> dict[str, Any]:
    """The schema of that name."""
    return document()["components"]["schemas"][name] if document() else _ENVELOPES[name]


def breaches(value: Any, wanted: Mapping[str, Any], place: str = "$") -> Iterator[str]:
    """Each place where a value does not keep a schema; an unnamed property breaches it, too."""
    if "$ref" in wanted:
        yield from breaches(value, schema(wanted["$ref"].rpartition("/")[2]), place)
        return
    type_ = wanted.get("type", "object")
    if not isinstance(value, _TYPES[type_]) or (
        isinstance(value, bool) and type_ in ("integer", "number")
    ):
        yield f"{place} is {type(value).__name__}, not {type_}"
    elif type_ == "object":
        yield from _breaches_of_object(value, wanted, place)
    elif type_ == "array":
        for index, member in enumerate(value):
            yield from breaches(member, wanted.get("items", {}), f"{place}[{index}]")
    else:
        yield from _breaches_of_plain(value, wanted, place)


def _breaches_of_object(value: Any, wanted: Mapping[str, Any], place: str) -> Iterator[str]:
    for name in wanted.get("required", ()):
        if name not in value:
            yield f"{place} lacks {name}"
    properties = wanted.get("properties")
    for name, below in value.items():
        if properties is not None and name in properties:
            yield from breaches(below, properties[name], f"{place}.{name}")
        elif properties is not None:
            yield f"{place} has {name}"


def _breaches_of_plain(value: Any, wanted: Mapping[str, Any], place: str) -> Iterator[str]:
    if "enum" in wanted and value not in wanted["enum"]:
        yield f"{place} is {value!r}, none of the enum"
    if "pattern" in wanted and not re.search(wanted["pattern"], value):
        yield f"{place} is {value!r}, not of the pattern"
    if "maxLength" in wanted and not wanted["minLength"] <= len(value) <= wanted["maxLength"]:
        yield f"{place} has {len(value)} characters"
    if wanted.get("format") == "date" and date.fromisoformat(value).isoformat() != value:
        yield f"{place} is {value!r}, no date"
