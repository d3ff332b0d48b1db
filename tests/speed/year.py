"""A store of many studies after a year of changes, and what people ask of it.

    python -m tests.speed.year DATABASE_URL STUDIES

The studies are loaded by a look of ours at the made archive, which is fetched from SPEED_CACHE; the
year is kept through the store's own functions, a look each weekday.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import sqlalchemy as sa

from ctmonitor.changes import compare
from ctmonitor.formats import facts_of, record_from
from ctmonitor.records import Record
from ctmonitor.store import Store, Transaction, open_store
from ctmonitor.store.contents import contents_held
from ctmonitor.store.keeping import Kept, keep
from ctmonitor.store.questions import Filter, changes_of, changes_seen, snapshots_of
from ctmonitor.store.spans import facts_as_of, flips_by_sponsor, slips, statuses_as_of
from ctmonitor.store.studies import held
from ctmonitor.store.sweeps import Counts, begin, finish
from ctmonitor.store.values import batches
from tests.speed.edits import EDITS, mark_as_sent, settle
from tests.speed.made_archive import ONLY_DATES, archives
from tests.speed.made_registry import RELEASED
from tests.speed.plan import LAPSING
from tests.speed.prose import pick
from tests.speed.spent import run
from tests.speed.store_size import StoreSize, size_of
from tests.speed.zip_file import entries_of

DAYS = 365
CHANGES_A_YEAR = 0.5
"""Kept versions a study and year."""

CHURN = 0.21
"""Of all studies, those that change within a year; the rest stay as they are."""

FLIPS = 0.26
"""Of the changes to studies that may lapse: one change in 16 is a turn to UNKNOWN."""

ASKED = 15
POSTGRESQL_TIMES = 4
_FIRST = datetime.fromisoformat(RELEASED).replace(hour=23, tzinfo=UTC)
_LAST = _FIRST + timedelta(days=DAYS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What questions are about."""

    numbers: Sequence[str]
    """All studies."""
    changing: Sequence[str]
    """Those that may have changed."""
    sponsors: Sequence[str]
    """Some lead sponsors, the larger ones the more often."""
    rng: random.Random


Ask = Callable[[Transaction], object]


@dataclass(frozen=True, slots=True)
class Question:
    """One question, how long its answer may take, and the calls that put it to different rows."""

    name: str
    bar_ms: float | None
    """On SQLite; None where there is no bar."""
    asks: Callable[[Asked], Iterator[Ask]]


def _history(nct_id: str, tx: Transaction) -> list[object]:
    return [*snapshots_of(tx, nct_id), *changes_of(tx, nct_id)]


def _histories(asked: Asked) -> Iterator[Ask]:
    for _ in range(ASKED):
        nct_id = pick(asked.rng, asked.changing)
        yield partial(_history, nct_id)


def _statuses_of_a_week(asked: Asked) -> Iterator[Ask]:
    for ago in range(5):
        until = _LAST - timedelta(days=ago, hours=-1)
        wanted = Filter(fields=("overall_status",), since=until - timedelta(days=7), until=until)
        yield partial(changes_seen, wanted=wanted)


def _flips_of_a_month(asked: Asked) -> Iterator[Ask]:
    for ago in range(5):
        until = _LAST - timedelta(days=30 * ago)
        yield partial(flips_by_sponsor, since=until - timedelta(days=30), until=until)


def _a_list_as_of_dates(asked: Asked) -> Iterator[Ask]:
    some = asked.rng.sample(asked.numbers, min(1_000, len(asked.numbers)))
    for ago in range(ASKED):
        yield partial(facts_as_of, nct_ids=some, at=_LAST - timedelta(days=20 * ago))


def _slips_of_a_sponsor(asked: Asked) -> Iterator[Ask]:
    for name in asked.sponsors:
        yield partial(slips, sponsor=name, since=None, until=None)


def _statuses_as_of_dates(asked: Asked) -> Iterator[Ask]:
    for ago in range(5):
        yield partial(statuses_as_of, at=_LAST - timedelta(days=60 * ago))


QUESTIONS = (
    Question("history of one study", 2, _histories),
    Question("status changes of 7 days", 30, _statuses_of_a_week),
    Question("flips to UNKNOWN in a month, by sponsor", 50, _flips_of_a_month),
    Question("1,000 studies as of a date", 20, _a_list_as_of_dates),
    Question("slips for one sponsor", 20, _slips_of_a_sponsor),
    Question("whole registry as of a date, by status", None, _statuses_as_of_dates),
)


def year_lines(url: str, count: int, environ: Mapping[str, str]) -> list[str]:
    """Fill an empty database and put the questions to it."""
    archive = archives(count, (ONLY_DATES,), environ=environ)[ONLY_DATES] / "day-1.zip"
    load = ("--db", url, "sweep", str(archive), "--no-dispatch", "--today", RELEASED)
    spent = run("-m", "ctmonitor.cli", *load)
    numbers = [f"NCT{number:08d}" for number in entries_of(archive).numbers]
    rng = random.Random("a year")
    changing = rng.sample(numbers, max(int(CHURN * count), 1))
    loaded = _size(url)
    store = open_store(url)
    began = time.process_time()
    kept, told = _fill(store, changing, int(CHANGES_A_YEAR * count))
    filled = time.process_time() - began
    lines = [
        f"    loaded in {spent.cpu_seconds:.0f} s CPU; a year of {kept:,} versions with {told:,}"
        f" changes kept at {1000 * filled / max(kept, 1):.2f} ms CPU each",
    ]
    _analyze(store)
    with store.reading() as tx:
        some = [pick(rng, changing) for _ in range(ASKED)]
        sponsors = [one.facts.lead_sponsor or "" for one in held(tx, some).values()]
        asked = Asked(numbers, changing, sponsors, rng)
        times = 1 if tx.is_sqlite else POSTGRESQL_TIMES
        lines += [_answered(tx, question, asked, times) for question in QUESTIONS]
    store.close()
    return [*lines, *_grown(loaded, _size(url), kept)]


