"""A small registry that lives some days, looks at it, and what they must have come to.

What is kept is held against the releases themselves, never against what the product says of them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from ctmonitor.errors import CtmonitorError
from ctmonitor.formats import Handed, Piece, Sighting, glance, read_study
from ctmonitor.jobs import planner, registry_look
from ctmonitor.jobs.planner import Way
from ctmonitor.jobs.registry_look import RegistryLook
from ctmonitor.jobs.scope import Scope, scope_of
from ctmonitor.jobs.sweep import Plan, Report, sweep
from ctmonitor.records import statuses
from ctmonitor.rules import Tuning
from ctmonitor.sources import by_number
from ctmonitor.store import Store, watching
from ctmonitor.store.schema import snapshots, studies
from tests.builders import a_study
from tests.jobs.days import ask
from tests.looks import clock_on
from tests.registry import Release, Served, a_release
from tests.registry.releases import Study, number_of
from tests.registry.releases import by_number as studies_of
from tests.registry.selection import selected
from tests.sources.asking import a_look

LAPSING = sorted(statuses.LAPSING)
QUESTION = {"filter.overallStatus": "RECRUITING,COMPLETED"}
LIST = "the open ones"
UNGUARDED = Tuning.read({"sweep-held": {"enabled": False}, "mass-change": {"enabled": False}})
"""So small a registry changes as a whole from day to day."""


class Watched(RegistryLook):
    """A look that counts how often it handed a study over, in which release."""

    given: Counter[tuple[str, str]]

    def pieces(self) -> Iterator[Handed]:
        """Everything it has, counted."""
        self.given = Counter()
        for one in super().pieces():
            if isinstance(one, Piece):
                self.given[one.place, str(glance(one.payload)[1])] += 1
            elif isinstance(one, Sighting):
                self.given[one.nct_id, str(one.released)] += 1
            yield one


def made_days(rng: random.Random, count: int) -> list[Release]:
    """So many working days of a registry of 40 to 60 studies, about a month's end."""
    day = date(2026, 2, 25) + timedelta(days=rng.randrange(3))
    shown = [_made(rng, number, day) for number in range(1, rng.randrange(41, 51))]
    days = [a_release(str(day), shown)]
    for _ in range(count - 1):
        day += timedelta(days=1)
        shown = [_next(rng, study, day) for study in shown if rng.random() > 0.03]
        first = 100 * day.toordinal()
        new = [_made(rng, first + place, day) for place in range(rng.randrange(3))]
        shown += [_posted(study, day) for study in new]
        rng.shuffle(shown)
        days.append(a_release(str(day), shown))
    return days


def _made(rng: random.Random, number: int, day: date) -> Study:
    verified = day.replace(day=1) - timedelta(days=30 * rng.choice((1, 6, 22, 23, 24)))
    completion = day + timedelta(days=rng.choice((-400, -2, -1, 0, 1, 2, 400)))
    study = a_study(
        nct_id=f"NCT{number % 10**8:08d}",
        overall_status=rng.choice((*LAPSING, "COMPLETED", "TERMINATED")),
        status_verified_date=f"{verified:%Y-%m}",
        completion_date=completion,
        last_update_posted_date=str(day - timedelta(days=rng.randrange(1, 300))),
    )
    return _flipped(study, day)


def _next(rng: random.Random, study: Study, day: date) -> Study:
    """The study a day later: changed by its sponsor, turned by the registry, or as it was."""
    if rng.random() < 0.85:
        return _flipped(study, day)
    posted = _posted(study, day)
    status = posted["protocolSection"]["statusModule"]
    status.pop("lastKnownStatus", None)
    status["overallStatus"] = rng.choice((*LAPSING, "COMPLETED"))
    status["statusVerifiedDate"] = f"{day:%Y-%m}"
    return posted


def _posted(study: Study, day: date) -> Study:
    posted: Study = orjson.loads(orjson.dumps(study))
    posted["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"] = {"date": str(day)}
    posted["protocolSection"]["identificationModule"]["briefTitle"] = f"As of {day}"
    return posted


def _flipped(study: Study, day: date) -> Study:
    due = read_study(orjson.dumps(study)).facts.unknown_due_on
    status = study["protocolSection"]["statusModule"]
    if due is None or due > day or status["overallStatus"] == "UNKNOWN":
        return study
    shown = {"overallStatus": "UNKNOWN", "lastKnownStatus": status["overallStatus"]}
    section = {**study["protocolSection"], "statusModule": {**status, **shown}}
    return {**study, "protocolSection": section}


