"""What a directory proves: the checksum of a record in which nothing but its date moved."""

from __future__ import annotations

import zlib
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.sources.bulk import (
    Directory,
    Members,
    read_directory,
    release_of,
    unchanged,
    undated,
)
from ctmonitor.sources.bulk.proof import dated
from tests.builders import a_payload
from tests.sources.bulk.made import directory_of, packed, studies

days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(st.binary(max_size=300), days, days, st.integers(0, 200_000))
def test_the_checksum_of_another_release_is_foretold(before, then, now, tail):
    """Whatever stands around the date, and however far it is from the end."""
    record = b'%s"versionHolder":"%%s"}%s' % (before.replace(b"%", b""), b" " * tail)
    old, new = (record % str(day).encode() for day in (then, now))
    crc, behind = undated(old, zlib.crc32(old))
    assert crc ^ int(dated(now, np.array([behind]))[0]) == zlib.crc32(new)
    assert (crc, behind) == undated(new, zlib.crc32(new))


def test_a_record_without_a_date_proves_nothing():
    """There is nothing that is known to move."""
    assert undated(b'{"protocolSection":{}}', 7) == (-1, 0)


def test_only_what_changed_is_not_proven():
    """Of a release, the studies that say something else, of the same length or not."""
    first = studies(6)
    second = studies(6, released="2026-03-03")
    names = list(second)
    second[names[1]] = second[names[1]].replace(b"RECRUITING", b"SUSPENDED", 1)
    second[names[4]] = second[names[4]].replace(b"RECRUITING", b"TERMINATED", 1)
    was, now = (directory_of(packed(members)) for members in (first, second))
    known = [
        undated(payload, crc)
        for payload, crc in zip(first.values(), was.crcs.tolist(), strict=True)
    ]
    found = unchanged(
        now,
        date(2026, 3, 3),
        sizes=was.sizes,
        crcs=np.array([crc for crc, _ in known], np.uint32),
        tails=np.array([tail for _, tail in known], np.uint32),
    )
    assert found.tolist() == [True, False, True, True, False, True]


def test_the_release_is_what_most_say(tmp_path):
    """A member with another date, or with none, does not decide."""
    members = studies(9, released="2026-03-03")
    names = list(members)
    members[names[0]] = a_payload(nct_id="NCT00000001", version_holder="2026-01-01")
    members[names[1]] = b"{}"
    path = tmp_path / "made.zip"
    path.write_bytes(packed(members))
    with path.open("rb") as opened:
        directory = read_directory("made.zip", opened)
        said = release_of(Members("made.zip", opened.fileno(), directory), directory)
    assert said == date(2026, 3, 3)


@given(st.data())
def test_only_records_that_differ_in_the_date_alone_are_proven(data):
    """What the directory proves is what comparing all bytes but the date says."""
    body = data.draw(st.binary(min_size=1, max_size=60).filter(lambda text: b"%" not in text))
    old = b'{"x":"%s","versionHolder":"2026-03-02"},"hasResults":false}' % body
    new = bytearray(old.replace(b"2026-03-02", b"2026-03-03"))
    for at in data.draw(st.lists(st.integers(6, 5 + len(body)), max_size=3)):
        new[at] ^= data.draw(st.integers(0, 255))
    crc, tail = undated(old, zlib.crc32(old))
    found = unchanged(
        _directory([bytes(new)]),
        date(2026, 3, 3),
        sizes=np.array([len(old)], np.uint32),
        crcs=np.array([crc], np.uint32),
        tails=np.array([tail], np.uint32),
    )
    assert bool(found[0]) == (bytes(new) == old.replace(b"2026-03-02", b"2026-03-03"))


def test_another_length_is_never_proven():
    """A checksum of records of two lengths says nothing, even when it is the one foretold."""
    record = b'{"versionHolder":"2026-03-02"}'
    crc, tail = undated(record, zlib.crc32(record))
    found = unchanged(
        _directory([record]),
        date(2026, 3, 2),
        sizes=np.array([len(record) + 1], np.uint32),
        crcs=np.array([crc], np.uint32),
        tails=np.array([tail], np.uint32),
    )
    assert found.tolist() == [False]


@given(st.integers(0, 31), st.integers(1, 2**32 - 1), st.integers(0, 40))
def test_a_short_change_is_always_seen(shift, burst, place):
    """No change within 32 bits in a row leaves the checksum as it was."""
    text = bytes(range(48))
    moved = int.from_bytes(text, "little") ^ ((burst << shift) & (2**64 - 1)) << 8 * place
    assert (zlib.crc32(moved.to_bytes(49, "little")[:48]) != zlib.crc32(text)) == (
        moved.to_bytes(49, "little")[:48] != text
    )


@given(st.lists(st.integers(0, 300_000), min_size=1, max_size=20), days)
def test_many_tails_are_foretold_as_each_alone(tails, day):
    """In any order, with repetitions: the same as one by one."""
    together = dated(day, np.array(tails, np.uint32)).tolist()
    zeros = {tail: b"0000-00-00" + bytes(tail) for tail in tails}
    alone = [
        zlib.crc32(zeros[tail]) ^ zlib.crc32(str(day).encode() + bytes(tail)) for tail in tails
    ]
    assert together == alone


def _directory(members: list[bytes]) -> Directory:
    names = [f"NCT{number:08}.json" for number in range(1, len(members) + 1)]
    return directory_of(packed(dict(zip(names, members, strict=True))))
