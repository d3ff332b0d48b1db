"""Lay what a thinner format says over what we hold, without losing what it cannot say."""

from __future__ import annotations

from collections.abc import Collection
from copy import deepcopy
from dataclasses import replace
from typing import Any

from ctmonitor.formats.canonical import canonical_bytes, facts_of, record_from
from ctmonitor.records import Record, catalogue


def overlay(held: Record, thinner: Record, changed: Collection[str]) -> Record:
    """The record held, with a thinner one's fields where they changed or were never said.

    `changed` names the fields that the comparison of the two told of; all else that both say
    stays as it is held, with the markup and precision that the thinner format loses.
    """
    covered = thinner.coverage or frozenset()
    unsaid = frozenset() if held.coverage is None else covered - held.coverage
    content = deepcopy(held.content)
    for field in catalogue().values():
        if field.name in covered and (field.name in changed or field.name in unsaid):
            _put(content, field.path.split("."), thinner.content)
    facts = facts_of(content)
    return record_from(
        content,
        facts=replace(facts, data_date=held.facts.data_date),
        canonical=canonical_bytes(content),
        coverage=None if held.coverage is None else held.coverage | covered,
    )


def _put(content: dict[str, Any], names: list[str], thinner: dict[str, Any]) -> None:
    """Copy the value at a path, or its absence."""
    *above, last = names
    value: Any = thinner
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        _remove(content, names)
        return
    for name in above:
        content = content.setdefault(name, {})
    content[last] = value


def _remove(content: dict[str, Any], names: list[str]) -> None:
    """Take a value away, and every struct that is empty without it."""
    first, *rest = names
    if first not in content:
        return
    if rest:
        _remove(content[first], rest)
    if not rest or not content[first]:
        del content[first]
