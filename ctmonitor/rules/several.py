"""One alert about several changes that one look found."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from ctmonitor.alerts import Alert
from ctmonitor.changes import Change, Difference, Kind, MadeBy
from ctmonitor.rules.rule import Chosen
from ctmonitor.rules.telling import BASIS_MARK, bounded, of_change

MOST_PIECES = 200
"""So many changes are borne as evidence; of what is more, only the count."""

SAME_WORDS = frozenset({Kind.MARKUP, Kind.COSMETIC})
"""The kinds of change in which a text says what it said."""


def of_changes(
    chosen: Chosen,
    difference: Difference,
    changes: Sequence[Change],
    headline: str,
    *,
    pieces: Sequence[dict[str, Any]] | None = None,
    also: tuple[dict[str, Any], ...] = (),
) -> Alert:
    """The alert about changes that are one fact; `pieces` is how each is borne, if not plainly.

    All of them, in any order, are what makes the fact; `also` is what else a reader needs.
    """
    alert = of_change(chosen, difference, changes[0], headline, also=also)
    borne = [change.plain() for change in changes] if pieces is None else [*pieces]
    more = len(borne) - MOST_PIECES
    counted = ({"changes_not_shown": more},) if more > 0 else ()
    return replace(
        alert,
        basis=f"{changes[0].field}{BASIS_MARK}{_digest(changes)}",
        evidence=(*map(_bounded, borne[:MOST_PIECES]), *alert.evidence[1:], *counted),
    )


def by_all(changes: Sequence[Change]) -> str:
    """What a headline adds when the sponsor sent none of the changes."""
    is_silent = all(change.made_by is MadeBy.REGISTRY for change in changes)
    return " (by the registry itself)" if is_silent else ""


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 site`, `3 sites`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def _bounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bounded(part) for name, part in value.items()}
    return [_bounded(part) for part in value] if isinstance(value, list) else bounded(value)


def _digest(changes: Sequence[Change]) -> str:
    said = sorted(orjson.dumps([one.field, one.item, one.before, one.after]) for one in changes)
    return hashlib.blake2b(b"\n".join(said), digest_size=16).hexdigest()
