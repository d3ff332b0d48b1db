"""Which member of one list is which member of another: by what it is, not by its place."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from ctmonitor.changes.texts import LONGEST_COMPARED, nearness, plain
from ctmonitor.records import Field

Member = dict[str, Any]
NEAR_ENOUGH = 60.0
MOST_NEARNESS_TRIES = 1_600
LONGEST_LABEL = 300
_UNSAID = ("role", "zip")
_NAMES = ("facility", "measure", "label", "name", "title", "term", "citation", "url", "id", "type")


@dataclass(frozen=True, slots=True)
class Matching:
    """The members of two lists, told apart: the same but not equal, those gone, those new."""

    differing: list[tuple[Member, Member]]
    gone: list[Member]
    new: list[Member]


def match(field: Field, before: list[Member], after: list[Member]) -> Matching:
    """Pair the members of a list field's two states, strictest agreement first.

    After the catalogue's levels, members that agree in all but their name are one, renamed;
    members that nothing tells apart are paired in order.
    """
    same: list[tuple[Member, Member]] = []
    gone, new = _without_equal_ends(before, after)
    if len(gone) > 1 or len(new) > 1:
        # Of members that bear one name, those that stayed as they are must find themselves.
        _take_equal(_whole, gone, new)
    for level in field.levels:
        if not gone or not new:
            break
        if level[0].startswith("~"):
            same += _take_nearest(level[0][1:], level[1:], gone, new)
        else:
            same += _take_equal(_key_over(level), gone, new)
    name = name_field(field)
    same += _take_equal(_key_without(name), gone, new)
    same += _take_equal(_key_of_nameless(name), gone, new)
    return Matching([(one, other) for one, other in same if one != other], gone, new)


def _without_equal_ends(
    before: list[Member], after: list[Member]
) -> tuple[list[Member], list[Member]]:
    """Both lists without what is equal at their beginnings and ends: mostly nearly all."""
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    return before[head : len(before) - tail], after[head : len(after) - tail]


def name_field(field: Field) -> str:
    """The member field that people would call a member by; empty when there is none."""
    told_by = field.levels[0] if field.levels else ()
    return next((name for name in _NAMES if name in told_by), told_by[0] if told_by else "")


def label_of(field: Field, member: Any) -> str:
    """A member in words: the fields that tell it apart."""
    if not isinstance(member, dict):
        return str(member)[:LONGEST_LABEL]
    said = [
        member[name]
        for name in field.told_apart_by
        if name not in _UNSAID and isinstance(member.get(name), str)
    ]
    return ", ".join(said)[:LONGEST_LABEL] or field.label


def _take_equal(
    key: Callable[[Member], Hashable], gone: list[Member], new: list[Member]
) -> list[tuple[Member, Member]]:
    """Pair members of equal keys and take them out of both lists; None is no key."""
    if not gone or not new:
        return []
    waiting: dict[Hashable, deque[Member]] = defaultdict(deque)
    for member in gone:
        waiting[key(member)].append(member)
    waiting.pop(None, None)
    pairs = []
    for member in new if waiting else ():
        candidates = waiting.get(key(member))
        if candidates:
            pairs.append((candidates.popleft(), member))
    _drop(gone, (one for one, _ in pairs))
    _drop(new, (other for _, other in pairs))
    return pairs


def _take_nearest(
    name: str, agreeing: tuple[str, ...], gone: list[Member], new: list[Member]
) -> list[tuple[Member, Member]]:
    """Pair members whose text in `name` is nearest, best first, where the others agree."""
    if len(gone) * len(new) > MOST_NEARNESS_TRIES:
        return []
    before, after = (
        [
            (_words(one.get(name, "")), [_folded(one.get(field)) for field in agreeing])
            for one in members
        ]
        for members in (gone, new)
    )
    scored = [
        (nearness(text, other), i, j)
        for i, (text, agreed) in enumerate(before)
        for j, (other, agreeing_too) in enumerate(after)
        if agreed == agreeing_too
    ]
    pairs: list[tuple[int, int]] = []
    for score, i, j in sorted(scored, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if score < NEAR_ENOUGH:
            break
        if all(i != one and j != other for one, other in pairs):
            pairs.append((i, j))
    found = [(gone[i], new[j]) for i, j in pairs]
    _drop(gone, (one for one, _ in found))
    _drop(new, (other for _, other in found))
    return found


def _words(text: Any) -> str:
    """The words of a text: of a short one, tags would be the greater part."""
    return plain(str(text)[:LONGEST_COMPARED])


def _drop(members: list[Member], taken: Iterable[Member]) -> None:
    ids = {id(member) for member in taken}
    members[:] = [member for member in members if id(member) not in ids]


def _whole(member: Member) -> Hashable:
    return orjson.dumps(member, option=orjson.OPT_SORT_KEYS)


def _key_over(level: tuple[str, ...]) -> Callable[[Member], Hashable]:
    def key(member: Member) -> Hashable:
        values = tuple(_folded(member.get(name)) for name in level)
        return None if values[0] is None and not any(values) else values

    return key


def _key_without(name: str) -> Callable[[Member], Hashable]:
    def key(member: Member) -> Hashable:
        rest = {other: value for other, value in member.items() if other != name}
        if len(rest) < 2 or name not in member:
            return None
        return orjson.dumps(rest, option=orjson.OPT_SORT_KEYS)

    return key


def _key_of_nameless(name: str) -> Callable[[Member], Hashable]:
    return lambda member: None if name and name in member else ""


def _folded(value: Any) -> Hashable:
    if isinstance(value, str):
        return value.casefold() if " " not in value else " ".join(value.casefold().split())
    return tuple(map(_folded, value)) if isinstance(value, list) else value
