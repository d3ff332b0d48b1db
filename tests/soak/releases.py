"""A made registry that writes down itself what each release changes and what must be told of it.

The list is kept by whoever makes the edits, by name and value, and never asks the product: it is
what a monitor that was killed is held against.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from tests.builders import a_study

FIRST_DAY = date(2026, 3, 2)
FIRST_NUMBER = 10_000_000
EDITS = 6
"""Studies that their sponsors edit in one release."""
MASS_EVERY = 3
"""Once in so many releases, the registry rewrites one field of most studies by itself."""
MASS_SHARE = 0.6
COURSE = {
    "RECRUITING": (
        ("SUSPENDED", "stopped"),
        ("ACTIVE_NOT_RECRUITING", "status-changed"),
        ("UNKNOWN", "became-unknown"),
    ),
    "SUSPENDED": (("RECRUITING", "resumed"),),
    "ACTIVE_NOT_RECRUITING": (("COMPLETED", "completed"),),
    "COMPLETED": (("RECRUITING", "resumed"),),
    "UNKNOWN": (("RECRUITING", "left-unknown"),),
}
"""From each status the ways on, and the rule that must tell of each."""
TURNS = {rule for ways in COURSE.values() for _, rule in ways}
"""The rules that tell of a status which is another."""
HIGH = {"stopped", "became-unknown", "unknown-stale", "results-posted", "mass-change"}
"""The rules whose alerts are high or critical."""


class Changed(NamedTuple):
    """One field of one study that must be listed as changed, in its study's nth snapshot."""

    nct_id: str
    snapshot: int
    field: str
    before: Any
    after: Any


class Fact(NamedTuple):
    """One alert that must be raised, once: no two have the same study, rule and day."""

    nct_id: str | None
    rule: str
    day: str


@dataclass(frozen=True, slots=True)
class Release:
    """One day of the registry: every study, and what differs from the day before."""

    day: date
    studies: tuple[dict[str, Any], ...]
    changes: tuple[Changed, ...]
    facts: dict[Fact, str]
    """What must be told, each with words that its headline must hold."""

    def write(self, path: Path) -> None:
        """As one NDJSON file."""
        path.write_bytes(b"".join(orjson.dumps(study) + b"\n" for study in self.studies))


