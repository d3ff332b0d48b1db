"""What people ask of the store, put to many made snapshots.

python -m tests.speed.questions DATABASE_URL SNAPSHOTS
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TypeVar

import orjson

from ctmonitor.changes import compare
from ctmonitor.formats import Piece, Reject, facts_of, glance, read, record_from
from ctmonitor.records import Record
from ctmonitor.store import Store, Transaction, open_store
from ctmonitor.store.keeping import Kept, keep
from ctmonitor.store.questions import (
    Filter,
    changes_of,
    changes_seen,
    number_as_of,
    record_at,
    snapshots_of,
)
from ctmonitor.store.studies import held
from ctmonitor.store.sweeps import Counts, begin, finish
from tests.speed.edits import EDITS, mark_as_sent, settle
from tests.speed.made_registry import RELEASED, studies
from tests.speed.prose import pick

T = TypeVar("T")

LOOKS = 4
BATCH = 500
ASKED = 50
_FIRST = datetime.fromisoformat(RELEASED).replace(tzinfo=UTC) + timedelta(hours=12)


def fill(store: Store, snapshot_count: int) -> list[str]:
    """Keep that many snapshots, several a study, as sweeps on following days would."""
    numbers = []
    made = (orjson.dumps(study) for study in studies(snapshot_count // LOOKS))
    with store.writing() as tx:
        sweep_id = _begun(tx, 0)
        for payloads in _batches(made):
            batch = [_first(payload) for payload in payloads]
            numbers += [kept.record.nct_id for kept in batch]
            keep(tx, sweep_id, batch, _FIRST)
    for look in range(1, LOOKS):
        with store.writing() as tx:
            sweep_id = _begun(tx, look)
            for some in _batches(numbers):
                keep(tx, sweep_id, _again(tx, some, look), _FIRST + timedelta(days=look))
    return numbers


def questions(tx: Transaction, numbers: Sequence[str]) -> Iterator[str]:
    """One line a question: the median time over different studies and days, as it is waited for."""
    rng = random.Random("who is asked about")
    asked = [pick(rng, numbers) for _ in range(ASKED)]
    yesterday = _FIRST + timedelta(days=LOOKS - 1, hours=-1)
    lately = Filter(fields=("overall_status",), since=yesterday)
    page = Filter(fields=("overall_status",), limit=100)
    yield _asked("history of one study", [partial(_history, tx, nct_id) for nct_id in asked])
    yield _asked(
        "one study as of the second look", [partial(_as_of, tx, nct_id) for nct_id in asked]
    )
    yield _asked("status changes of the last day", [partial(changes_seen, tx, lately)] * 5)
    yield _asked("the latest 100 status changes", [partial(changes_seen, tx, page)] * 5)


def _begun(tx: Transaction, look: int) -> int:
    now = _FIRST + timedelta(days=look)
    sweep_id = begin(tx, f"look {look}", "made", today=now.date(), owner="speed", now=now)
    finish(tx, sweep_id, Counts(), state="finished", now=now)
    return sweep_id


def _batches(values: Iterable[T]) -> Iterator[list[T]]:
    left = iter(values)
    while batch := list(itertools.islice(left, BATCH)):
        yield batch


def _first(payload: bytes) -> Kept:
    record = read(Piece("made", "here", payload))
    assert not isinstance(record, Reject)
    return Kept(record, glance(payload)[0], None, (), (), record.facts.registry_date)


def _again(tx: Transaction, numbers: list[str], look: int) -> list[Kept]:
    found = held(tx, numbers)
    batch = []
    for nct_id in numbers:
        before = record_at(tx, nct_id, found[nct_id].number)
        after = _edited(before, look)
        told = compare(before, after)
        digest = after.fingerprint
        batch.append(Kept(after, digest, found[nct_id], told, (), after.facts.registry_date))
    return batch


def _edited(before: Record, look: int) -> Record:
    study = orjson.loads(before.canonical)
    rng = random.Random(f"{before.nct_id} {look}")
    released = date.fromisoformat(RELEASED) + timedelta(days=look)
    for _ in range(2):
        EDITS[pick(rng, tuple(EDITS))](study, rng, released)
    mark_as_sent(study, released)
    settle(study, released)
    # Still canonical but for the order of keys, which its bytes put right.
    return record_from(study, facts=facts_of(study))


def _history(tx: Transaction, nct_id: str) -> int:
    return len(snapshots_of(tx, nct_id)) + len(changes_of(tx, nct_id))


def _as_of(tx: Transaction, nct_id: str) -> Record:
    number = number_as_of(tx, nct_id, _FIRST + timedelta(days=1, hours=1))
    assert number == 2
    return record_at(tx, nct_id, number)


def _asked(name: str, asks: Sequence[Callable[[], object]]) -> str:
    seconds = []
    for ask in asks:
        began = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - began)
    middle = 1000 * sorted(seconds)[len(seconds) // 2]
    return f"  {name:<34} {middle:9.2f} ms       (bar 50)"


def main() -> None:
    """Fill a database and print one line a question."""
    parser = argparse.ArgumentParser(description="Put questions to a store of made snapshots.")
    parser.add_argument("database")
    parser.add_argument("snapshots", type=int)
    chosen = parser.parse_args()
    store = open_store(chosen.database)
    began = time.process_time()
    numbers = fill(store, chosen.snapshots)
    each = (time.process_time() - began) / max(len(numbers) * LOOKS, 1)
    print(f"  (kept at {1000 * each:.2f} ms of this process's CPU a snapshot)")
    with store.reading() as tx:
        for line in questions(tx, numbers):
            print(line)
    store.close()


if __name__ == "__main__":
    main()
