"""Look after the store: bring its schema up to date, check it, weigh it, make it smaller."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ctmonitor.cli.call import Call, counted
from ctmonitor.cli.options import a_count, everywhere
from ctmonitor.errors import SettingWrong, StoreBusy, StoreError, StoreMismatch

if TYPE_CHECKING:
    from ctmonitor.store import Store
    from ctmonitor.store.pruning import Pruned
    from ctmonitor.store.sizes import Sizes

EXAMPLE = "ctmonitor db upgrade"
OLDER_THAN = 365
"""Days after which `prune` lets go, unless it is told otherwise: a year of inspections."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `db` takes."""
    acts = parser.add_subparsers(dest="act", metavar="upgrade|check|prune|compact", required=True)
    _act(acts, "upgrade", "bring the schema up to date", "ctmonitor db upgrade")
    check = _act(acts, "check", "say whether the schema fits", "ctmonitor db check --sizes")
    weigh = "also say what takes how much room; on SQLite this reads the whole file"
    check.add_argument("--sizes", action="store_true", help=weigh)
    deep = "also let SQLite hold every page and index against the others; slower still"
    check.add_argument("--deep", action="store_true", help=deep)
    what = "let go of old things that prove nothing"
    prune = _act(acts, "prune", what, "ctmonitor db prune --older-than 730 --dry-run")
    days = f"what is older than so many days ({OLDER_THAN})"
    prune.add_argument("--older-than", metavar="DAYS", type=a_count, default=OLDER_THAN, help=days)
    prune.add_argument("--dry-run", action="store_true", help="only say what would go")
    prune.add_argument("--today", metavar="DATE", help="the date to believe in (for replays)")
    room = "give free room back to the disk, and count anew what the tables hold"
    _act(acts, "compact", room, "ctmonitor db compact")


def run(call: Call) -> int:
    """Do the one that was named."""
    acts = {"upgrade": _upgrade, "check": _check, "prune": _prune, "compact": _compact}
    acts[call.args.act](call)
    return 0


def _act(acts: Any, name: str, what: str, example: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = acts.add_parser(
        name, help=what, epilog=f"example: {example}", parents=[everywhere()]
    )
    return made


def _upgrade(call: Call) -> None:
    from ctmonitor.store import SCHEMA, open_unchecked, schema_of
    from ctmonitor.store.upgrade import upgrade

    store = open_unchecked(call.database_url)
    try:
        found = schema_of(store)
        upgrade(store)
    finally:
        store.close()
    if call.args.json:
        call.give_json({"url": store.url, "schema": SCHEMA, "was": found})
    else:
        done = "" if found == SCHEMA else ", now up to date"
        call.give(f"{store.url}: schema {SCHEMA}{done}")


def _check(call: Call) -> None:
    from ctmonitor.store import SCHEMA, open_unchecked, schema_of

    store = open_unchecked(call.database_url)
    try:
        found = schema_of(store)
        if found is None:
            raise SettingWrong(
                "CTMONITOR_DATABASE_URL", f"{store.url} is empty", "run `ctmonitor db upgrade`"
            )
        if found != SCHEMA:
            raise StoreMismatch(store.url, found, SCHEMA, newer=found > SCHEMA)
        _give_check(call, store, {"url": store.url, "schema": SCHEMA, "was": found})
    finally:
        store.close()


def _give_check(call: Call, store: Store, told: dict[str, Any]) -> None:
    from ctmonitor.store.sizes import faults, sizes, whole_size

    with store.reading() as tx:
        size = sizes(tx) if call.args.sizes else None
        told["bytes"] = size.whole if size else whole_size(tx)
        found = faults(tx) if call.args.deep else None
    if size:
        told["sizes"] = asdict(size)
    if call.args.deep:
        told["faults"] = found
    if call.args.json:
        call.give_json(told)
    else:
        fits = f"{store.url}: schema {told['schema']}, as this program wants it"
        call.give(f"{fits}; {_said(told['bytes'])}")
        if size:
            _give_sizes(call, size)
        if call.args.deep and found is None:
            call.give("PostgreSQL looks after its own pages: ask `pg_amcheck`")
        elif found == []:
            call.give("every page and index is whole")
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        mend = "bring the store back from a backup"
        raise StoreError(f"{store.url} is damaged: {found[0]}{more}; {mend}")


def _give_sizes(call: Call, size: Sizes) -> None:
    full = [one for one in size.tables if one.rows]
    call.give_table(
        ("table", "rows", "size", "of it indexes"),
        [(one.name, f"{one.rows:,}", _said(one.bytes), _said(one.index_bytes)) for one in full],
    )
    for line in _means(size):
        call.give(line)
    if all(one.bytes is None for one in full):
        call.say("this SQLite cannot weigh single tables (it lacks dbstat); the whole is known")


def _means(size: Sizes) -> Iterator[str]:
    """What a study, a version and a year take."""
    if size.bytes_a_study is not None:
        yield f"{_said(size.bytes_a_study)} a study: {counted(size.studies, 'study', 'studies')}"
    if size.bytes_a_version is not None:
        versions = counted(size.versions, "later snapshot", "later snapshots")
        yield f"{_said(size.bytes_a_version)} a snapshot after the first: {versions}"
    if size.bytes_a_study_year is not None:
        yield f"{_said(size.bytes_a_study_year)} a study and year: {size.study_years:,.1f} watched"


def _prune(call: Call) -> None:
    from ctmonitor.store.pruning import prunable, prune

    before = call.clock.start_of(call.clock.today - timedelta(days=call.args.older_than))
    if call.args.dry_run:
        with call.store.reading() as tx:
            found = prunable(tx, before)
    else:
        with call.store.writing() as tx:
            found = prune(tx, before, who=call.who, at=call.clock.now())
    if call.args.json:
        call.give_json(
            {"before": before.isoformat(), "done": not call.args.dry_run, **found.plain()}
        )
        return
    call.give(_pruned(found, "would go" if call.args.dry_run else "let go"))
    if not (found.is_nothing or call.args.dry_run):
        call.say("`ctmonitor db compact` gives the room back")


def _pruned(found: Pruned, done: str) -> str:
    if found.is_nothing:
        return "Nothing is old enough to go"
    kinds = (
        (found.rejects, "reject's bytes", "rejects' bytes"),
        (found.attempts, "try to send", "tries to send"),
        (found.mutes, "ended mute", "ended mutes"),
        (found.looks, "look's long lists", "looks' long lists"),
    )
    told = ", ".join(counted(*kind) for kind in kinds if kind[0])
    return f"{told} {done}: {_said(found.bytes)}"


def _compact(call: Call) -> None:
    from ctmonitor.jobs.owner import is_gone
    from ctmonitor.store import journal
    from ctmonitor.store.sizes import compact, looks_going_on

    with call.store.reading() as tx:
        going_on = looks_going_on(tx, is_gone, call.clock.now())
    if going_on:
        raise StoreBusy(
            f"sweep {going_on[0]} is running; wait for it, then compact the store again"
        )
    before, after = compact(call.store)
    detail = {"bytes_before": before, "bytes_after": after}
    with call.store.writing() as tx:
        journal.note(tx, "compacted the store", detail, who=call.who, at=call.clock.now())
    if call.args.json:
        call.give_json(detail)
    else:
        call.give(f"{call.store.url}: {_said(before)} before, {_said(after)} now")


def _said(size: float | None) -> str:
    """A number of bytes for reading."""
    if size is None:
        return "-"
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
