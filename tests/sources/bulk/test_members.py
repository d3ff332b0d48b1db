"""The bytes of members, and what is said when they are not as the directory has it."""

from __future__ import annotations

import zipfile
import zlib

import pytest
from isal import isal_zlib

from ctmonitor.sources.bulk import Members, MemberUnreadable, read_directory
from ctmonitor.sources.bulk import members as module
from tests.sources.bulk.made import packed, read_all, studies


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_member_is_read_as_it_was_written(tmp_path, method):
    """Packed or stored, with any length of header of its own."""
    path = tmp_path / "made.zip"
    path.write_bytes(packed(studies(4), method))
    assert read_all(path) == list(studies(4).values())


@pytest.mark.parametrize("library", [isal_zlib, zlib, None])
def test_every_library_gives_the_same_and_no_more_than_declared(library):
    """Damaged data, and data that would give more or less than declared, are found by each."""
    payload = b"what a record says " * 99
    made = zlib.compressobj(6, zlib.DEFLATED, -15)
    data = made.compress(payload) + made.flush()
    inflate = module._inflate
    if library is not None:
        inflate = lambda given, size: module._bounded(library, given, size)  # noqa: E731
    assert inflate(data, len(payload)) == payload
    for bad, size in ((data, len(payload) - 1), (data[:-3], len(payload)), (b"\xff" * 9, 5)):
        with pytest.raises(Exception):  # noqa: B017
            assert len(inflate(bad, size)) == size


def _damaged(how: str) -> bytes:
    whole = bytearray(packed(studies(1), zipfile.ZIP_STORED))
    # The header before it bears the time of day, in which any byte may occur.
    at = whole.index(b".json{") + len(".json")
    if how == "content":
        whole[at + 5] ^= 1
    elif how == "mark":
        whole[0] = 0
    elif how == "name":
        whole[whole.index(b"NCT00000001.json") + 10] ^= 1
    else:
        whole[26:28] = (60_000).to_bytes(2, "little")
    return bytes(whole)


@pytest.mark.parametrize(
    ("how", "why"),
    [("content", "checksum"), ("mark", "where"), ("name", "another name"), ("length", "cut off")],
)
def test_a_member_that_is_not_as_said_is_refused(tmp_path, how, why):
    """The reason is in words, and the refusal bears the study's number."""
    path = tmp_path / "made.zip"
    path.write_bytes(_damaged(how))
    with path.open("rb") as opened:
        directory = read_directory("made.zip", opened)
        members = Members("made.zip", opened.fileno(), directory)
        with pytest.raises(MemberUnreadable, match=why) as found:
            members.read(0)
        reject = members.reject(0, str(found.value))
    assert (reject.nct_id, reject.is_gap) == ("NCT00000001", True)