@dataclass
class Life:
    """Looks at one scope of one registry, each held against its releases."""

    store: Store
    served: Served
    days: list[Release]
    kind: str
    reports: list[Report] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    errors: list[CtmonitorError] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    """How the looks ended, as the store has it."""
    kept: dict[str, list[bytes]] = field(default_factory=dict)
    """Every content that is kept of each study, after the last look."""

    def look(self, way: Way | None = None, **manners: Any) -> Report | None:
        """Look once, and note whatever is wrong with what that came to."""
        today = self.served.registry.current.data_timestamp[:10]
        client = a_look(self.served.url, **manners)
        scope = self._scope()
        look = Watched(client, self.store, scope, date.fromisoformat(today), way)
        missing = set(self._missing())
        try:
            report = sweep(self.store, look, Plan(tuning=UNGUARDED, clock=clock_on(today)))
        except CtmonitorError as problem:
            self.errors.append(problem)
            report = None
        finally:
            client.client.close()
        twice = [one for one, count in look.given.items() if count > 1]
        self._note(not twice, f"handed over again: {twice}")
        self._judge(report, sorted(set(self._missing()) - missing))
        if report is not None:
            self.reports.append(report)
        return report

    def _scope(self) -> Scope:
        if self.kind == "whole":
            return Scope(registry_look.NAME, is_all=True)
        if self.kind == "numbers":
            numbers = {number_of(study) for day in self.days for study in day.studies}
            return Scope("numbers", nct_ids=tuple(sorted(numbers)))
        with self.store.reading() as tx:
            lists = watching.all_watch_lists(tx)
        return scope_of(lists, watch=None, is_all=self.kind == "whole and a question")

    def _judge(self, report: Report | None, newly_missing: list[str]) -> None:
        self._judge_contents()
        if report is None or report.state != "finished":
            self._note(not newly_missing, f"missing though not complete: {newly_missing}")
            return
        shown = self._shown(report.data_timestamp)
        there = [number for number in newly_missing if number in studies_of(shown)]
        self._note(not there, f"falsely missing in {shown.data_timestamp}: {there}")
        later = [day for day in self.days if day.data_timestamp >= shown.data_timestamp]
        for number in self._expected(shown):
            meant = [_contents(day).get(number) for day in later]
            held = self.kept.get(number, [None])[-1]
            self._note(held in meant, f"{number} is not as in {shown.data_timestamp}")

    def _shown(self, data_timestamp: str | None) -> Release:
        return next(day for day in self.days if day.data_timestamp == data_timestamp)

    def _expected(self, shown: Release) -> dict[str, bytes]:
        """What is to be held of the studies in the scope, after a complete look at a release."""
        contents = _contents(shown)
        if self.kind == "question":
            wanted = {number_of(study) for study in selected(shown, QUESTION)}
            return {number: contents[number] for number in wanted}
        return contents

    def _judge_contents(self) -> None:
        """Whether each study's contents are some of those it had, in their order, each once."""
        self.kept = self._kept()
        for number, kept in self.kept.items():
            had = [content for day in self.days if (content := _contents(day).get(number))]
            rest = iter(had)
            in_order = all(any(content == one for one in rest) for content in kept)
            each_once = all(one != two for one, two in pairwise(kept))
            self._note(in_order and each_once, f"{number} never changed like this")

    def _kept(self) -> dict[str, list[bytes]]:
        query = sa.select(snapshots.c.nct_id, snapshots.c.fingerprint).order_by(snapshots.c.id)
        found: dict[str, list[bytes]] = {}
        with self.store.reading() as tx:
            for nct_id, fingerprint in tx.connection.execute(query):
                found.setdefault(nct_id, []).append(bytes(fingerprint))
        return found

    def _missing(self) -> list[str]:
        with self.store.reading() as tx:
            query = sa.select(studies.c.nct_id).where(studies.c.missing_since.is_not(None))
            return list(tx.connection.execute(query).scalars())

    def _note(self, is_right: bool, fault: str) -> None:
        if not is_right:
            self.faults.append(f"look {len(self.reports) + 1}: {fault}")


def follow(store: Store) -> None:
    """Let a watch list follow the question."""
    ask(store, LIST, **{name.replace(".", "_"): text for name, text in QUESTION.items()})


def made_small(monkeypatch: pytest.MonkeyPatch, rng: random.Random) -> None:
    """Pages, requests and lists of a few studies, so that a small registry needs many."""
    monkeypatch.setattr(registry_look, "WHOLE_PAGE", rng.randrange(6, 15))
    monkeypatch.setattr(registry_look, "ROW_PAGE", rng.randrange(6, 15))
    monkeypatch.setattr(by_number, "CAREFUL_NUMBERS", rng.randrange(4, 12))
    monkeypatch.setattr(planner, "FULL_UP_TO", 10)


def _contents(day: Release) -> dict[str, bytes]:
    """A digest of the canonical content of each study of a release."""
    if day.data_timestamp not in _CONTENTS or _CONTENTS[day.data_timestamp][0] is not day:
        made = {
            number_of(study): read_study(orjson.dumps(study)).fingerprint for study in day.studies
        }
        _CONTENTS[day.data_timestamp] = (day, made)
    return _CONTENTS[day.data_timestamp][1]


_CONTENTS: dict[str, tuple[Release, dict[str, bytes]]] = {}
