"""Archives that mean harm: what is refused whole, what in part, and that nothing else happens."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from ctmonitor.errors import SourceUnreadable
from ctmonitor.formats import Piece, Reject, read
from ctmonitor.sources import Files
from ctmonitor.sources.bulk import Directory, read_directory
from tests.builders import a_payload
from tests.sources.bulk.made import directory_of, ended, entry, packed, read_all, studies


def found_in(folder: Path, payload: bytes) -> list[Piece | Reject]:
    """What an archive hands over, in a folder of its own where nothing else may appear."""
    inside = folder / "inside"
    inside.mkdir()
    (inside / "made.zip").write_bytes(payload)
    found = list(Files((inside / "made.zip",)).pieces())
    assert [path.name for path in inside.iterdir()] == ["made.zip"]
    assert [path.name for path in folder.iterdir()] == ["inside"]
    return found


def large(number: int, offset: int, *values: int) -> bytes:
    """An entry whose size and packed size are said in eight bytes each, as far as they are."""
    extra = struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values)
    one = bytearray(entry(number, offset=offset))
    struct.pack_into("<2L", one, 20, 0xFFFFFFFF, 0xFFFFFFFF)
    struct.pack_into("<H", one, 30, len(extra))
    return bytes(one) + extra


@pytest.mark.parametrize(
    "name",
    [
        "/etc/NCT00000003.json",
        "../../NCT00000003.json",
        "C:\\x\\NCT00000003.json",
        "a\\..\\NCT00000003.json",
    ],
)
def test_a_name_is_no_path(tmp_path, name):
    """Of a name only the study number is used, wherever the name points."""
    (piece,) = found_in(tmp_path, packed({name: a_payload(nct_id="NCT00000003")}))
    assert piece.place == "NCT00000003.json"


def test_a_link_is_not_followed(tmp_path):
    """A symbolic link is the text of its target, which is no record."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("NCT00000003.json")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    (piece,) = found_in(tmp_path, buffer.getvalue())
    assert piece.payload == b"/etc/passwd"
    assert isinstance(read(piece), Reject)


def test_an_archive_within_is_not_opened(tmp_path):
    """A bomb of many layers has one: what is within is not read."""
    inner = packed({"NCT00000003.json": b" " * 10_000_000})
    found = found_in(tmp_path, packed({"inner.zip": inner, **studies(1)}))
    assert [piece.place for piece in found] == ["NCT00000001.json"]


def test_sizes_behind_the_content_are_legal(tmp_path):
    """A writer that did not know them before says them in the directory alone."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, payload in studies(3).items():
            archive.writestr(name, payload)
    path = tmp_path / "made.zip"
    path.write_bytes(pipe.getvalue())
    assert read_all(path) == list(studies(3).values())


def test_a_header_that_reaches_over_the_next_member_gains_nothing(tmp_path):
    """A bomb that quotes other members' headers: the bytes are not those that were declared."""
    whole = bytearray(packed(studies(3)))
    second = whole.index(b"PK\x03\x04", 4)
    struct.pack_into("<H", whole, 28, second)
    first, *others = found_in(tmp_path, bytes(whole))
    assert isinstance(first, Reject)
    assert all(isinstance(piece, Piece) for piece in others)


def far(path: Path, start: int, payload: bytes) -> Directory:
    """The directory of an archive whose members take no room, and are not there."""
    with path.open("wb") as opened:
        opened.truncate(start)
        opened.seek(start)
        opened.write(payload)
    with path.open("rb") as opened:
        return read_directory(path.name, opened)


def test_a_sum_that_begins_anew_is_no_way_around_the_bound(tmp_path):
    """Sizes near 2^64 do not make a hundred gigabytes look like few."""
    room = 400_000
    rows = [large(n, n * room, 60 * 2**20, room - 99) for n in range(2, 1_800)]
    table = large(1, 0, 2**64 - 104 * 2**30, 10) + b"".join(rows)
    start = 1_800 * room
    with pytest.raises(SourceUnreadable, match="64 GB"):
        far(tmp_path / "made.zip", start, ended(table, 1_799, start))


@pytest.mark.parametrize("packed_size", [2**64 - 10, 2**63, 2**32])
def test_a_member_longer_than_its_archive_is_refused(packed_size):
    """Even one so long that its end seems to lie before its beginning."""
    table = large(1, 0, 20, packed_size)
    with pytest.raises(SourceUnreadable, match="beyond its end"):
        directory_of(bytes(900) + ended(table, 1, 900))


@pytest.mark.parametrize("values", [(), (20,)])
def test_sizes_that_are_said_nowhere_are_not_guessed(values):
    """An entry that points to numbers it does not have names a member of four gigabytes."""
    table = large(1, 0, *values) + entry(2, offset=100)
    with pytest.raises(SourceUnreadable, match="beyond its end"):
        directory_of(bytes(900) + ended(table, 2, 900))


@pytest.mark.parametrize("length", [8, 16])
def test_what_is_no_large_number_is_not_read_as_one(length):
    """A field that is too short, or longer than its entry, does not borrow what follows it."""
    one = bytearray(large(7, 0, 30)) + struct.pack("<Q", 5)
    struct.pack_into("<H", one, 64, length)
    struct.pack_into("<H", one, 30 if length == 8 else 32, 20 if length == 8 else 8)
    with pytest.raises(SourceUnreadable, match="beyond its end"):
        directory_of(bytes(900) + ended(bytes(one), 1, 900))


def test_large_numbers_are_found_behind_other_fields():
    """Extra fields may come in any order."""
    other = struct.pack("<2H3s", 0x5455, 3, b"abc")
    one = bytearray(large(7, 0, 30, 20))
    struct.pack_into("<H", one, 30, 20 + len(other))
    one[62:62] = other
    directory = directory_of(bytes(900) + ended(bytes(one), 1, 900))
    assert (directory.sizes[0], directory.packed_sizes[0]) == (30, 20)


def test_as_many_members_as_the_old_form_can_count():
    """65,535 is a number too: the old form says it without a larger one."""
    table = b"".join(entry(n, offset=60 * n) for n in range(1, 65_536))
    start = 60 * 65_537
    assert len(directory_of(bytes(start) + ended(table, 65_535, start))) == 65_535


def test_an_archive_of_which_most_cannot_be_read_is_refused_whole():
    """Reasons one by one are for few; they would fill the memory."""
    rows = [bytearray(entry(n, offset=60 * n)) for n in range(1, 10_003)]
    for row in rows:
        row[8] = 1
    start = 60 * 10_004
    with pytest.raises(SourceUnreadable, match=r"10,002 of its members .* encrypted"):
        directory_of(bytes(start) + ended(b"".join(rows), 10_002, start))


@pytest.mark.parametrize(("count", "size"), [(1_000_000, 2**27 + 1), (1, 1_025), (100, 4_599)])
def test_a_table_that_has_not_the_size_of_its_entries_is_not_read(tmp_path, count, size):
    """Neither the table as a whole nor its entries may be longer than names can be."""
    end = bytearray(ended(b"", count, 0, large=True))
    struct.pack_into("<Q", end, 40, size)
    struct.pack_into("<Q", end, 56 + 8, size)
    with pytest.raises(SourceUnreadable, match="size of its entries"):
        far(tmp_path / "made.zip", size, bytes(end))


def test_memory_grows_with_the_table_alone(tmp_path):
    """A member that swells a thousand times is passed over without any room for it."""
    path = tmp_path / "made.zip"
    path.write_bytes(packed({**studies(1), "NCT00000009.json": bytes(60_000_000)}))
    tracemalloc.start()
    assert len(read_all(path)) == 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
