"""Whether the product and the obvious evaluator tell the same of made histories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctmonitor.store import Store
from tests.builders import NUMBER
from tests.reference import calendar
from tests.reference.evaluator import Fact, History, Table, evaluate
from tests.reference.fates import Shown, told_of_fates
from tests.reference.histories import BEGINNINGS, CONCERNS, histories, tables
from tests.reference.product import in_memory, looked_at, with_store

LINGER = 40
"""Days after the last look on which the calendar rules are still asked."""


def told_in_memory(rule: str, *, examples: int) -> int:
    """In how many made histories the rule was told; each was told alike, every rule in it."""
    heard = Counter[str]()

    @_of(examples)
    @given(st.data())
    def agree(data: Any) -> None:
        beginning = data.draw(st.sampled_from(BEGINNINGS))
        history, table = data.draw(histories(rule, beginning)), data.draw(tables())
        end = history[-1][0] + timedelta(LINGER if rule in calendar.RULES else 0)
        days = (end - beginning).days + 1
        asked_on = {beginning + timedelta(day): table for day in range(days)}
        if rule not in calendar.RULES:
            asked_on = {day: table for day, _ in history}
        obvious = evaluate(NUMBER, history, asked_on, table)
        _agree(in_memory(history, asked_on, table), obvious)
        heard.update({fact.rule for fact in obvious})

    agree()
    return heard[rule]


def told_with_stores(
    a_store: Callable[[], AbstractContextManager[Store]], rule: str, *, examples: int
) -> Counter[str]:
    """How many facts of each rule were told by sweeps and due runs of several studies at once, the
    first of which is made for a rule.
    """
    heard = Counter[str]()

    @_of(examples)
    @given(st.data())
    def agree(data: Any) -> None:
        crowd, asked_on, table = data.draw(crowds(rule))
        obvious = [
            fact
            for nct_id, history in crowd.items()
            for fact in evaluate(nct_id, history, asked_on, table)
        ]
        with a_store() as store:
            _agree(with_store(store, crowd, asked_on, table), obvious)
        heard.update(fact.rule for fact in obvious)

    agree()
    return heard


def fates_told(
    a_store: Callable[[], AbstractContextManager[Store]], way: str, *, examples: int
) -> Counter[str]:
    """How often each rule told what became of a record, in looks at a made registry."""
    heard = Counter[str]()

    @_of(examples)
    @given(releases())
    def agree(shown: list[tuple[str, Shown]]) -> None:
        with a_store() as store:
            assert looked_at(store, shown, way) == told_of_fates(shown)
        heard.update(rule for _, _, rule in told_of_fates(shown))

    agree()
    return heard


@st.composite
def releases(draw: Any) -> list[tuple[str, Shown]]:
    """Some days of a registry of seven studies: two that come and go, and one that is merged."""
    day, found = date(2026, 2, 2), []
    numbers = [f"NCT{place:08}" for place in range(1, 8)]
    merged_from = draw(st.integers(1, 12))
    for place in range(draw(st.integers(3, 8))):
        shown: dict[str, str | None] = {number: number for number in numbers}
        for number in numbers[:2]:
            shown[number] = number if place == 0 else draw(st.sampled_from((number, None)))
        if place >= merged_from:
            shown[numbers[2]] = numbers[3]
        found.append((str(day), shown))
        day += timedelta(draw(st.sampled_from((1, 1, 2, 9))))
    return found


@st.composite
def crowds(draw: Any, rule: str) -> tuple[dict[str, History], dict[Any, Table], Table]:
    """Studies that change, go and come back, the days of due runs, tuned anew at times."""
    beginning = draw(st.sampled_from(BEGINNINGS))
    about = [rule, *draw(st.lists(st.sampled_from(sorted(CONCERNS)), max_size=3))]
    crowd = {
        f"NCT{place:08}": draw(gone_at_times(histories(concerned, beginning)))
        for place, concerned in enumerate(about, start=1)
    }
    end = max(history[-1][0] for history in crowd.values()) + timedelta(LINGER)
    runs = draw(st.sets(st.integers(0, (end - beginning).days), min_size=3, max_size=14))
    tuned = [draw(tables()), draw(tables())]
    if rule in calendar.RULES:
        [number] = calendar.NUMBERS[rule]
        tuned += [{**tuned[0], rule: {number: days, "enabled": True}} for days in (0, 60)]
    asked_on, table = {}, tuned[0]
    for run in sorted(runs):
        if draw(st.booleans()):
            table = draw(st.sampled_from(tuned))
        asked_on[beginning + timedelta(run)] = table
    return crowd, asked_on, tuned[0]


@st.composite
def gone_at_times(draw: Any, made: st.SearchStrategy[History]) -> History:
    """The same history, in which the study is gone before some looks, and back as it was or not."""
    found: History = []
    for day, state in draw(made):
        if found and (day - found[-1][0]).days > 2 and draw(st.integers(0, 3)) == 0:
            found.append((found[-1][0] + timedelta(1), None))
            as_it_was = {**(found[-2][1] or {}), "data_date": str(day)}
            found.append((day, draw(st.sampled_from((state, as_it_was)))))
        else:
            found.append((day, state))
    return found


def _agree(product: list[Fact], obvious: list[Fact]) -> None:
    ours, theirs = Counter(product), Counter(obvious)
    told = (("only the product tells", ours - theirs), ("only the obvious one", theirs - ours))
    apart = [f"{who}: {fact}" for who, facts in told for fact in sorted(facts.elements())]
    if apart:
        raise AssertionError("\n".join(apart))


def _of(examples: int) -> Callable[[Any], Any]:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=examples, deadline=None, suppress_health_check=slow)
