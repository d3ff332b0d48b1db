"""What the product tells of a history: in memory, and with databases, sweeps and due runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import sqlalchemy as sa

from ctmonitor.alerts import Alert
from ctmonitor.changes import Difference, compare
from ctmonitor.jobs.due import raise_due
from ctmonitor.jobs.judging import judge_successive
from ctmonitor.rules import Tuning, judge_due, judge_first_sight
from ctmonitor.store import Store, fates
from ctmonitor.store.alerts import raised
from ctmonitor.store.schema import alerts
from tests.builders import NUMBER, a_payload, a_record, a_study
from tests.jobs.days import days
from tests.looks import clock_on, look
from tests.reference.evaluator import Fact, History, Table
from tests.reference.fates import Shown, Told

FLOOD_LIMIT = 100_000


def in_memory(history: History, asked_on: Mapping[date, Table], table: Table) -> list[Fact]:
    """What the rules tell of a study that is never gone, each alert once by its key."""
    facts, keys, held, number = [], set(), None, 1
    looks, tuning = dict(history), Tuning.read(table)
    day, end = history[0][0], max([history[-1][0], *asked_on])
    while day <= end:
        alerts = ()
        if day in looks:
            record = a_record(**looks[day])
            if held is None:
                alerts = judge_first_sight(record.facts, day, tuning)
            else:
                difference = Difference(held.facts, record.facts, compare(held, record))
                number += bool(difference.changes)
                alerts = judge_successive(difference, number, today=day, tuning=tuning)
            held = record
        if day in asked_on:
            alerts += judge_due(held.facts, day, Tuning.read(asked_on[day]))
        for alert in alerts:
            if alert.key not in keys:
                keys.add(alert.key)
                facts.append(Fact(day, alert.rule, NUMBER, alert.inhibited_by or ""))
        day += timedelta(1)
    return sorted(facts)


def with_store(
    store: Store,
    histories: Mapping[str, History],
    asked_on: Mapping[date, Table],
    table: Table,
) -> list[Fact]:
    """What sweeps and due runs raise, each alert on the day of the run that raised it."""
    every = sorted({day for history in histories.values() for day, _ in history} | asked_on.keys())
    facts: list[Fact] = []
    for day in every:
        found = {number: dict(one)[day] for number, one in histories.items() if day in dict(one)}
        shown = [a_payload(nct_id=number, **one) for number, one in found.items() if one]
        gone = [number for number, one in found.items() if one is None]
        if shown:
            look(store, *shown, today=str(day), tuning=Tuning.read(table))
        if gone:
            with store.writing() as tx:
                fates.miss(tx, gone, str(day), clock_on(str(day)).at())
        if day in asked_on:
            raise_due(
                store,
                tuning=Tuning.read(asked_on[day]),
                flood_limit=FLOOD_LIMIT,
                clock=clock_on(str(day)),
            )
        new = _raised_after(store, len(facts))
        facts += [Fact(day, one.rule, str(one.nct_id), one.inhibited_by or "") for one in new]
    return sorted(facts)


def looked_at(store: Store, releases: list[tuple[str, Shown]], way: str) -> list[Told]:
    """What looks at a registry that shows these studies raise, release after release."""
    facts: list[Told] = []
    with days(store) as registry:
        for day, shown in releases:
            merged: dict[str, list[str]] = {number: [] for number in shown.values() if number}
            for number, led_to in shown.items():
                if led_to and led_to != number:
                    merged[led_to].append(number)
            trees = [a_study(nct_id=one, **_aliases(former)) for one, former in merged.items()]
            registry.day(day, *trees, whole=True, way=way)
            new = _raised_after(store, len(facts))
            facts += [(day, str(one.nct_id), one.rule) for one in new]
    return sorted(facts)


def _aliases(former: list[str]) -> dict[str, list[str]]:
    return {"nct_id_aliases": former} if former else {}


def _raised_after(store: Store, count: int) -> list[Alert]:
    """The alerts raised after so many."""
    query = sa.select(alerts).order_by(alerts.c.id).offset(count)
    with store.reading() as tx:
        return [raised(row).alert for row in tx.connection.execute(query).mappings()]
