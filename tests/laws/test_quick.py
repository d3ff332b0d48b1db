"""The quick way to the canonical form gives what the long way gives, or leaves it to it."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.errors import RecordRejected
from ctmonitor.formats import canonical_bytes, read_study, row_digest, study_from
from ctmonitor.formats.canonical import canonical_content
from ctmonitor.formats.quick import quickly
from ctmonitor.records import Record, catalogue
from tests.builders import a_payload, a_study
from tests.laws.contents import contents
from tests.laws.test_hostile_data import PARSED, REFUSED
from tests.laws.test_mutants import BREAKERS, SEED
from tests.speed.made_registry import studies

DATES = [path for path, field in catalogue().items() if field.type == "date"]
REAL = Path(__file__).parents[3] / "shared/ctgov/studies.ndjson.gz"


def is_as_the_long_way(payload: bytes) -> bool:
    """Whether the quick way took this; it must be sound then, and the same as the long way."""
    found = quickly(payload)
    if found is None:
        return False
    tree = orjson.loads(payload)
    assert found.canonical == canonical_bytes(canonical_content(tree))
    assert _outcome(read_study, payload) == _outcome(study_from, tree)
    return True


def _outcome(way: Callable[[Any], Record], given: Any) -> Any:
    """The record that a way gives, or the words with which it refuses."""
    try:
        record = way(given)
    except RecordRejected as problem:
        return str(problem)
    assert record.content == orjson.loads(record.canonical)
    return record, row_digest(record)


def test_an_ordinary_study_goes_the_quick_way():
    """Made studies with everything in them need no mending."""
    assert all(is_as_the_long_way(orjson.dumps(study)) for study in studies(60))
    assert is_as_the_long_way(a_payload(completion_date="2026-01", data_date="2026-03-02"))


@given(contents())
def test_whatever_can_be_made_is_the_same_both_ways(tree):
    """Any content in any order: where the quick way answers, the long way agrees."""
    is_as_the_long_way(orjson.dumps(tree))


def test_mutants_are_the_same_both_ways():
    """Whatever happens to the bytes, the quick way lets through only what the long one would."""
    chance = random.Random(SEED)
    mutants = [BREAKERS[at % len(BREAKERS)](chance) for at in range(3_000)]
    taken = sum(map(is_as_the_long_way, mutants))
    print(f"{taken:,} of {len(mutants):,} mutants went the quick way")
    assert 0 < taken < len(mutants)


@pytest.mark.parametrize(
    "payload", [*REFUSED.values(), *(payload for payload, _ in PARSED.values())]
)
def test_odd_inputs_are_the_same_both_ways(payload):
    """The inputs on which parsers differ: none goes the quick way wrongly."""
    is_as_the_long_way(payload)


@pytest.mark.parametrize(
    "fields",
    [
        {"enrollment": 1.0},
        {"enrollment": 2**63},
        {"locations": [{"geoPoint": {"lat": 1e22}}]},
        {"conditions": {}},
        {"conditions": "One"},
        {"completion_date": "20240101"},
        {"brief_title": "a\rb"},
        {"brief_title": "a\0b"},
    ],
    ids=str,
)
def test_what_is_to_be_mended_goes_the_long_way(fields):
    """Other types, other line ends and what is no date are left to the long way."""
    assert quickly(a_payload(**fields)) is None


def test_a_line_end_written_by_its_number_goes_the_long_way():
    """However a text writes the line end of another system, it is mended."""
    payload = a_payload(brief_title="a@b").replace(b"@", rb"\u000d")
    assert quickly(payload) is None
    assert read_study(payload).content == read_study(a_payload(brief_title="a\nb")).content


@pytest.mark.parametrize("path", DATES)
def test_every_date_is_checked_both_ways(path):
    """No date of the catalogue gets past the calendar, and each that is in it is let through."""
    assert is_as_the_long_way(_with(path, "2024-02-29"))
    for odd in ("", "2023-02-29", "20240229", "9999", "2024-02-29 "):
        assert quickly(_with(path, odd)) is None


@pytest.mark.parametrize("number", ["D000544", "D000077144", "D00007714", "D000077144 ", "D000"])
def test_mesh_numbers_are_mended_both_ways(number):
    """Of a MeSH number, only the three zeros that were once put before it are taken away."""
    members = [{"id": number, "term": "A term"}, {"term": "Without a number"}]
    for module in ("conditionBrowseModule", "interventionBrowseModule"):
        for name in ("meshes", "ancestors"):
            study = a_study()
            study["derivedSection"] = {module: {name: members}}
            assert is_as_the_long_way(orjson.dumps(study))


@pytest.mark.parametrize(
    "predicted",
    [{}, {"a": {}}, {"z": {"b": 1.5, "a": 2}, "b": True, "a": "x"}, {"": {"é": -0.0}}],
)
def test_a_struct_of_which_no_field_is_listed_is_kept_both_ways(predicted):
    """The registry says of one struct only that it is there; what it holds is kept in order."""
    study = a_study()
    study["derivedSection"] = {"miscInfoModule": {"modelPredictions": predicted}}
    assert is_as_the_long_way(orjson.dumps(study))


@pytest.mark.parametrize(
    "derived",
    [
        *({}, {"miscInfoModule": {}}, {"miscInfoModule": {"versionHolder": "2026-01-02"}}),
        {"conditionBrowseModule": {"browseLeaves": [{"id": "M1"}], "browseBranches": []}},
        {"conditionBrowseModule": {"browseLeaves": [{"name": "a\rb\0"}], "meshes": []}},
    ],
)
def test_what_is_never_kept_is_dropped_alike_both_ways(derived):
    """It goes, and what held nothing else goes with it; what was empty before stays."""
    study = a_study()
    study["derivedSection"] = derived
    assert is_as_the_long_way(orjson.dumps(study))


def _with(path: str, value: str) -> bytes:
    """A study with a value at a path of the catalogue."""
    study = a_study()
    here: Any = study
    *above, last = path.split(".")
    for at, name in enumerate(above, 1):
        if catalogue()[".".join(above[:at])].is_list:
            here = here.setdefault(name, [{}])[0]
        else:
            here = here.setdefault(name, {})
    here[last] = value
    return orjson.dumps(study)


@pytest.mark.parametrize(
    "written",
    ["0", "-0", "-0.0", "1.50", "1e5", "1E-7", "123456789.123456789", "1e14", "5e-324", "0.1", "7"],
)
def test_numbers_are_written_alike_both_ways(written):
    """A place on the map is the same number in the same signs, however it was written."""
    location = {"facility": "A", "geoPoint": {"lat": 123456, "lon": 2}}
    payload = a_payload(locations=[location]).replace(b"123456", written.encode())
    assert is_as_the_long_way(payload)


@given(st.floats(-1e15, 1e15))
def test_every_fraction_is_written_alike_both_ways(number):
    """Two encoders write the same shortest signs for one fraction."""
    assert msgspec.json.encode(number) == orjson.dumps(number)


def test_a_field_that_a_later_release_adds_goes_the_long_way():
    """What the catalogue does not know is kept, so it is looked at one by one."""
    study = a_study()
    study["protocolSection"]["identificationModule"]["newField"] = {"a": 1}
    assert quickly(orjson.dumps(study)) is None


@pytest.mark.skipif(not REAL.exists(), reason="the real records are not here")
def test_real_records_are_the_same_both_ways():
    """Nearly all real records go the quick way, and all come out the same."""
    with gzip.open(REAL) as lines:
        taken = [is_as_the_long_way(line.strip()) for line in lines]
    print(f"{sum(taken)} of {len(taken)} real records went the quick way")
    assert sum(taken) > 0.9 * len(taken)
