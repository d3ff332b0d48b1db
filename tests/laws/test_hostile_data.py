"""Hostile data, kind by kind: each is refused with a reason, and none costs time or memory.

What a server may do wrong while it sends is in `tests/sources` and `tests/journeys`.
"""

from __future__ import annotations

import io
import random
import resource
import time
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from ctmonitor.changes import compare
from ctmonitor.formats import Piece, Reject, read, read_study
from ctmonitor.records import PartialDate, Record
from ctmonitor.sources import Files
from ctmonitor.store import open_store
from ctmonitor.store.questions import Filter, changes_seen
from ctmonitor.store.schema import snapshots
from tests.builders import NUMBER, a_payload, a_record
from tests.laws.test_mutants import BREAKERS, SEED
from tests.looks import look

OTHER = "NCT00000002"
TITLE = a_payload(brief_title="@@")


def titled(written: bytes) -> bytes:
    """A record whose title is written so."""
    return TITLE.replace(b'"@@"', written)


LARGE = b"1" * 100
PARSED = {
    "a title": (titled(b'"One"'), "One"),
    "an escape": (titled(rb'"\u00e9"'), "é"),
    "a pair of halves": (titled(rb'"\ud83d\ude00"'), "😀"),
    "a line end of Windows": (titled(rb'"a\r\nb"'), "a\nb"),
    "a line end of old Macs": (titled(rb'"a\rb"'), "a\nb"),
    "a turn of the writing direction": (titled('"a\u202eb"'.encode()), "a\u202eb"),
    "a key written twice": (titled(b'"One","briefTitle":"Two"'), "Two"),
    "a text of 200 kB": (titled(b'"' + b"x" * 200_000 + b'"'), "x" * 200_000),
    "an empty text": (titled(b'""'), ""),
    "a byte order mark inside": (titled('"\ufeffa"'.encode()), "\ufeffa"),
}
"""What is read, and as what."""

REFUSED = {
    "half a character, first": titled(rb'"\ud800"'),
    "half a character, second": titled(rb'"\udc00x"'),
    "half a character, as bytes": titled(b'"\xed\xa0\x80"'),
    "no UTF-8": titled(b'"\xff"'),
    "Latin-1": titled('"é"'.encode("latin-1")),
    "an overlong letter": titled(b'"\xc0\xaf"'),
    "NUL": titled(rb'"a\u0000b"'),
    "a raw control sign": titled(b'"a\nb"'),
    "a bad escape": titled(rb'"\x41"'),
    "NaN": titled(b"NaN"),
    "Infinity": titled(b"Infinity"),
    "minus infinity": titled(b"-Infinity"),
    "1e999": titled(b"1e999"),
    "a number of 100 digits": titled(LARGE),
    "2 to the 63": titled(str(2**63).encode()),
    "a fraction where text belongs": titled(b"1.5"),
    "a number with a leading zero": titled(b"01"),
    "a plus sign": titled(b"+1"),
    "hexadecimal": titled(b"0x10"),
    "true where text belongs": titled(b"true"),
    "null": titled(b"null"),
    "a list where text belongs": titled(b'["a"]'),
    "an object where text belongs": titled(b'{"a":1}'),
    "300 lists": titled(b"[" * 300 + b"]" * 300),
    "10,000 lists": titled(b"[" * 10_000 + b"]" * 10_000),
    "10,000 objects": titled(b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    "single quotes": titled(b"'One'"),
    "a comment": titled(b'"One"/*x*/'),
    "a comma too many": titled(b'"One",'),
    "a cut": TITLE[:-20],
    "more behind the end": TITLE + b"{}",
    "another kind of JSON": b'{"a": 1}',
}
"""What is refused; with what is read above, forty and more inputs."""


@pytest.mark.parametrize("name", PARSED)
def test_one_parser_reads_every_input_in_one_way(name):
    """Table of inputs on which parsers differ: these are read, each as this and nothing else."""
    payload, title = PARSED[name]
    assert read_study(payload).facts.brief_title == title


@pytest.mark.parametrize("name", REFUSED)
def test_one_parser_refuses_what_is_not_sound(name):
    """Table of inputs on which parsers differ: these are refused, with a reason."""
    found = read(Piece("made", name, REFUSED[name]))
    assert isinstance(found, Reject)
    assert len(found.reason) > 10


@pytest.mark.parametrize(
    "text",
    [
        *("20240101", "2024-W01-1", "2024-13", "2023-02-29", "2024-00", "2024-1-1", "0000-01-01"),
        *("2024-02-30", "24-01-01", "2024-01-01T00:00", "2024-01-01 ", "٢٠٢٤-٠١-٠١", "", "MAX"),
        "2024-001",
    ],
)
def test_a_date_is_a_date_or_is_refused_with_its_place(text):
    """Only YYYY, YYYY-MM and YYYY-MM-DD of the calendar are dates; the refusal names the field."""
    with pytest.raises(ValueError):
        PartialDate.parse(text)
    payload = a_payload(completion_date="2024-01").replace(b'"2024-01"', orjson.dumps(text))
    found = read(Piece("made", "a record", payload))
    assert isinstance(found, Reject)
    assert "completionDateStruct.date" in found.reason


XML_BOMBS = {
    "entities": "".join(
        f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};&a{n - 1};&a{n - 1};&a{n - 1};">' for n in range(1, 40)
    ),
    "quadratic": f'<!ENTITY a "{"x" * 100_000}">',
    "a file": '<!ENTITY a SYSTEM "file:///etc/passwd">',
    "an address": '<!ENTITY a SYSTEM "http://127.0.0.1:1/">',
    "a parameter": '<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;',
    "itself": '<!ENTITY a "&a;">',
}


