"""What a directory proves: the checksum of a record in which nothing but its date moved."""

from __future__ import annotations

import zlib
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.sources.bulk import Members, read_directory, release_of, unchanged, undated
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
