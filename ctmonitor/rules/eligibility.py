"""Who may take part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ctmonitor.alerts import Alert, Severity
from ctmonitor.changes import Change, Difference, Kind
from ctmonitor.rules.rule import Chosen, change_rule
from ctmonitor.rules.several import SAME_WORDS, by_all, of_changes
from ctmonitor.rules.telling import told

ELIGIBILITY = (
    "https://clinicaltrials.gov/policy/protocol-definitions#EligibilityCriteria: who may take "
    "part, as the sponsor selects them"
)
_LABELS = {
    "minimum_age": "minimum age",
    "maximum_age": "maximum age",
    "sex": "sex",
    "gender_based": "gender based",
    "healthy_volunteers": "healthy volunteers",
    "eligibility_criteria": "criteria",
    "gender_description": "gender description",
    "study_population": "study population",
    "sampling_method": "sampling method",
}
_TEXTS = frozenset({"eligibility_criteria", "gender_description", "study_population"})
_DONE = {Kind.ADDED: "added", Kind.REMOVED: "removed", Kind.NUMBERS: "changed in numbers"}


@change_rule(Severity.NORMAL, source=ELIGIBILITY, fields=tuple(_LABELS))
def eligibility_changed(difference: Difference, chosen: Chosen) -> Iterator[Alert]:
    """Who may take part changed: criteria, ages, sex, healthy volunteers or population."""
    changes = [
        change
        for field in _LABELS
        if (change := told(difference, field)) is not None and _says_other(change)
    ]
    if not changes:
        return
    parts = "; ".join(map(_part, changes))
    headline = f"Eligibility: {parts}{by_all(changes)}"
    yield of_changes(chosen, difference, changes, headline)


def _says_other(change: Change) -> bool:
    """Whether it says something else: a box that was empty and is now unticked does not."""
    is_empty = not change.before and not change.after
    return change.kind not in SAME_WORDS and not is_empty


def _part(change: Change) -> str:
    label = _LABELS[change.field]
    if change.field in _TEXTS:
        return f"{label} {_DONE.get(change.kind, 'reworded')}"
    return f"{label} {_words(change.after)}, was {_words(change.before)}"


def _words(value: Any) -> str:
    if value is None:
        return "not given"
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"