@pytest.mark.parametrize("name", XML_BOMBS)
def test_xml_is_refused_unread(name, tmp_path):
    """A bomb in XML is set aside by its first letters: no entity of it is ever looked at."""
    path = tmp_path / "record.json"
    path.write_text(f'<?xml version="1.0"?><!DOCTYPE a [{XML_BOMBS[name]}]><a>&a;</a>')
    [found] = list(Files((path,)).pieces())
    assert isinstance(found, Reject)
    assert "XML" in found.reason


def an_archive(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, a_payload())
    return path


@pytest.mark.parametrize(
    "name",
    [
        *("../NCT00000001.json.txt", "/etc/NCT00000001", "..\\..\\passwd", "C:\\NCT1.json"),
        *("NCT0000001.json", "NCT00000001.json/", "NCT٠٠٠٠٠٠٠١.json", "NCT00000001.JSON.exe"),
        *("~/NCT00000001.jso", "con", "NCT00000001.json\n.sh", "\u202eNCT00000001.js"),
    ],
)
def test_an_archive_of_hostile_names_is_refused_and_writes_nothing(tmp_path, name):
    """No name leads out of the archive: what is not a study's file is not even opened."""
    folder = tmp_path / "in"
    folder.mkdir()
    path = an_archive(folder / "a.zip", name)
    before = sorted(tmp_path.rglob("*"))
    found = list(Files((path,)).pieces())
    assert [type(one) for one in found] == [Reject]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bomb_in_an_archive_costs_no_memory(tmp_path):
    """A member of a gigabyte in a megabyte is refused from what the archive says of it."""
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("NCT00000001.json", "w") as member,
    ):
        for _ in range(64):
            member.write(bytes(2**20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [found] = list(Files((path,)).pieces())
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"a bomb of 64 MB: {grown:.0f} MB more memory")
    assert isinstance(found, Reject)
    assert grown < 64


def _told(url: str, mutants: list[bytes]) -> list[Any]:
    """What a store of some kind says after these bytes, then good ones of the same studies."""
    store = open_store(url)
    good = [a_payload(nct_id=f"NCT{number:08d}") for number in range(1, 30)]
    look(store, *good)
    look(store, *mutants)
    look(store, *good)
    columns = (snapshots.c.nct_id, snapshots.c.number, snapshots.c.fingerprint)
    with store.reading() as tx:
        told: list[Any] = [
            (one.nct_id, one.number, one.change) for one in changes_seen(tx, Filter())
        ]
        told += [
            (row.nct_id, row.number, bytes(row.fingerprint))
            for row in tx.connection.execute(sa.select(*columns))
        ]
    store.close()
    return sorted(told, key=repr)


def test_both_databases_keep_the_same_of_mutants(postgres, tmp_path):
    """What one database could hold and the other not is made alike before either sees it."""
    chance = random.Random(SEED)
    made = [BREAKERS[at % len(BREAKERS)](chance) for at in range(600)]
    sqlite = _told(f"sqlite:///{tmp_path / 'store.db'}", made)
    with postgres("template1") as url:
        assert _told(url, made) == sqlite
    print(f"600 mutants: {len(sqlite)} changes and snapshots, the same on both databases")


def _text(length: int, seed: int) -> str:
    chance = random.Random(seed)
    words = (
        chance.choice(("dose", "of", "the", "drug", "12", "weeks", "≥", "visit"))
        for _ in [0] * length
    )
    return " ".join(words)[:length]


def _seconds(one: Record, other: Record) -> float:
    started = time.process_time()
    compare(one, other)
    return time.process_time() - started


def test_long_texts_are_compared_in_time_that_grows_with_them():
    """Two texts of 20,000 characters that share no line take about ten times those of 2,000."""
    pairs = {
        length: [
            (
                a_record(brief_summary=_text(length, at), detailed_description=_text(length, at)),
                a_record(
                    brief_summary=_text(length, at + 99),
                    detailed_description=_text(length, at)[::-1],
                ),
            )
            for at in range(20)
        ]
        for length in (2_000, 20_000)
    }
    times = {
        length: sorted(min(_seconds(*pair) for _ in range(3)) for pair in made)[-1]
        for length, made in pairs.items()
    }
    print(f"20,000 characters: {times[20_000] * 1000:.1f} ms, 2,000: {times[2_000] * 1000:.1f} ms")
    assert times[20_000] < 60 * times[2_000]


def test_a_bad_record_leaves_its_page_alone():
    """Of a page of the registry with one sound and one odd study, the sound one is read."""
    page = b'{"studies":[%s,%s]}' % (
        a_payload(),
        titled(b"null").replace(NUMBER.encode(), OTHER.encode()),
    )
    found = list(Files((Path("-"),), io.BytesIO(page)).pieces())
    outcomes = {type(read(one)).__name__ for one in found if isinstance(one, Piece)}
    assert outcomes == {"Record", "Reject"}
