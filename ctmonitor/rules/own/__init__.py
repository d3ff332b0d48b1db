"""Rules that operators write themselves: a few lines of settings, and nothing of it is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ctmonitor.rules.own.asking import own_rule
from ctmonitor.rules.own.written import written_faults

FIELD = "field"


def is_own(name: str, table: object) -> bool:
    """Whether a table below `rules` is a rule of its own; no rule of the catalogue has `field`."""
    return isinstance(table, Mapping) and FIELD in table


def own_faults(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    """Everything that is wrong with the table of an own rule, one sentence a fault."""
    return map(str, written_faults(name, table))


__all__ = ["is_own", "own_faults", "own_rule", "written_faults"]
