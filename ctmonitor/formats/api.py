"""One study as the registry's API v2 writes it in JSON.

Source: the OpenAPI document, https://clinicaltrials.gov/api/oas/v2
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from ctmonitor.errors import RecordRejected
from ctmonitor.formats.canonical import (
    NotCanonical,
    canonical_bytes,
    canonical_content,
    facts_of,
    record_from,
)
from ctmonitor.formats.quick import quickly
from ctmonitor.records import NCT_ID, PartialDate, Record

_NUMBER = re.compile(rb'"nctId"\s*:\s*"(NCT\d{8})"')


def read_study(payload: bytes) -> Record:
    """The record in one study's JSON; RecordRejected with the place and the reason."""
    found = quickly(payload)
    if found is not None:
        return found
    try:
        tree = orjson.loads(payload)
    except orjson.JSONDecodeError as problem:
        why = f"not JSON that can be read ({problem.msg}, at character {problem.pos})"
        raise RecordRejected("the record", why, number_in(payload)) from None
    return study_from(tree)


def study_from(tree: Any) -> Record:
    """The record in one study's tree, as JSON gives it."""
    number = _number_of(tree)
    try:
        content = canonical_content(tree)
        released = _data_date(tree)
    except NotCanonical as problem:
        raise RecordRejected(problem.where, problem.why, number) from None
    return _made(content, released, number)


def _made(content: dict[str, Any], released: PartialDate | None, number: str) -> Record:
    try:
        facts = facts_of(content, released)
    except NotCanonical as problem:
        raise RecordRejected(problem.where, problem.why, number) from None
    return record_from(content, facts=facts, canonical=canonical_bytes(content))


def number_in(payload: bytes) -> str | None:
    """The study number that unreadable bytes seem to be about, if any."""
    found = _NUMBER.search(payload[:1_000_000])
    return found[1].decode() if found else None


def _number_of(tree: Any) -> str:
    where = "protocolSection.identificationModule.nctId"
    value = tree
    for name in where.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(tree, dict) or "protocolSection" not in tree:
        raise RecordRejected("the record", "JSON of another kind: it has no protocolSection")
    if value is None:
        raise RecordRejected(where, "there is no study number")
    if not isinstance(value, str) or not NCT_ID.fullmatch(value):
        # JSON may be nested deeper than Python can write it out.
        shown = repr(str(value)[:40]) if isinstance(value, str | int | float) else "a tree"
        raise RecordRejected(where, f"{shown} is not NCT and eight digits")
    return value


def _data_date(tree: dict[str, Any]) -> PartialDate | None:
    derived = tree.get("derivedSection", {})
    holder = derived.get("miscInfoModule", {}).get("versionHolder")
    if holder is None:
        return None
    where = "derivedSection.miscInfoModule.versionHolder"
    if not isinstance(holder, str):
        raise NotCanonical(where, "is not a date")
    try:
        return PartialDate.parse(holder)
    except ValueError as problem:
        raise NotCanonical(where, str(problem)) from None
