"""Compare two contents of one study, field by field."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from ctmonitor.changes.change import Change, Kind, MadeBy
from ctmonitor.changes.members import label_of, match
from ctmonitor.changes.modules import differing_modules
from ctmonitor.changes.texts import plain, text_kind
from ctmonitor.records import Field, OverallStatus, PartialDate, Record, catalogue, field_at

_TEXTS = frozenset({"text", "markup"})
_SAME_WORDS = frozenset({Kind.MARKUP, Kind.COSMETIC})
SHORTEST_CUT_TITLE = 30


def compare(before: Record, after: Record) -> tuple[Change, ...]:
    """Every change from one record of a study to another, in the registry's order of fields.

    Records read from formats that cannot say everything are compared only in what both can
    say, and leniently where a thinner format loses markup, punctuation or the end of a title.
    """
    said = _both_say(before.coverage, after.coverage)
    walk = _Walk(
        is_silent=_is_silent(before, after),
        is_lenient=(before.coverage is None) is not (after.coverage is None),
    )
    if said is None:
        walk.struct("", *differing_modules(before.canonical, after.canonical), None)
    else:
        for path in (field.path for field in catalogue().values() if field.name in said):
            walk.field(path, value_at(before.content, path), value_at(after.content, path), None)
    places = _places()
    walk.found.sort(key=lambda change: places.get(change.field, len(places)))
    return tuple(walk.found)


def value_at(content: dict[str, Any], path: str) -> Any:
    """The value at a registry's path that crosses no list; None when it is absent."""
    value: Any = content
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


@cache
def _places() -> dict[str, int]:
    """Where each field stands in the registry's order."""
    return {field.name: place for place, field in enumerate(catalogue().values())}


def _both_say(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None:
        return other
    return one if other is None else one & other


def _is_silent(before: Record, after: Record) -> bool:
    """Whether the registry shows no new submission between the two."""
    one, other = before.facts.last_update_posted_date, after.facts.last_update_posted_date
    return one is not None and one == other


class _Walk:
    """Two trees walked side by side; what differs is collected in `found`."""

    def __init__(self, *, is_silent: bool, is_lenient: bool) -> None:
        self.found: list[Change] = []
        self.is_silent = is_silent
        self.is_lenient = is_lenient

    def struct(
        self, path: str, before: dict[str, Any], after: dict[str, Any], item: str | None
    ) -> None:
        for name in before if before.keys() == after.keys() else {**before, **after}:
            one, other = before.get(name), after.get(name)
            if one != other:
                self.field(f"{path}.{name}" if path else name, one, other, item)

    def field(self, path: str, before: Any, after: Any, item: str | None) -> None:
        if before == after:
            return
        shape = after if before is None else before
        if not (before is None or after is None or type(before) is type(after)):
            self._tell(field_at(path), item, before, after)
        elif isinstance(shape, dict):
            self.struct(path, before or {}, after or {}, item)
        elif isinstance(shape, list):
            self._list(field_at(path), before, after, item)
        else:
            self._tell(field_at(path), item, before, after)

    def _list(
        self, field: Field, before: list[Any] | None, after: list[Any] | None, item: str | None
    ) -> None:
        is_whole = (before is None or after is None) and field.path.startswith("resultsSection.")
        members = [*(before or ()), *(after or ())]
        if field.items == "=" and all(isinstance(member, str) for member in members):
            self._set(field, before or [], after or [], item)
        elif (
            is_whole or not all(isinstance(member, dict) for member in members) or not field.levels
        ):
            self._tell(field, item, before, after)
        else:
            self._members(field, before or [], after or [], item)

    def _set(self, field: Field, before: list[str], after: list[str], item: str | None) -> None:
        gone = list((Counter(before) - Counter(after)).elements())
        new = list((Counter(after) - Counter(before)).elements())
        if len(gone) == len(new) == 1:
            self._tell(field, _within(item, gone[0]), gone[0], new[0])
            return
        for value in gone:
            self._tell(field, _within(item, value), value, None)
        for value in new:
            self._tell(field, _within(item, value), None, value)

    def _members(self, field: Field, before: list[Any], after: list[Any], item: str | None) -> None:
        matching = match(field, before, after)
        for one, other in matching.differing:
            self.struct(field.path, one, other, _within(item, label_of(field, one)))
        for member in matching.gone:
            self._tell(field, _within(item, label_of(field, member)), member, None)
        for member in matching.new:
            self._tell(field, _within(item, label_of(field, member)), None, member)

    def _tell(self, field: Field, item: str | None, before: Any, after: Any) -> None:
        kind = _kind(field, before, after)
        if self.is_lenient and _says_the_same(field, kind, before, after):
            return
        made_by = self._made_by(field, before, after)
        is_noise = field.is_noise or _is_citation_noise(field, before, after)
        self.found.append(Change(field.name, item, before, after, kind, made_by, is_noise))

    def _made_by(self, field: Field, before: Any, after: Any) -> MadeBy:
        is_flip = field.name == "overall_status" and after == OverallStatus.UNKNOWN
        is_derived = field.is_registrys or is_flip or _is_citation_noise(field, before, after)
        return MadeBy.REGISTRY if self.is_silent or is_derived else MadeBy.SPONSOR


def _within(item: str | None, label: str) -> str:
    return label if item is None else f"{item} > {label}"


def _kind(field: Field, before: Any, after: Any) -> Kind:
    if before is None:
        return Kind.ADDED
    if after is None:
        return Kind.REMOVED
    if field.type == "date" and isinstance(before, str) and isinstance(after, str):
        return _date_kind(PartialDate.parse(before), PartialDate.parse(after))
    if field.type in _TEXTS and isinstance(before, str) and isinstance(after, str):
        return text_kind(before, after)
    return Kind.CHANGED


def _date_kind(before: PartialDate, after: PartialDate) -> Kind:
    if after.refines(before):
        return Kind.MORE_EXACT
    if before.refines(after):
        return Kind.LESS_EXACT
    return Kind.LATER if after.last > before.last else Kind.EARLIER


def _is_citation_noise(field: Field, before: Any, after: Any) -> bool:
    """References that the registry derives from PubMed, and citations it refreshes from there."""
    if field.name == "references":
        member = after if before is None else before
        return isinstance(member, dict) and member.get("type") == "DERIVED"
    return field.name == "references.citation" and before is not None and after is not None


def _says_the_same(field: Field, kind: Kind, before: Any, after: Any) -> bool:
    """Whether a thinner format may mean the same: less markup, a cut title, no `false`."""
    if field.type == "boolean":
        return not before and not after
    if kind in _SAME_WORDS:
        return True
    if field.name.endswith("_title") and isinstance(before, str) and isinstance(after, str):
        short, long = sorted((plain(before).rstrip(". …"), plain(after)), key=len)
        return len(short) >= SHORTEST_CUT_TITLE and long.startswith(short.rstrip(". …"))
    return False
