"""What it costs to ask the rules: of changed studies, and of all studies each day.

    python -m tests.speed.rules judged STUDIES
    python -m tests.speed.rules due DATABASE_URL STUDIES

Each figure stands beside what the same would cost done plainly: the obvious evaluator for changes;
for days, judging anew every study whose day has come, whenever that was.
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

import orjson

from ctmonitor.changes import Difference, compare, value_at
from ctmonitor.formats import facts_of, read_study, record_from
from ctmonitor.jobs.clock import Clock
from ctmonitor.jobs.due import raise_due
from ctmonitor.records import DateType, Facts, OverallStatus, PartialDate, catalogue
from ctmonitor.rules import RuleKind, Tuning, judge_difference, judge_due, told_after
from ctmonitor.store import Store, open_store, studies
from ctmonitor.store.adding import add
from ctmonitor.store.schema import studies as studies_kept
from ctmonitor.store.values import columns_of, instant
from tests.jobs.asking import subscribe, watch
from tests.reference.evaluator import told_of_change
from tests.reference.plain import State
from tests.speed import made_registry
from tests.speed.edits import EDITS, mark_as_sent, settle
from tests.speed.plan import FIRST_NUMBER, SHARES
from tests.speed.prose import pick

TODAY = date(2026, 3, 16)
"""In the middle of a month: every day of the made studies leads to the end of one."""
FALL_DUE = 2_000
BATCH = 5_000
TIMES = 5
SAMPLE = 500
JUDGED_BAR, QUIET_BAR, DUE_BAR = 0.5, 0.2, 2.0
FLOOD_LIMIT = 10 * FALL_DUE
_TUNING = Tuning()
_SEEN = instant(datetime(2026, 3, 1, tzinfo=UTC))


def judged_lines(count: int) -> Iterator[str]:
    """All change rules put to so many changed studies, and the obvious ones to some of them."""
    found = list(_differences(count))
    ours = _least(lambda: sum(len(judge_difference(one, _TUNING)) for one, _, _ in found))
    alerts = sum(len(judge_difference(one, _TUNING)) for one, _, _ in found)
    some = [(before, after) for _, before, after in found[:SAMPLE]]
    obvious = _least(lambda: sum(len(list(told_of_change(*pair, {}))) for pair in some), times=1)
    ratio = obvious / len(some) / (ours / len(found))
    yield (
        f"  {f'change rules, {count:,} changed studies':<48} {ours:6.2f} s CPU "
        f"(bar {JUDGED_BAR}; {alerts:,} alerts; the obvious evaluator: {ratio:.0f} times as much)"
    )


def due_lines(url: str, count: int) -> Iterator[str]:
    """Due runs over a store in which nothing falls due, and in which much does."""
    store = open_store(url)
    watch(store)
    subscribe(store)
    # A run before there is any study: the days before today are told, as in a store that is used.
    _run(store, TODAY - timedelta(days=1))
    with store.writing() as tx:
        for rows in _batches(count):
            add(tx, studies_kept, rows)
    _analyze(store)
    for name, today, bar, due in (
        ("nothing due", TODAY, QUIET_BAR, 0),
        (f"{FALL_DUE:,} due", TODAY + timedelta(days=1), DUE_BAR, min(FALL_DUE, count)),
    ):
        without = _cost(lambda today=today: _judged_anew(store, today))
        raised, cpu, waited = _cost(lambda today=today: _run(store, today))
        if raised != due:
            raise AssertionError(f"{raised} alerts where {due} fall due")
        yield (
            f"    {f'due run over {count:,}, {name}':<46} {cpu:6.2f} s CPU, {waited:5.2f} s waited "
            f"(bar {bar}; judged anew: {without[1]:.1f} s, {without[1] / cpu:.0f} times as much)"
        )
    store.close()


def _run(store: Store, today: date) -> int:
    clock = Clock(day=today)
    return raise_due(store, tuning=_TUNING, flood_limit=FLOOD_LIMIT, clock=clock).alerts


def _judged_anew(store: Store, today: date) -> int:
    """Every study whose day has come by any rule, read and judged; nothing is raised."""
    found: dict[str, Facts] = {}
    with store.reading() as tx:
        for field, until in _come_by(today):
            found |= {one.nct_id: one for one in studies.due(tx, field, until, None)}
    return sum(len(judge_due(one, today, _TUNING)) for one in found.values())


def _come_by(today: date) -> Iterator[tuple[str, date]]:
    for rule in _TUNING.rules_of(RuleKind.CALENDAR):
        chosen = _TUNING.of(rule)
        if chosen.enabled and rule.due is not None:
            after = rule.due.days_after + told_after(chosen)
            yield rule.due.field, today - timedelta(days=after)


def _analyze(store: Store) -> None:
    """Let the database count its rows, as one that is used has done."""
    with store.writing() as tx:
        tx.connection.exec_driver_sql("ANALYZE")


def _batches(count: int) -> Iterator[list[dict[str, object]]]:
    rng = random.Random("studies that fall due")
    made = (_kept(_standing(place, rng)) for place in range(count))
    while batch := list(itertools.islice(made, BATCH)):
        yield batch


def _standing(place: int, rng: random.Random) -> Facts:
    """How one made study stands: the first ones fall due the day after today, all others at ends
    of months, most of which have passed.
    """
    nct_id = f"NCT{FIRST_NUMBER + place:08d}"
    falls_due = place < FALL_DUE
    status = OverallStatus.RECRUITING if falls_due else _status(rng)
    is_over = status in (OverallStatus.COMPLETED, OverallStatus.UNKNOWN)
    verified = _month(3 if falls_due else int(rng.random() * (120 if is_over else 30)))
    completion = _month(int(rng.random() * 120) if is_over else 20 - int(rng.random() * 70))
    return Facts(
        nct_id=nct_id,
        brief_title="A made study",
        overall_status=status,
        last_known_status=OverallStatus.RECRUITING if status == "UNKNOWN" else None,
        status_verified_date=verified,
        start_date=_month(20 + int(rng.random() * 100)),
        start_date_type=DateType.ACTUAL,
        primary_completion_date=completion if not falls_due else None,
        primary_completion_date_type=DateType.ACTUAL if is_over else DateType.ESTIMATED,
        completion_date=_thirty_days_ago() if falls_due else completion,
        completion_date_type=DateType.ACTUAL if is_over else DateType.ESTIMATED,
        study_type="INTERVENTIONAL",
        has_results=is_over and rng.random() < 0.2,
        is_probably_applicable=not falls_due and rng.random() < 0.12,
        is_eu_trial=not falls_due and rng.random() < 0.08,
    )


def _status(rng: random.Random) -> OverallStatus:
    name = rng.choices([*SHARES, "COMPLETED"], [*SHARES.values(), 1 - sum(SHARES.values())])[0]
    return OverallStatus(name)


@cache
def _month(ago: int) -> PartialDate:
    months = TODAY.year * 12 + TODAY.month - 1 - ago
    return PartialDate(months // 12, months % 12 + 1)


@cache
def _thirty_days_ago() -> PartialDate:
    return PartialDate.parse(str(TODAY - timedelta(days=30)))


def _kept(facts: Facts) -> dict[str, object]:
    digest = facts.nct_id.encode().ljust(16)
    return {
        **columns_of(facts),
        "nct_id": facts.nct_id,
        "aliases": "[]",
        "number": 1,
        "fingerprint": digest,
        "glance": digest,
        "first_seen_at": _SEEN,
        "last_seen_at": _SEEN,
    }


def _differences(count: int) -> Iterator[tuple[Difference, State, State]]:
    """Studies changed as sponsors change them, with the plain fields before and after."""
    rng = random.Random("what is edited")
    released = date.fromisoformat(made_registry.RELEASED) + timedelta(days=1)
    for study in made_registry.studies(count):
        before = read_study(orjson.dumps(study))
        after_tree = orjson.loads(before.canonical)
        for _ in range(2):
            EDITS[pick(rng, tuple(EDITS))](after_tree, rng, released)
        mark_as_sent(after_tree, released)
        settle(after_tree, released)
        after = record_from(after_tree, facts=facts_of(after_tree))
        difference = Difference(before.facts, after.facts, compare(before, after))
        yield difference, _state(before.content), _state(after.content)


def _state(content: dict[str, object]) -> State:
    said = ((name, value_at(content, path)) for name, path in _plain_fields())
    return {name: value for name, value in said if value is not None}


@cache
def _plain_fields() -> tuple[tuple[str, str], ...]:
    """The fields that are no members of a list."""
    lists = [field.path for field in catalogue().values() if field.is_list]
    return tuple(
        (field.name, field.path)
        for field in catalogue().values()
        if field.type != "struct" or field.is_list
        if not any(field.path.startswith(f"{path}.") for path in lists)
    )


def _least(ask: Callable[[], object], *, times: int = TIMES) -> float:
    """The CPU seconds of the best of some tries: what others take of the machine is none of it."""
    return min(_cost(ask)[1] for _ in range(times))


def _cost(ask: Callable[[], object]) -> tuple[object, float, float]:
    began, waited = time.process_time(), time.perf_counter()
    answer = ask()
    return answer, time.process_time() - began, time.perf_counter() - waited


def main(words: Sequence[str] | None = None) -> None:
    """Measure one of both and print its lines."""
    parser = argparse.ArgumentParser(description="What it costs to ask the rules.")
    parser.add_argument("what", choices=("judged", "due"))
    parser.add_argument("of", nargs="+")
    chosen = parser.parse_args(words)
    *url, count = chosen.of
    lines = judged_lines(int(count)) if chosen.what == "judged" else due_lines(*url, int(count))
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
