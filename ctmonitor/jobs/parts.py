"""The parts of a look at the registry: questions and numbers, each read and proven by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ctmonitor.formats import ROW_FIELDS
from ctmonitor.jobs.planner import Way
from ctmonitor.jobs.scope import Scope

NAMES = ("NCTId",)
"""Nothing of a study but its number: of a question about studies that are read anyway."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to read: a question's answer, or studies by number; whole, as rows, or as names."""

    name: str
    asked: Mapping[str, str] | None = None
    nct_ids: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    watch_list: str | None = None


def parts_of(scope: Scope, way: Way, *, since: date | None, due: Sequence[str]) -> list[Part]:
    """What to read; of an incremental look, what was posted `since` and what is `due` to flip."""
    fields = ROW_FIELDS if way is Way.STATUS else ()
    parts: list[Part] = []
    if scope.is_all and way is Way.INCREMENTAL:
        posted = f"AREA[LastUpdatePostDate]RANGE[{since},MAX]"
        parts.append(Part("what was posted since", asked={"filter.advanced": posted}))
        parts.append(Part("what was due to flip", nct_ids=tuple(due)))
    elif scope.is_all:
        parts.append(Part("all studies", asked={}, fields=fields))
    if scope.nct_ids:
        parts.append(Part("the numbers", nct_ids=scope.nct_ids, fields=fields))
    of_questions = NAMES if scope.is_all else fields
    for name, question in scope.questions:
        asked = dict(question.asked)
        parts.append(Part(f"watch list {name}", asked, fields=of_questions, watch_list=name))
    return parts
