"""One field of one study, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ctmonitor.records import Facts


class Kind(StrEnum):
    """How a field differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    LATER = "later"
    EARLIER = "earlier"
    MORE_EXACT = "more-exact"
    LESS_EXACT = "less-exact"
    MARKUP = "markup"
    COSMETIC = "cosmetic"
    REWORDED = "reworded"
    NUMBERS = "numbers"


class MadeBy(StrEnum):
    """Who made a change: the sponsor by an update, or the registry without one."""

    SPONSOR = "sponsor"
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one study, before and after, in the registry's own JSON values.

    `field` is the catalogue's name (`overall_status`, `locations.status`); `item` tells which
    member of a list, in words. None before means added, None after means removed. `is_noise`
    marks what moves by itself: kept, shown on request, never told.
    """

    field: str
    item: str | None
    before: Any
    after: Any
    kind: Kind
    made_by: MadeBy
    is_noise: bool = False

    def plain(self) -> dict[str, Any]:
        """The change as an object of JSON, for evidence."""
        return {
            "field": self.field,
            "item": self.item,
            "kind": str(self.kind),
            "before": self.before,
            "after": self.after,
            "made_by": str(self.made_by),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """What one look found at one study: its facts before and after, and every change."""

    before: Facts
    after: Facts
    changes: tuple[Change, ...]

    def of(self, field: str) -> Change | None:
        """The change of one field that is no list member; None when it stayed."""
        for change in self.changes:
            if change.field == field and change.item is None:
                return change
        return None
