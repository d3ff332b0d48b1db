"""Which studies a look at the registry is about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from ctmonitor.watches import Question, WatchList

REGISTRY = "ctgov"
ALL_WATCHED = "all watched studies"


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything, or some numbers and what answers some questions.

    `questions` are asked in every look that is about their lists; when the look is about
    everything, only to learn which studies are on them.
    """

    name: str
    is_all: bool = False
    nct_ids: tuple[str, ...] = ()
    questions: tuple[tuple[str, Question], ...] = ()
    member_count: int = 0
    """How many studies answered the questions when they were last asked."""

    @property
    def count(self) -> int:
        """About how many studies it has; of everything, 0."""
        return len(self.nct_ids) + self.member_count

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that change when other studies are asked for."""
        asked = [[name, list(question.asked)] for name, question in self.questions]
        told = orjson.dumps([self.is_all, list(self.nct_ids), asked])
        return hashlib.blake2b(told, digest_size=8).hexdigest()


def scope_of(lists: Sequence[WatchList], *, watch: WatchList | None, is_all: bool) -> Scope:
    """The scope of one watch list; of the whole registry; or of every list there is.

    Without lists, or with one that watches everything, every list is the whole registry.
    """
    asked = [one for one in lists if one.question is not None]
    if watch is not None and not watch.is_all:
        return _of([watch], scope_named(watch.name))
    if is_all or watch is not None or not lists or any(one.is_all for one in lists):
        questions = tuple((one.name, one.question) for one in asked if one.question)
        return Scope(REGISTRY, is_all=True, questions=questions)
    return _of(lists, ALL_WATCHED)


def scope_named(watch_list: str) -> str:
    """What the scope of one watch list is called."""
    return f"watch list {watch_list}"


def _of(lists: Sequence[WatchList], name: str) -> Scope:
    numbers: set[str] = set()
    for one in lists:
        if one.question is None:
            numbers |= one.nct_ids
    asked = [one for one in lists if one.question is not None]
    return Scope(
        name,
        nct_ids=tuple(sorted(numbers)),
        questions=tuple((one.name, one.question) for one in asked if one.question),
        member_count=len(set().union(*(one.nct_ids for one in asked))),
    )
