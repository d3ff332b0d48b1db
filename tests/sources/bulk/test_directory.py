"""What an archive's directory says, and when it is not believed."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib

import numpy as np
import pytest

from ctmonitor.errors import SourceUnreadable
from ctmonitor.sources.bulk import read_directory
from ctmonitor.sources.bulk.entries import read_entries
from tests.sources.bulk.made import directory_of, ended, entry, packed, studies


def test_it_says_what_the_archive_says():
    """Numbers, checksums and sizes are those of the members, in their order."""
    members = studies(5)
    directory = directory_of(packed({"readme.txt": b"?", **members}))
    assert directory.numbers.tolist() == [1, 2, 3, 4, 5]
    assert directory.crcs.tolist() == [zlib.crc32(payload) for payload in members.values()]
    assert directory.sizes.tolist() == [len(payload) for payload in members.values()]
    assert directory.rejects == ()


def test_names_of_any_lengths_are_read_as_names_of_one():
    """What is read as a table, and what is read one by one, says the same."""
    rng = random.Random(5)
    names = [b"%sNCT%08d.json" % (b"x" * rng.randrange(0, 40) + b"/", n) for n in range(1, 3_000)]
    names[700:900] = [b"folder/NCT%08d.json" % n for n in range(9_001, 9_201)]
    table = b"".join(entry(n, offset=n, name=name) for n, name in enumerate(names))
    entries = read_entries(table, len(names))
    assert entries.numbers.tolist() == [int(name[-13:-5]) for name in names]
    assert entries.fixed["offset"].tolist() == list(range(len(names)))


@pytest.mark.parametrize("name", [b"NCT0000001.json", b"xNCT00000001.json", b"NCT00000001.jsonx"])
def test_other_names_are_no_studies(name):
    """Only a member named exactly as a study is one."""
    assert read_entries(entry(1, offset=0, name=name), 1).numbers.tolist() == [0]


def test_more_members_than_the_old_form_counts():
    """The registry has more studies than 65,535, and its archive more than four gigabytes may."""
    count, far = 70_000, 5 * 2**32
    table = b"".join(entry(n, offset=far + 100 * n, large=True) for n in range(1, count + 1))
    end = far + 100 * (count + 1)
    opened = _Sparse(end, ended(table, count, end, large=True))
    directory = read_directory("made.zip", opened)
    assert len(directory) == count
    assert directory.offsets[-1] == far + 100 * count


class _Sparse(io.RawIOBase):
    """A file that is empty up to a place, without taking any room."""

    def __init__(self, start: int, payload: bytes) -> None:
        self.start, self.payload, self.at = start, payload, 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        whole = self.start + len(self.payload)
        self.at = offset if whence == io.SEEK_SET else whole + offset
        return self.at

    def read(self, size: int = -1, /) -> bytes:
        assert self.at >= self.start
        at = self.at - self.start
        given = self.payload[at:] if size < 0 else self.payload[at : at + size]
        self.at += len(given)
        return given


def _with(offset: int, form: str, value: int) -> bytes:
    """A good archive with one number of its last record replaced."""
    whole = bytearray(packed(studies(3)))
    at = whole.rindex(b"PK\x05\x06")
    struct.pack_into(form, whole, at + offset, value)
    return bytes(whole)


def _overlapping() -> bytes:
    table = b"".join(entry(n, offset=0) for n in (1, 2, 3))
    return bytes(100) + ended(table, 3, 100)


def _with_a_fake_comment() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("NCT00000001.json", b"{}")
        archive.comment = b"PK\x05\x06" + bytes(18) + b"more"
    return buffer.getvalue()


HOSTILE = {
    "empty": (b"", "cut off"),
    "text": (b"nothing of the kind", "cut off"),
    "cut in the middle": (packed(studies(3))[:300], "cut off"),
    "cut at the end": (packed(studies(3))[:-1], "cut off"),
    "something before it": (b"MZ executable" + packed(studies(3)), "cut off"),
    "something behind it": (packed(studies(3)) + b"x", "cut off"),
    "one of several disks": (_with(4, "<H", 1), "several"),
    "without members": (b"PK\x05\x06" + bytes(18), "no study"),
    "members over one another": (_overlapping(), "over one another"),
    "a table elsewhere": (_with(16, "<L", 7), "cut off"),
    "a table of another size": (_with(12, "<L", 9), "cut off"),
    "large, without its record": (_with(16, "<L", 0xFFFFFFFF), "cut off"),
    "without studies": (packed({"x.csv": b"?"}), "no study"),
    "too many members": (ended(b"", 1_000_001, 0, large=True), "more than 1,000,000"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_trusted_is_refused_in_words(name):
    """No archive of these is read, and each is refused with its reason."""
    payload, why = HOSTILE[name]
    with pytest.raises(SourceUnreadable, match=why):
        directory_of(payload)


def test_a_comment_is_no_end():
    """What looks like the last record within a comment is not taken for it."""
    assert directory_of(_with_a_fake_comment()).numbers.tolist() == [1]


def test_an_archive_that_swells_beyond_all_bounds_is_refused():
    """The sum of what is declared is bounded."""
    table = b""
    for number in range(1, 1_100):
        one = bytearray(entry(number, offset=60 * number))
        struct.pack_into("<2L", one, 20, 10, 2**26)
        table += one
    with pytest.raises(SourceUnreadable, match="64 GB"):
        directory_of(bytes(70_000) + ended(table, 1_099, 70_000))


def test_members_that_are_not_even_tried_have_their_reason():
    """Encrypted, packed otherwise, swelling, named twice: each is set aside, the rest goes on."""
    names = [b"NCT00000001.json", b"a/NCT00000001.json", *(b"NCT%08d.json" % n for n in (2, 3, 4))]
    rows = [bytearray(entry(n, offset=60 * n, name=name)) for n, name in enumerate(names, start=1)]
    struct.pack_into("<H", rows[2], 8, 1)
    struct.pack_into("<H", rows[3], 10, 99)
    struct.pack_into("<L", rows[4], 24, 9_000)
    directory = directory_of(bytes(500) + ended(b"".join(map(bytes, rows)), 5, 500))
    assert directory.numbers.tolist() == [1]
    told = {reject.nct_id: reject.reason for reject in directory.rejects}
    assert "encrypted" in told["NCT00000002"]
    assert "deflate" in told["NCT00000003"]
    assert "swells" in told["NCT00000004"]
    assert "same study" in told["NCT00000001"]


def test_a_part_of_a_directory_is_a_directory():
    """Some members by their places."""
    directory = directory_of(packed(studies(5))).part(np.array([3, 1]))
    assert directory.numbers.tolist() == [4, 2]
    assert len(directory) == 2