def _fill(store: Store, changing: Sequence[str], count: int) -> tuple[int, int]:
    """Keep a year's changes, day by day; how many versions and changes there were."""
    rng = random.Random("who changes when")
    days = [day for day in range(1, DAYS + 1) if (_FIRST + timedelta(days=day)).weekday() < 5]
    kept = told = 0
    for at, day in enumerate(days):
        today = count * (at + 1) // len(days) - count * at // len(days)
        moved = list(dict.fromkeys(pick(rng, changing) for _ in range(today)))
        now = _FIRST + timedelta(days=day)
        with store.writing() as tx:
            sweep_id = begin(tx, "year", "made", today=now.date(), owner="speed", now=now)
            for some in batches(moved):
                batch = _changed(tx, some, now.date())
                keep(tx, sweep_id, batch, now)
                kept += len(batch)
                told += sum(len(one.changes) for one in batch)
            finish(tx, sweep_id, Counts(), state="finished", now=now)
    return kept, told


def _changed(tx: Transaction, numbers: Sequence[str], today: date) -> list[Kept]:
    found = held(tx, numbers)
    contents = contents_held(tx, {name: (one.number, one.depth) for name, one in found.items()})
    batch = []
    for nct_id, canonical in contents.items():
        study = orjson.loads(canonical)
        before = record_from(study, facts=found[nct_id].facts, canonical=canonical)
        after = _edited(before, orjson.loads(canonical), today)
        changes = compare(before, after)
        if not changes:
            continue
        batch.append(
            Kept(
                record=after,
                glance=after.fingerprint,
                held=found[nct_id],
                changes=changes,
                alerts=(),
                registry_date=today,
                previous=canonical,
            )
        )
    return batch


def _edited(before: Record, study: dict[str, Any], today: date) -> Record:
    rng = random.Random(f"{before.nct_id} {today}")
    status = study["protocolSection"]["statusModule"]
    if status["overallStatus"] in LAPSING and rng.random() < FLIPS:
        status["lastKnownStatus"] = status["overallStatus"]
        status["overallStatus"] = "UNKNOWN"
    else:
        for _ in range(1 if rng.random() < 0.6 else 2):
            EDITS[pick(rng, tuple(EDITS))](study, rng, today)
        mark_as_sent(study, today)
        settle(study, today)
    # Still canonical but for the order of keys, which its bytes put right; the release date is
    # no part of a canonical content.
    return record_from(study, facts=replace(facts_of(study), data_date=today))


def _answered(tx: Transaction, question: Question, asked: Asked, times: int) -> str:
    """The median over different rows, as it is waited for; the bar is for an idle machine.

    SQLite answers in this process, whose CPU is what a busy machine cannot lengthen, and so is what
    the bar is held against; PostgreSQL answers in its own.
    """
    spent: list[tuple[float, float]] = []
    rows = 0
    for ask in question.asks(asked):
        cpu, began = time.process_time(), time.perf_counter()
        found = ask(tx)
        spent.append((time.process_time() - cpu, time.perf_counter() - began))
        rows = max(rows, len(found) if isinstance(found, Sequence | Mapping) else 1)
    cpu, waited = (1000 * median(one[at] for one in spent) for at in (0, 1))
    shown = (
        f"    {question.name:<40} {waited:8.2f} ms, {cpu:7.2f} ms CPU here, {rows:,} rows at most"
    )
    if question.bar_ms is None:
        return shown
    bar = question.bar_ms * times
    is_missed = (cpu if tx.is_sqlite else waited) > bar
    return f"{shown} (bar {bar:g} ms){' MISSED' if is_missed else ''}"


def _analyze(store: Store) -> None:
    """Let PostgreSQL know what it holds, as its own daemon would within minutes."""
    if store.engine.dialect.name != "sqlite":
        with store.engine.connect() as connection:
            connection.execute(sa.text("ANALYZE"))
            connection.commit()


def _size(url: str) -> StoreSize | None:
    path = url.partition("sqlite:///")[2]
    return size_of(Path(path)) if path else None


def _grown(before: StoreSize | None, after: StoreSize | None, kept: int) -> list[str]:
    if before is None or after is None or before.tables is None or after.tables is None:
        return []
    grown = {name: size - before.tables.get(name, 0) for name, size in after.tables.items()}
    largest = sorted(grown.items(), key=lambda item: -item[1])[:6]
    shown = ", ".join(f"{name} {size / kept:,.0f}" for name, size in largest)
    history = (grown.get("snapshots", 0) + grown.get("changes", 0)) / kept
    file = (after.whole - before.whole) / kept
    return [
        f"    bytes a version: {history:,.0f} in snapshots and changes (bar 700), the file grew by"
        f" {file:,.0f}; by table: {shown}"
    ]


def main() -> None:
    """Fill a database and print one line a question."""
    parser = argparse.ArgumentParser(description="Put questions to a store after a year.")
    parser.add_argument("database")
    parser.add_argument("studies", type=int)
    chosen = parser.parse_args()
    for line in year_lines(chosen.database, chosen.studies, os.environ):
        print(line)


if __name__ == "__main__":
    main()
