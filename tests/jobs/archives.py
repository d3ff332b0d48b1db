"""Small archives with one file a study, and looks at them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from ctmonitor.jobs.look_at_archive import LookAtArchive
from ctmonitor.jobs.opening import ArchiveTerms, opened
from ctmonitor.jobs.sweep import Plan, Report, sweep
from ctmonitor.rules import Tuning
from ctmonitor.sources.ctgov import Registry
from ctmonitor.store import Store, studies
from ctmonitor.store.contents import content_at
from ctmonitor.store.questions import Filter, alerts_raised, changes_seen
from ctmonitor.store.schema import snapshots, states
from tests.builders import a_study
from tests.jobs.asking import owed
from tests.looks import clock_on

Study = dict[str, Any]
UNGUARDED = Tuning.read({"sweep-held": {"enabled": False}, "mass-change": {"enabled": False}})
"""So small an archive changes as a whole from day to day."""
_OPEN = {"overall_status": "RECRUITING", "last_update_posted_date": "2026-01-05"}


def nct(number: int) -> str:
    """The study number with this number in it."""
    return f"NCT{number:08d}"


def some(count: int, *, first: int = 1, **fields: Any) -> list[Study]:
    """So many made studies, each with a title of its own."""
    return [one(number, **fields) for number in range(first, first + count)]


def one(number: int, **fields: Any) -> Study:
    """A made study."""
    usual = {"brief_title": f"Made study {number}", **_OPEN}
    return a_study(nct_id=nct(number), **{**usual, **fields})


def number_of(study: Study) -> str:
    """The study number in a tree."""
    return str(study["protocolSection"]["identificationModule"]["nctId"])


def dated(study: Study, day: str) -> bytes:
    """A study's JSON as of the release of a day; its number and titles stand behind the date."""
    derived = {**study.get("derivedSection", {}), "miscInfoModule": {"versionHolder": day}}
    return orjson.dumps({"derivedSection": derived, **{**study, "derivedSection": derived}})


def an_archive(
    path: Path, day: str, given: Iterable[Study] = (), members: Mapping[str, bytes] | None = None
) -> Path:
    """An archive of a day's release; `members` says by number which bytes stand there instead."""
    payloads = {number_of(study): dated(study, day) for study in given} | dict(members or {})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for nct_id, payload in sorted(payloads.items()):
            archive.writestr(f"{nct_id[:7]}xxxx/{nct_id}.json", payload)
    return path


def damage(path: Path, nct_id: str) -> None:
    """Turn one bit of the packed bytes of a member."""
    with zipfile.ZipFile(path) as archive:
        entry = next(each for each in archive.infolist() if nct_id in each.filename)
    whole = bytearray(path.read_bytes())
    whole[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 4
    path.write_bytes(whole)


def look_at(
    store: Store,
    path: Path,
    *,
    today: str = "2026-03-10",
    registry: Registry | None = None,
    tuning: Tuning = UNGUARDED,
    plan: Mapping[str, Any] | None = None,
    **terms: Any,
) -> Report:
    """Look at an archive as `ctmonitor sweep` does; `terms` are those of `ArchiveTerms`."""
    clock = clock_on(today)
    look, _ = opened(
        store,
        [str(path)],
        io.BytesIO(),
        registry=_nobody,
        clock=clock,
        terms=ArchiveTerms(tuning=tuning, **terms),
    )
    assert isinstance(look, LookAtArchive)
    look.registry = registry
    return sweep(store, look, Plan(clock=clock, tuning=tuning, **(plan or {})))


def _nobody() -> Registry:
    raise AssertionError("an archive is looked at without asking the registry")


def counted(report: Report) -> dict[str, int]:
    """The counts of a look that are not zero."""
    return {name: count for name, count in _counts(report).items() if count}


def _counts(report: Report) -> dict[str, int]:
    names = ("new", "changed", "unchanged", "missing", "rejected", "older")
    return {name: getattr(report.counts, name) for name in names}


def contents(store: Store) -> dict[tuple[str, int], bytes]:
    """Every content that is kept, by study and number."""
    with store.reading() as tx:
        keys = tx.connection.execute(sa.select(snapshots.c.nct_id, snapshots.c.number)).all()
        return {(nct_id, number): content_at(tx, nct_id, number) for nct_id, number in keys}


def everything(store: Store) -> dict[str, Any]:
    """What a store says of studies, changes and alerts, but for our instants and row numbers."""
    with store.reading() as tx:
        changes = [
            (each.nct_id, each.number, each.change, each.registry_date)
            for each in changes_seen(tx, Filter())
        ]
        alerts = {each.alert.key: each.alert for each in alerts_raised(tx, Filter())}
        numbers = {nct_id for nct_id, _ in contents(store)}
        held = {
            nct_id: (each.facts, each.number, each.fingerprint)
            for nct_id, each in studies.held(tx, sorted(numbers)).items()
        }
        spans = tx.connection.execute(
            sa.select(states.c.nct_id, states.c.number, states.c.registry_from)
            .add_columns(states.c.overall_status, states.c.registry_until)
            .order_by(states.c.nct_id, states.c.number)
        ).all()
    return {
        "contents": contents(store),
        "changes": sorted(changes, key=repr),
        "alerts": alerts,
        "held": held,
        "states": [tuple(row) for row in spans],
        "owed": sorted((to, sorted(told, key=repr), lists) for to, told, lists in owed(store)),
    }


def twin_of(text: str, before: bytes, *, behind: int) -> str:
    """The same text with some letters' case turned, so that the CRC-32 of all stays as it was.

    `before` and `behind` are the bytes that stand before it, and how many stand behind it. Each
    letter turns some of 32 bits; of 40 letters there are always some that turn none together.
    """
    size = len(before) + len(text) + behind
    places = [at for at, sign in enumerate(text) if sign.isascii() and sign.isalpha()][:40]
    nothing = zlib.crc32(bytes(size))
    basis: dict[int, tuple[int, int]] = {}
    for bit, place in enumerate(places):
        at = len(before) + place
        turned = zlib.crc32(bytes(at) + b"\x20" + bytes(size - at - 1)) ^ nothing
        chosen = 1 << bit
        while turned and turned.bit_length() in basis:
            other, others = basis[turned.bit_length()]
            turned, chosen = turned ^ other, chosen ^ others
        if turned:
            basis[turned.bit_length()] = (turned, chosen)
            continue
        signs = list(text)
        for number, its_place in enumerate(places):
            if chosen >> number & 1:
                signs[its_place] = signs[its_place].swapcase()
        return "".join(signs)
    raise AssertionError("40 letters always do")


def dying(after: int) -> dict[str, Any]:
    """A plan whose look ends with a RuntimeError after so many batches."""
    left = iter(range(after))

    def progress(_progress: object) -> None:
        if next(left, None) is None:
            raise RuntimeError("broken")

    return {"progress": progress}
