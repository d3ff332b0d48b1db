"""Zip archives with one JSON file a study."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from ctmonitor.formats import Piece, Reject, read
from ctmonitor.sources import Files
from tests.builders import a_payload

NAMES = ("NCT00000001.json", "some/folder/NCT00000002.json")


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, payload in members.items():
            archive.writestr(name, payload)
    return buffer.getvalue()


def studies() -> dict[str, bytes]:
    return {name: a_payload(nct_id=Path(name).stem) for name in NAMES}


def found_in(folder: Path, payload: bytes) -> list[Piece | Reject]:
    path = folder / "made.zip"
    path.write_bytes(payload)
    return list(Files((path,)).pieces())


def test_every_study_of_an_archive_is_a_piece(tmp_path):
    """Studies are found wherever they are; other members are passed over."""
    found = found_in(tmp_path, packed({"readme.txt": b"?", "x.json": b"{}", **studies()}))
    assert [piece.place for piece in found] == [Path(name).name for name in NAMES]
    assert [read(piece).nct_id for piece in found] == ["NCT00000001", "NCT00000002"]


def test_nothing_is_written(tmp_path):
    """A member's name never becomes a path."""
    name = "../../NCT00000003.json"
    (piece,) = found_in(tmp_path, packed({name: a_payload()}))
    assert piece.place == Path(name).name
    assert [path.name for path in tmp_path.iterdir()] == ["made.zip"]


@pytest.mark.parametrize("keep", [0.2, 0.9, 0.99])
def test_a_cut_archive_is_a_gap(tmp_path, keep):
    """An archive that lacks its end has no table of contents."""
    whole = packed(studies())
    (refused,) = found_in(tmp_path, whole[: int(len(whole) * keep)])
    assert refused.is_gap
    assert "cut off" in refused.reason


def test_a_damaged_member_spoils_no_other(tmp_path):
    """A flipped byte is noticed by the checksum; the gap has the study's number."""
    damaged = packed(studies(), zipfile.ZIP_STORED).replace(b'NCT00000001"', b'NCT00000009"', 1)
    refused, piece = found_in(tmp_path, damaged)
    assert (refused.nct_id, refused.is_gap) == ("NCT00000001", True)
    assert isinstance(piece, Piece)


def test_a_bomb_is_not_unpacked(tmp_path):
    """What swells out of proportion is not even tried."""
    bomb = {"NCT00000003.json": b" " * 10_000_000}
    refused, *good = found_in(tmp_path, packed({**studies(), **bomb}))
    assert len(good) == 2
    assert refused.is_gap
    assert "swells" in refused.reason


def test_a_member_that_lies_about_its_size_is_refused(tmp_path):
    """No more is unpacked than was declared."""
    payload = packed({NAMES[0]: b" " * 1_000_000})
    lie = payload.replace(struct.pack("<L", 1_000_000), struct.pack("<L", 5))
    (refused,) = found_in(tmp_path, lie)
    assert refused.is_gap


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(tmp_path, method):
    """Only what the registry itself uses is unpacked."""
    refused, _ = found_in(tmp_path, packed(studies(), method))
    assert "deflate" in refused.reason


def test_an_archive_without_studies_is_a_gap(tmp_path):
    """An archive of something else says so."""
    (refused,) = found_in(tmp_path, packed({"x.csv": b"?"}))
    assert "no study" in refused.reason
    assert refused.is_gap
