"""A made registry: any number of studies, and the release after it, the same for the same seed.

Sizes, statuses and the share with results follow the real registry (1,573 records of 2023 to
2026); every word is made. `python -m tests.speed.made_registry COUNT FOLDER` writes two releases
and, in `changed.json`, what was changed from the first to the second.
"""

from __future__ import annotations

import argparse
import gzip
import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson

from tests.speed.edits import EDITS, flip, mark_as_sent, settle
from tests.speed.made_study import derived_section, protocol_section, withheld_section
from tests.speed.plan import plan_of
from tests.speed.prose import pick
from tests.speed.results_section import results_section

RELEASED = "2026-03-02"
SHUFFLED_PERCENT = 5.0
"""Of the studies with browse terms, those whose terms the registry orders anew in a release."""
_TURN = 0.41421356237
"""Spreads the changed studies evenly over places, and independently of size and status."""


def studies(count: int, *, seed: int = 0, released: str = RELEASED) -> Iterator[dict[str, Any]]:
    """Made studies as one release shows them, each in the registry's own JSON shape."""
    for index in range(count):
        yield study_at(index, seed=seed, released=released)


def study_at(index: int, *, seed: int = 0, released: str = RELEASED) -> dict[str, Any]:
    """The study at one place of a made registry."""
    return _study(index, seed=seed, released=date.fromisoformat(released))


def next_release(
    studies: Iterable[dict[str, Any]], *, seed: int, released: str, changed_percent: float = 1.0
) -> Iterator[dict[str, Any]]:
    """The same studies in a later release; some are changed, all carry its date."""
    again = released_again(studies, seed=seed, released=released, changed_percent=changed_percent)
    return (study for study, _ in again)


def released_again(
    studies: Iterable[dict[str, Any]], *, seed: int, released: str, changed_percent: float = 1.0
) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Each study of a later release with what was changed in it; what the registry moves by
    itself in a record (its date, the order of browse branches) is not counted as changed.
    """
    for place, study in enumerate(studies):
        yield again(study, place, seed=seed, released=released, changed_percent=changed_percent)


def again(
    study: dict[str, Any],
    place: int,
    *,
    seed: int,
    released: str,
    changed_percent: float = 1.0,
    shuffled_percent: float = SHUFFLED_PERCENT,
) -> tuple[dict[str, Any], list[str]]:
    """One study, by its place, in a later release, with what was changed in it."""
    rng = random.Random(f"{seed} {released} {place}")
    day = date.fromisoformat(released)
    study = redated(study, released, rng, shuffled_percent=shuffled_percent)
    is_edited = (place + 1) * _TURN % 1 < changed_percent / 100
    return study, _edited(study, rng, day) if is_edited else flip(study, day)


def redated(
    study: dict[str, Any], released: str, rng: random.Random, *, shuffled_percent: float
) -> dict[str, Any]:
    """A study under another release's date, sharing what stays; browse terms may be shuffled."""
    derived = dict(study["derivedSection"])
    derived["miscInfoModule"] = {**derived["miscInfoModule"], "versionHolder": released}
    browse = derived.get("conditionBrowseModule", {})
    if "browseLeaves" in browse and rng.random() < shuffled_percent / 100:
        leaves = [{**leaf, "asFound": leaf["name"].upper()} for leaf in browse["browseLeaves"]]
        branches = browse["browseBranches"][::-1]
        derived["conditionBrowseModule"] = {
            **browse,
            "browseLeaves": leaves,
            "browseBranches": branches,
        }
    return {**study, "derivedSection": derived}


def write(count: int, folder: Path, *, seed: int = 0, changed_percent: float = 1.0) -> None:
    """`day-1.ndjson.gz`, `day-2.ndjson.gz` and `changed.json` in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    second = str(date.fromisoformat(RELEASED) + timedelta(days=1))
    changed = {}
    with (
        gzip.open(folder / "day-1.ndjson.gz", "wb", compresslevel=1) as first_day,
        gzip.open(folder / "day-2.ndjson.gz", "wb", compresslevel=1) as second_day,
    ):
        kept = _written(studies(count, seed=seed), first_day)
        again = released_again(kept, seed=seed, released=second, changed_percent=changed_percent)
        for study, told in again:
            second_day.write(orjson.dumps(study) + b"\n")
            if told:
                changed[study["protocolSection"]["identificationModule"]["nctId"]] = told
    (folder / "changed.json").write_bytes(orjson.dumps(changed, option=orjson.OPT_INDENT_2))


def _written(made: Iterable[dict[str, Any]], file: gzip.GzipFile) -> Iterator[dict[str, Any]]:
    for study in made:
        file.write(orjson.dumps(study) + b"\n")
        yield study


def _study(index: int, *, seed: int, released: date) -> dict[str, Any]:
    rng = random.Random(f"{seed} {index}")
    plan = plan_of(index, seed=seed, rng=rng, released=released)
    if plan.shown == "WITHHELD":
        derived = {"miscInfoModule": {"versionHolder": str(released)}}
        return {
            "protocolSection": withheld_section(plan),
            "derivedSection": derived,
            "hasResults": False,
        }
    share = min(max(plan.size * 3 // 10, 6_000), 45_000) if plan.has_results else plan.size
    study = {"protocolSection": protocol_section(rng, plan, share)}
    if plan.has_results:
        study["resultsSection"] = results_section(rng, plan, plan.size - share)
    study["derivedSection"] = derived_section(rng, plan)
    study["hasResults"] = plan.has_results
    return study


def _edited(study: dict[str, Any], rng: random.Random, released: date) -> list[str]:
    """Change one or two things in a study as a sponsor would; the names of what was changed."""
    study["protocolSection"] = orjson.loads(orjson.dumps(study["protocolSection"]))
    told = []
    for _ in range(1 if rng.random() < 0.6 else 2):
        name = pick(rng, tuple(EDITS))
        if name not in told and EDITS[name](study, rng, released):
            told.append(name)
    mark_as_sent(study, released)
    return [*told, "submission", *settle(study, released)]


def main() -> None:
    """Write two releases, as the command line says."""
    parser = argparse.ArgumentParser(description="Write two releases of a made registry.")
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--changed", type=float, default=1.0, metavar="PERCENT")
    chosen = parser.parse_args()
    write(chosen.count, chosen.folder, seed=chosen.seed, changed_percent=chosen.changed)


if __name__ == "__main__":
    main()
