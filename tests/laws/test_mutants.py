"""Whatever happens to a record's bytes, reading them gives a record or a reason."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import orjson
import pytest

from ctmonitor.formats import Piece, Reject, read
from ctmonitor.records import Record
from ctmonitor.sources import Files
from tests.builders import a_page, a_payload, a_study

COUNT = 10_000
SEED = 20_240_229
ODD_VALUES = (
    *(None, True, False, 0, -1, 1.5, 2**63, 2**64 - 1, -(2**63), "", " ", "\0", "a\0b", "\ufeff"),
    *("2024-02-30", "0000-00-00", "2024-13", "9999-12-31", "24-1-1", "2024-02-29T00:00", "NONE"),
    *("NCT00000000", "NCT1", "RECRUITING ", [], {}, [[]], [None], [{}], {"": 1}, {"a\0": 1}),
    *([1, "a", None], {"date": 7}, "x" * 100_000),
)
ODD_BYTES = (
    *(rb'"\ud800"', b'"\xed\xa0\x80"', b'"\xff"', rb'"\u0000"', b"1" * 5000, b"1e999", b"NaN"),
    *(b"-0", b"[" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b"[" * 300 + b"]" * 300),
)


def a_full_study(chance: random.Random) -> dict[str, Any]:
    return a_study(
        nct_id=f"NCT{chance.randrange(1, 10**8):08d}",
        nct_id_aliases=["NCT00000009"],
        overall_status="UNKNOWN",
        last_known_status="RECRUITING",
        status_verified_date="2024-06",
        completion_date="2026-01",
        completion_date_type="ESTIMATED",
        why_stopped="No money",
        enrollment=30,
        enrollment_type="ACTUAL",
        lead_sponsor="A sponsor",
        conditions=["One", "Two"],
        locations=[{"facility": "A", "geoPoint": {"lat": 1.5, "lon": 2}}],
        has_results=False,
        data_date="2026-02-02",
    )


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every member of every object and list below a tree, as container and key."""
    found = []
    waiting = [tree]
    while waiting:
        here = waiting.pop()
        keys = here if isinstance(here, dict) else range(len(here))
        for key in keys:
            found.append((here, key))
            if isinstance(here[key], dict | list):
                waiting.append(here[key])
    return found


def with_odd_value(chance: random.Random) -> bytes:
    tree = a_full_study(chance)
    for _ in range(chance.randint(1, 3)):
        container, key = chance.choice(places(tree))
        container[key] = deepcopy(chance.choice(ODD_VALUES))
    return orjson.dumps(tree)


def with_less(chance: random.Random) -> bytes:
    tree = a_full_study(chance)
    container, key = chance.choice(places(tree))
    del container[key]
    return orjson.dumps(tree)


def with_odd_bytes(chance: random.Random) -> bytes:
    tree = a_full_study(chance)
    container, key = chance.choice(places(tree))
    container[key] = "@@"
    return orjson.dumps(tree).replace(b'"@@"', chance.choice(ODD_BYTES))


def cut(chance: random.Random) -> bytes:
    payload = orjson.dumps(a_full_study(chance))
    return payload[: chance.randrange(len(payload))]


def with_flips(chance: random.Random) -> bytes:
    payload = bytearray(orjson.dumps(a_full_study(chance)))
    for _ in range(chance.randint(1, 5)):
        payload[chance.randrange(len(payload))] = chance.randrange(256)
    return bytes(payload)


def a_broken_page(chance: random.Random) -> bytes:
    page = bytearray(a_page(status_verified_date="2021-06", brief_summary="One\nTwo").encode())
    for _ in range(chance.randint(1, 8)):
        page[chance.randrange(len(page))] = chance.choice(b"\0\n\r: \xff\xc2NAS9")
    return bytes(page[: chance.randrange(1, len(page))] if chance.random() < 0.3 else page)


BREAKERS: tuple[Callable[[random.Random], bytes], ...] = (
    *(with_odd_value, with_less, with_odd_bytes, cut, with_flips, a_broken_page),
)


@pytest.fixture(scope="module")
def mutants() -> list[bytes]:
    chance = random.Random(SEED)
    return [BREAKERS[at % len(BREAKERS)](chance) for at in range(COUNT)]


def test_every_mutant_is_a_record_or_a_reason(mutants):
    """No bytes raise an error; a refusal always has a reason."""
    kept = refused = 0
    for at, mutant in enumerate(mutants):
        found = read(Piece("made", f"mutant {at}", mutant))
        if isinstance(found, Reject):
            assert found.reason.strip(), at
            refused += 1
        else:
            assert isinstance(found, Record), at
            kept += 1
    assert kept > COUNT // 20
    assert refused > COUNT // 4


def test_what_a_mutant_gives_can_be_kept(mutants):
    """A record that was let through is canonical: it is read again as the same."""
    for mutant in mutants[::7]:
        found = read(Piece("made", "a mutant", mutant))
        if isinstance(found, Record):
            again = read(Piece("made", "again", found.canonical))
            assert again.fingerprint == found.fingerprint


def test_mutants_leave_their_neighbors_alone(mutants, tmp_path):
    """In one file, every good line beside a mutant is read as if it stood alone."""
    good = [a_payload(nct_id=f"NCT{at:08d}") for at in range(1, COUNT + 1)]
    lines = [part for at, mutant in enumerate(mutants) for part in (_one_line(mutant), good[at])]
    path = tmp_path / "made.ndjson"
    path.write_bytes(b"\n".join(lines) + b"\n")
    kept = {found.payload for found in Files((path,)).pieces() if isinstance(found, Piece)}
    assert kept.issuperset(good)


def _one_line(mutant: bytes) -> bytes:
    return mutant.replace(b"\n", b" ")
