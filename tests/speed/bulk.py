"""Looks at the registry's bulk download, as ratios to the limit: inflate everything, no more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.speed.look import usual
from tests.speed.made_archive import ONLY_DATES, Course, archives
from tests.speed.our_look import Look, NotThere, look, look_again
from tests.speed.spent import run
from tests.speed.store_size import StoreSize, size_of

CAREFUL_SAMPLE, COMMON_SAMPLE = 2_000, 120
BAR_LOAD, BAR_IDLE, BAR_FAST, BAR_DEEP = 8.0, 0.05, 0.5, 2.0
BAR_CHANGED_MS, BAR_CAREFUL, BAR_COMMON = 1.0, 150, 5_000
BAR_STUDY_BYTES, BAR_VERSION_BYTES, BAR_MB = 4_500, 700, 500
HISTORY = ("snapshots", "changes")
BUSY = Course()


@dataclass(frozen=True, slots=True)
class Measured:
    """What the looks at a made registry took."""

    limit: dict[str, Any]
    load: Look
    idle: Look
    fast: Look
    deep: Look | None
    """None where a deep look cannot be asked for yet."""
    loaded: StoreSize
    grown: StoreSize
    told: dict[str, Any]
    """What the second release changed, as its maker says."""
    careful: float
    common: float
    """CPU seconds a study."""

    @property
    def studies(self) -> int:
        """How many there are in the first release."""
        return int(self.limit["studies"])

    @property
    def changed(self) -> int:
        """Studies of which a version was to be kept: changed ones and new ones."""
        return len(self.told["changed"]) + len(self.told["new"])


def bulk_lines(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """The looks at N studies as lines of a table."""
    return list(_lines(measured(folder, environ)))


def measured(folder: Path, environ: Mapping[str, str]) -> Measured:
    """Measure everything about the bulk download of N studies, in one run."""
    count = int(environ.get("N", "60000"))
    rounds = 3 if count <= 100_000 else 1
    made = archives(count, (BUSY, ONLY_DATES), environ=environ)
    first, second = (made[BUSY] / f"day-{day}.zip" for day in (1, 2))
    limit = json.loads(run("-m", "tests.speed.limit", str(first), "--rounds", str(rounds)).printed)
    store = folder / "store.db"
    load = look(store, first)
    sizes = [size_of(store)]
    idle = look_again(store, made[ONLY_DATES] / "day-2.zip", rounds=rounds)
    fast = look_again(
        store, second, rounds=rounds, left=lambda database: sizes.append(size_of(database))
    )
    try:
        deep = look_again(store, second, ("--deep",), rounds=rounds)
    except NotThere:
        deep = None
    sample = min(CAREFUL_SAMPLE, count)
    run("-m", "tests.speed.made_registry", str(sample), str(folder))
    return Measured(
        limit=limit,
        load=load,
        idle=idle,
        fast=fast,
        deep=deep,
        loaded=sizes[0],
        grown=sizes[1],
        told=json.loads((made[BUSY] / "changed.json").read_bytes())["day-2"],
        careful=usual("careful", folder, sample),
        common=usual("common", folder, min(COMMON_SAMPLE, count)),
    )


def _lines(all_of_it: Measured) -> Iterator[str]:
    limit, told = all_of_it.limit, all_of_it.told
    yield (
        f"The bulk download of {all_of_it.studies:,} studies, "
        f"{limit['size'] / all_of_it.studies:,.0f} bytes each; in the next release "
        f"{len(told['changed']):,} changed, {len(told['new']):,} new, {len(told['gone']):,} gone, "
        f"{len(told['shuffled']):,} with terms in another order"
    )
    yield f"  {'':<34} {'work s':>9} {'process s':>10} {'peak MB':>8} {'x limit':>8}"
    yield (
        f"  {'limit: ' + limit['library'] + ' inflates all':<34} {limit['cpu_seconds']:9.2f}"
        f" {'':>10} {limit['peak_mb']:8.0f} {1:8.2f}"
    )
    for name, bar, one in (
        ("first load", BAR_LOAD, all_of_it.load),
        ("only the date moved", BAR_IDLE, all_of_it.idle),
        ("changes, fast look", BAR_FAST, all_of_it.fast),
        ("changes, deep look", BAR_DEEP, all_of_it.deep),
    ):
        yield _line(name, bar, one, limit["cpu_seconds"])
    yield from _wrong(all_of_it)
    yield from _beside(all_of_it)
    yield from _on_disk(all_of_it)


def _line(name: str, bar: float, one: Look | None, limit: float) -> str:
    if one is None:
        return f"  {name:<34} not there yet (bar {bar})"
    ratio = one.work / limit
    over = " OVER" * (one.peak_mb > BAR_MB)
    return (
        f"  {name:<34} {one.work:9.2f} {one.whole:10.2f} {one.peak_mb:8.0f} {ratio:8.3f}"
        f" {_held(ratio, bar)}{f' (bar {BAR_MB} MB){over}' if over else ''}"
    )


def _held(seen: float, bar: float, *, is_most: bool = True) -> str:
    """The bar, and whether a figure is beyond it."""
    is_beyond = seen > bar if is_most else seen < bar
    return f"(bar {bar:,g}){' MISSED' if is_beyond else ''}"


def _wrong(all_of_it: Measured) -> Iterator[str]:
    """Where a look found something else than was there."""
    told = all_of_it.told
    true = {name: len(told[name]) for name in ("changed", "new")}
    nothing = dict.fromkeys(true, 0)
    for name, one, there in (
        ("first load", all_of_it.load, nothing | {"new": all_of_it.studies}),
        ("only the date moved", all_of_it.idle, nothing),
        ("fast look", all_of_it.fast, true),
        ("deep look", all_of_it.deep, true),
    ):
        if one is None:
            continue
        found = {kind: one.found.get(kind) for kind in there}
        if found != there:
            yield f"  WRONG: the {name} found {found}, there were {there}"
    made = (("fast", all_of_it.idle), ("fast", all_of_it.fast), ("deep", all_of_it.deep))
    for wanted, one in made:
        if one is not None and (way := one.found.get("way")) != wanted:
            yield f"  a look that was to be {wanted} was made in another way: {way}"
    if (missing := all_of_it.fast.found.get("missing")) != len(told["gone"]):
        yield f"  the fast look calls {missing} missing; {len(told['gone'])} are gone"


def _beside(all_of_it: Measured) -> Iterator[str]:
    work = all_of_it.fast.work
    each = 1000 * (work - all_of_it.idle.work) / all_of_it.changed
    yield f"  {'a changed study':<34} {each:9.2f} ms {_held(each, BAR_CHANGED_MS)}"
    for name, seconds, bar in (
        ("the careful usual way", all_of_it.careful, BAR_CAREFUL),
        ("the common usual way", all_of_it.common, BAR_COMMON),
    ):
        times = seconds * all_of_it.studies / work
        yield (
            f"  {name:<34} {1000 * seconds:9.2f} ms a study, {times:,.0f} times the fast look"
            f" {_held(times, bar, is_most=False)}"
        )


def _on_disk(all_of_it: Measured) -> Iterator[str]:
    loaded, grown = all_of_it.loaded, all_of_it.grown
    each = loaded.whole / all_of_it.studies
    yield f"  {'store, bytes a study':<34} {each:9,.0f}    {_held(each, BAR_STUDY_BYTES)}"
    file = (grown.whole - loaded.whole) / all_of_it.changed
    yield f"  {'file growth a changed study':<34} {file:9,.0f}    (whole pages, everything)"
    history = grown.grown(loaded, *HISTORY)
    if history is None or loaded.tables is None or grown.tables is None:
        yield "  this SQLite cannot count by table"
        return
    # A new study brings its whole content along, which is the first load's to answer for.
    first = sum(loaded.tables.get(name, 0) for name in HISTORY) / all_of_it.studies
    version = (history - first * len(all_of_it.told["new"])) / len(all_of_it.told["changed"])
    words = f"{_held(version, BAR_VERSION_BYTES)} in {' and '.join(HISTORY)}"
    yield f"  {'bytes a changed version':<34} {version:9,.0f}    {words}"
    by_table = {name: size - loaded.tables.get(name, 0) for name, size in grown.tables.items()}
    largest = sorted(by_table.items(), key=lambda item: -item[1])[:6]
    shown = ", ".join(f"{name} {size / all_of_it.changed:,.0f}" for name, size in largest)
    yield f"  {'growth a changed study by table':<34} {shown}"
    largest = sorted(loaded.tables.items(), key=lambda item: -item[1])[:6]
    shown = ", ".join(f"{name} {size / all_of_it.studies:,.0f}" for name, size in largest)
    yield f"  {'first load, bytes a study by table':<34} {shown}"
