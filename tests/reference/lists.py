"""The obvious rules over lists: outcomes, sites, turns of a review, notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from typing import Any

from tests.reference.plain import EVENTS, INFOS, State, said

Members = list[dict[str, Any]] | None
RANKS = ("RELEASE", "RESET", "UNRELEASE")


def has_other_outcomes(before: Members, after: Members) -> bool:
    """Whether the outcomes say something else, in whatever order they stand."""

    def saying(listed: Members) -> list[str]:
        parts = ("measure", "timeFrame", "description")
        return sorted(repr([said(one.get(part)) for part in parts]) for one in listed or [])

    return saying(before) != saying(after)


def place(site: dict[str, Any]) -> Hashable:
    """Where a site is; the words of its name may stand in any order and case."""
    return *of_a_name(site), site.get("city")


def of_a_name(site: dict[str, Any]) -> Hashable:
    """A facility in a country, in whatever city: cities are respelled."""
    return tuple(sorted(site.get("facility", "").casefold().split())), site.get("country")


def all_but_the_name(site: dict[str, Any]) -> Hashable:
    """What stays of a site that was only renamed."""
    return repr(sorted((name, said) for name, said in site.items() if name != "facility"))


def sites_in_common(before: Members, after: Members) -> Iterator[tuple[dict[str, Any], ...]]:
    """The sites of both lists, pair by pair: the same place, else the same name, else renamed."""
    gone, new = list(before or []), list(after or [])
    keys: tuple[Callable[[dict[str, Any]], Hashable], ...] = (place, of_a_name, all_but_the_name)
    for key in keys:
        for one in list(gone):
            same = next((other for other in new if key(other) == key(one)), None)
            if same is not None:
                gone.remove(one)
                new.remove(same)
                yield one, same


def sites_new(before: Members, after: Members) -> int:
    """How many sites of the second list are not in the first."""
    return len(after or []) - len(list(sites_in_common(before, after)))


def last_turn(b: State, a: State) -> str | None:
    """The latest turn of the review of results that this look brought.

    What the registry says of turns in a second place is known where the first speaks of a review.
    """
    before, after = b.get(EVENTS) or [], a.get(EVENTS) or []
    turns = turns_annotated(before, after)
    if turns:
        return turns[-1]
    is_annotated = bool(after) and after[-1]["type"] != "UNRELEASE"
    if is_annotated or sorted(map(repr, before)) != sorted(map(repr, after)):
        return None
    new = turns_tracked(a.get(INFOS)) - turns_tracked(b.get(INFOS))
    return RANKS[max(new)[1]] if new else None


def turns_annotated(before: list[Any], after: list[Any]) -> list[str]:
    """The types of the new entries; one whose day was corrected is not new."""
    new = without(after, before)
    for entry in without(before, after):
        same = next((one for one in new if one["type"] == entry["type"]), None)
        if same is not None:
            new.remove(same)
    return [one["type"] for one in new]


def without(listed: list[Any], others: list[Any]) -> list[Any]:
    """The members of a list that are not in another, each as often as it is there more."""
    left = list(others)
    more = []
    for member in listed:
        if member in left:
            left.remove(member)
        else:
            more.append(member)
    return more


def turns_tracked(infos: Members) -> set[tuple[str, int]]:
    """When each submission was sent, and how far it came: sent, returned, taken back."""
    words = (
        ("releaseDate", 0),
        ("resetDate", 1),
        ("unreleaseDate", 2),
        ("unreleaseDateUnknown", 2),
    )
    return {
        (info["releaseDate"], rank) for info in infos or [] for word, rank in words if word in info
    }


def is_new_notice(before: Members, after: Members) -> bool:
    """Whether there are more notices of some type than there were."""
    were, are = (Counter(one["type"] for one in listed or []) for listed in (before, after))
    return bool(are - were)