class MadeRegistry:
    """A small registry that goes on from day to day."""

    def __init__(self, *, studies: int, seed: int) -> None:
        self.rng = random.Random(f"made registry {seed}")
        self.day = FIRST_DAY - timedelta(days=1)
        self.first_count = studies
        self.fields: dict[str, dict[str, Any]] = {}
        self.snapshots: dict[str, int] = {}
        self.made = 0

    def releases(self, count: int) -> Iterator[Release]:
        """The next days."""
        return (self.next_release() for _ in range(count))

    def next_release(self) -> Release:
        """The next day: some studies edited, some new, now and then most rewritten."""
        self.day += timedelta(days=1)
        self.made += 1
        held = {nct_id: dict(fields) for nct_id, fields in self.fields.items()}
        is_mass = bool(held) and self.made % MASS_EVERY == 0
        rewritten = self._rewrite_most() if is_mass else set()
        edited = self.rng.sample(sorted(held), EDITS) if held else []
        facts: dict[Fact, str] = {}
        for nct_id in edited:
            facts |= self._edit(nct_id, held[nct_id])
        if is_mass:
            count = len(rewritten - set(edited))
            said = f"Brief Title changed by the registry in {count} of "
            facts[Fact(None, "mass-change", str(self.day))] = said
        facts |= self._show_new(1 if held else self.first_count)
        changes = tuple(self._differences(held))
        studies = tuple(
            a_study(**fields, data_date=self.day, nct_id=nct_id)
            for nct_id, fields in self.fields.items()
        )
        return Release(self.day, studies, changes, facts)

    def _show_new(self, count: int) -> dict[Fact, str]:
        facts = {}
        for _ in range(count):
            nct_id = f"NCT{FIRST_NUMBER + len(self.fields)}"
            is_unknown = len(self.fields) % 7 == 0
            self.snapshots[nct_id] = 1
            self.fields[nct_id] = {
                "brief_title": f"Study {len(self.fields)}, as first shown",
                "overall_status": "UNKNOWN" if is_unknown else "RECRUITING",
                "last_known_status": "RECRUITING" if is_unknown else None,
                "why_stopped": None,
                "enrollment": 100 + len(self.fields),
                "enrollment_type": "ESTIMATED",
                "primary_completion_date": "2030-01-15",
                "primary_completion_date_type": "ESTIMATED",
                "last_update_posted_date": str(self.day),
                "has_results": False,
                "results_first_posted_date": None,
            }
            if is_unknown:
                facts[Fact(nct_id, "unknown-stale", str(self.day))] = "UNKNOWN"
        return facts

    def _edit(self, nct_id: str, before: dict[str, Any]) -> dict[Fact, str]:
        fields = self.fields[nct_id]
        fields.update(before)
        act = self.rng.choice((_turn, _turn, _enroll, _slip, _show_results, _retitle))
        told = act(fields, self.rng, self.day)
        if fields["overall_status"] != "UNKNOWN" or before["overall_status"] == "UNKNOWN":
            fields["last_update_posted_date"] = str(self.day)
        return {Fact(nct_id, rule, str(self.day)): says for rule, says in told}

    def _rewrite_most(self) -> set[str]:
        count = int(MASS_SHARE * len(self.fields))
        chosen = set(self.rng.sample(sorted(self.fields), count))
        for nct_id in chosen:
            fields = self.fields[nct_id]
            fields["brief_title"] = f"{fields['brief_title'].partition(',')[0]}, as of {self.day}"
        return chosen

    def _differences(self, held: dict[str, dict[str, Any]]) -> Iterator[Changed]:
        for nct_id, before in held.items():
            after = self.fields[nct_id]
            names = [name for name in after if after[name] != before[name]]
            if names:
                self.snapshots[nct_id] += 1
            for name in names:
                number = self.snapshots[nct_id]
                yield Changed(nct_id, number, name, before[name], after[name])


def _turn(fields: dict[str, Any], rng: random.Random, day: date) -> list[tuple[str, str]]:
    was = fields["overall_status"]
    now, rule = rng.choice(COURSE[was])
    fields["overall_status"] = now
    fields["last_known_status"] = was if now == "UNKNOWN" else None
    fields["why_stopped"] = f"the made reason of {day}" if now == "SUSPENDED" else None
    reason = f": {fields['why_stopped']}" if now == "SUSPENDED" else ""
    return [(rule, f"Now {now}; was {was}{reason}")]


def _enroll(fields: dict[str, Any], rng: random.Random, _day: date) -> list[tuple[str, str]]:
    fields["enrollment"] += rng.randint(1, 40)
    return [("enrollment-changed", f"Enrollment {fields['enrollment']} ESTIMATED")]


def _slip(fields: dict[str, Any], rng: random.Random, _day: date) -> list[tuple[str, str]]:
    later = rng.randint(2, 60)
    was = date.fromisoformat(fields["primary_completion_date"])
    fields["primary_completion_date"] = str(was + timedelta(days=later))
    return [("primary-completion-slipped", f"Primary completion date {later} days later")]


def _show_results(fields: dict[str, Any], _rng: random.Random, day: date) -> list[tuple[str, str]]:
    if fields["has_results"]:
        return _retitle(fields, _rng, day)
    fields["has_results"] = True
    fields["results_first_posted_date"] = str(day)
    return [("results-posted", f"Results posted {day}")]


def _retitle(fields: dict[str, Any], _rng: random.Random, day: date) -> list[tuple[str, str]]:
    fields["brief_title"] = f"{fields['brief_title'].partition(',')[0]}, renamed on {day}"
    return []
