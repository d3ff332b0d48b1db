"""The rules over whole looks: what the registry changed everywhere, and what is too odd to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """What one look counted, and what the last complete one over the same studies had."""

    received: int
    last_received: int | None
    missing: int
    is_listing: bool
    release: str
    last_release: str | None
    changed: Mapping[str, int]
    """In how many of the studies received the registry itself changed a field."""


def changed_everywhere(look: Counted, max_percent: float = 30, min_studies: int = 100) -> list[str]:
    """The fields that the registry changed in more than the usual share of enough studies."""
    if look.received < min_studies:
        return []
    return [name for name, n in look.changed.items() if 100 * n / look.received > max_percent]


def is_too_few(look: Counted) -> bool:
    """Whether a listing brought none, or less than half, of more than one study."""
    if not look.is_listing or look.last_received in (None, 0, 1):
        return False
    return look.received == 0 or look.received / look.last_received < 0.5


def is_too_many_missing(look: Counted) -> bool:
    """Whether more than ten studies, and more than one in a thousand, went missing at once."""
    of = look.last_received or look.received + look.missing
    return look.missing > 10 and look.missing > of * 0.1 // 100


def is_older(look: Counted) -> bool:
    """Whether the release is of an earlier day than the one before."""
    return look.last_release is not None and look.release < look.last_release


def is_held(look: Counted) -> bool:
    """Whether the alerts of the look are to wait for a person."""
    is_odd = is_too_few(look) or is_too_many_missing(look) or is_older(look)
    return is_odd or bool(changed_everywhere(look))
