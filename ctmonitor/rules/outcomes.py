"""What a study says it will measure, changed once it was under way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Change, Difference
from ctmonitor.changes.members import NEAR_ENOUGH
from ctmonitor.changes.texts import nearness
from ctmonitor.rules.rule import Chosen, change_rule
from ctmonitor.rules.several import SAME_WORDS, by_all, of_changes
from ctmonitor.rules.start import has_started
from ctmonitor.rules.telling import said

OUTCOMES = (
    "https://clinicaltrials.gov/policy/protocol-definitions#PrimaryOutcomeMeasure; CONSORT 2010, "
    "item 6b: changes to outcomes after a trial commenced are to be told, with reasons"
)
ADDED, DROPPED, REPLACED = "added", "dropped", "replaced"
REWORDED, TIME_FRAME, COSMETIC = "reworded", "time frame only", "cosmetic"
_COUNTED = {
    ADDED: ("added", "added"),
    DROPPED: ("dropped", "dropped"),
    REPLACED: ("replaced", "replaced"),
    REWORDED: ("reworded", "reworded"),
    TIME_FRAME: ("time frame changed", "time frames changed"),
}
_MEMBERS = ("", ".measure", ".time_frame", ".description")
_SEEN = ("overall_status", "start_date", "start_date_type")


def _fields(listed: str) -> tuple[str, ...]:
    return tuple(f"{listed}{member}" for member in _MEMBERS)


@change_rule(Severity.HIGH, source=OUTCOMES, fields=_fields("primary_outcomes"))
def primary_outcome_changed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """Primary outcomes were added, dropped, replaced, reworded or re-timed after the start."""
    yield from _tell(difference, chosen, "primary_outcomes", "Primary outcomes")


@change_rule(Severity.LOW, source=OUTCOMES, fields=_fields("secondary_outcomes"))
def secondary_outcome_changed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """Secondary outcomes were added, dropped, replaced, reworded or re-timed after the start."""
    yield from _tell(difference, chosen, "secondary_outcomes", "Secondary outcomes")


def _tell(difference: Difference, chosen: Chosen, listed: str, label: str) -> Iterator[Alert]:
    fields = _fields(listed)
    changes = [one for one in difference.changes if one.field in fields and not one.is_noise]
    if not changes or not has_started(difference.before):
        return
    classed = [(class_of(member), member) for member in _by_outcome(changes, listed)]
    counts = Counter(name for name, _ in classed if name != COSMETIC)
    if not counts:
        return
    pieces: list[dict[str, Any]] = [
        {**change.plain(), "class": name}
        for name, member in sorted(classed, key=lambda one: one[0] == COSMETIC)
        for change in member
    ]
    parts = (
        f"{count} {words[count > 1]}" for name, words in _COUNTED.items() if (count := counts[name])
    )
    headline = f"{label}: {', '.join(parts)}{by_all(changes)}"
    also = ({f"{name}_before": fact for name, fact in said(difference.before, *_SEEN).items()},)
    yield of_changes(chosen, difference, changes, headline, pieces=pieces, also=also)


def class_of(changes: Sequence[Change]) -> str:
    """How one outcome changed, from all that changed of it."""
    telling = [change for change in changes if change.kind not in SAME_WORDS]
    if not telling:
        return COSMETIC
    for change in telling:
        if "." not in change.field:
            return ADDED if change.before is None else DROPPED
        if change.field.endswith(".measure") and not _is_near(change):
            return REPLACED
    is_time_only = all(change.field.endswith(".time_frame") for change in telling)
    return TIME_FRAME if is_time_only else REWORDED


def _is_near(change: Change) -> bool:
    before, after = str(change.before or ""), str(change.after or "")
    return nearness(before, after) >= NEAR_ENOUGH


def _by_outcome(changes: Sequence[Change], listed: str) -> Iterator[list[Change]]:
    """The changes of each outcome; of outcomes that bear one measure, in their order."""
    members: dict[tuple[Any, ...], list[Change]] = defaultdict(list)
    seen: Counter[tuple[str, str | None]] = Counter()
    for change in changes:
        place = change.field, change.item
        is_whole = change.field == listed
        of_list = ("whole", change.before is None) if is_whole else ("part", None)
        members[*of_list, change.item, seen[place]].append(change)
        seen[place] += 1
    yield from members.values()
