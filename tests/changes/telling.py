"""What a comparison tells, in values short enough for an assert."""

from __future__ import annotations

from typing import Any

from ctmonitor.changes import Change, compare
from tests.builders import a_record


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> tuple[Change, ...]:
    """The changes between two records, made from fields by our names."""
    return compare(a_record(**before), a_record(**after))


def the_change(before: dict[str, Any], after: dict[str, Any]) -> Change:
    """The one change between two records."""
    [change] = changes_between(before, after)
    return change


def told(field: str, before: Any, after: Any) -> list[tuple[str, str | None, Any, Any]]:
    """Field, item, before and after of every change when one field differs."""
    found = changes_between({field: before}, {field: after})
    return [(one.field, one.item, one.before, one.after) for one in found]
