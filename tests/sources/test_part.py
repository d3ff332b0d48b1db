"""The file that arrives: what the disk does to it, and who else writes to it."""

import errno
import json
import os
from types import SimpleNamespace

import pytest

from ctmonitor.sources import part as part_module
from ctmonitor.sources.download import NAME
from ctmonitor.sources.part import (
    Origin,
    Part,
    Unwritable,
    alone,
    origin_of,
    read_origin,
    write_origin,
)
from tests.registry import serving
from tests.sources.fetching import PIECE, big, fetch, ranges, refused


def test_a_weak_tag_does_not_join_parts():
    """Files with the same weak tag need not be equal to the byte."""
    assert Origin("u", etag='W/"a/b/c"').validator is None
    assert Origin("u", etag='W/"a/b/c"', last_modified="then").validator == "then"
    assert Origin("u", etag='"a/b/c"', last_modified="then").validator == '"a/b/c"'


def test_another_file_is_known_by_what_is_told():
    """By its size, or by its tag, or where there is none by its date; never by what is not told."""
    begun = Origin("u", etag='"a"', last_modified="then", size=9)
    for same in (Origin("u"), Origin("u", '"a"', "now", 9), Origin("u", None, "then", 9)):
        assert not begun.is_other_than(same)
    for other in (Origin("u", '"b"', "then", 9), Origin("u", size=8), Origin("u", None, "now")):
        assert begun.is_other_than(other)


def test_two_do_not_fetch_into_one_folder(tmp_path):
    """The second is refused with a sentence, and has asked nobody."""
    with serving(big()) as served, alone(tmp_path / f"{NAME}.lock") as first:
        told = refused(served, tmp_path)
    assert first
    assert told == (
        "FOLDER: another process is fetching the archive into it; "
        "wait until it has finished, or name another folder"
    )
    assert served.asked == []


def test_a_full_disk_is_seen_before(tmp_path, monkeypatch):
    """An archive that has no room is not begun."""
    monkeypatch.setattr(part_module.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    with serving(big()) as served:
        told = refused(served, tmp_path)
    assert "kB, and 1.0 kB are free; make room or name another folder" in told
    assert not (tmp_path / f"{NAME}.part").exists()


def test_what_is_there_needs_no_room(tmp_path, monkeypatch):
    """Only what is missing must have room on the disk."""
    monkeypatch.setattr(part_module.shutil, "disk_usage", lambda _: SimpleNamespace(free=5))
    part = Part(tmp_path / "x", sure_bytes=100)
    part.begin(Origin("u"))
    part.append(b"abcd")
    part.check_room(9)
    with pytest.raises(Unwritable, match="needs 6 bytes, and 5 bytes are free"):
        part.check_room(10)
    part.close()


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.ENOSPC, "the disk is full; make room or name another folder"),
        (errno.EIO, "it cannot be written to (input/output error); look after the disk"),
        (errno.EFBIG, "its disk takes no file as large as the archive"),
    ],
)
def test_a_disk_that_fails_on_the_way(tmp_path, monkeypatch, number, why):
    """It is said of the folder, at once; what was written is gone on from."""
    write = os.write
    counts = []

    def fail(file, piece):
        counts.append(len(piece))
        if len(counts) == 3:
            raise OSError(number, os.strerror(number))
        return write(file, piece)

    monkeypatch.setattr(part_module.os, "write", fail)
    with serving(big()) as served:
        assert f"FOLDER: {why}" in refused(served, tmp_path)
        assert len(served.asked) == 1
        fetch(served, tmp_path)
    assert ranges(served)[1] == f"bytes={2 * PIECE}-"


def test_a_folder_that_is_none(tmp_path):
    """A file in the place of the folder is said, and stays."""
    (tmp_path / "x").write_text("mine")
    with serving(big()) as served:
        told = refused(served, tmp_path / "x")
    assert told == "FOLDER: it is no folder; name another one"
    assert (tmp_path / "x").read_text() == "mine"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path):
    """It is said what to do."""
    tmp_path.chmod(0o500)
    with serving(big()) as served:
        assert "it may not be written to; allow it" in refused(served, tmp_path)


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="needs a system that tells links")
def test_a_link_is_not_written_through(tmp_path):
    """A link in the place of the part leads nothing out of the folder."""
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"{NAME}.part").symlink_to(tmp_path / "mine")
    with serving(big()) as served:
        assert "it cannot be written to" in refused(served, tmp_path / "in")
    assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.parametrize("told", [{"kept": -1}, {"size": -1}, {"etag": "a\r\nX: y"}])
def test_what_is_remembered_is_not_believed(tmp_path, told):
    """A note that cannot be true is as none."""
    note = {"url": "u", "kept": 9, **told}
    (tmp_path / "x.origin").write_text(json.dumps(note))
    (tmp_path / "x").write_bytes(bytes(9))
    part = Part(tmp_path / "x", sure_bytes=1)
    assert (part.origin, part.length) == (None, 0)


def test_a_part_is_as_long_as_is_sure(tmp_path):
    """What is behind the last byte that surely reached the disk is written again."""
    (tmp_path / "x").write_bytes(b"abcdef")
    write_origin(tmp_path / "x.origin", Origin("u", etag='"a"', size=9, kept=4))
    part = Part(tmp_path / "x", sure_bytes=100)
    part.go_on(part.length, part.origin)
    part.append(b"E")
    part.become(tmp_path / "y")
    assert (tmp_path / "y").read_bytes() == b"abcdE"


def test_an_older_name_is_not_given_to_a_newer_file(tmp_path, monkeypatch):
    """Where it cannot be noted what took the name, nothing is said of it: it was another file."""
    (tmp_path / "y").write_bytes(b"old")
    write_origin(origin_of(tmp_path / "y"), Origin("u", etag='"old"', size=3))
    part = Part(tmp_path / "x", sure_bytes=1)
    part.begin(Origin("u", etag='"new"'))
    part.append(b"new")

    def fail(*_):
        raise Unwritable("the disk is full", "make room")

    monkeypatch.setattr(part_module, "write_origin", fail)
    with pytest.raises(Unwritable):
        part.become(tmp_path / "y")
    assert (tmp_path / "y").read_bytes() == b"new"
    assert read_origin(origin_of(tmp_path / "y")) is None


def test_a_disk_that_keeps_no_locks(tmp_path, monkeypatch):
    """Two downloads could meet there, so there is none."""
    fcntl = pytest.importorskip("fcntl")

    def fail(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(Unwritable, match="keeps no locks"), alone(tmp_path / "lock"):
        pass
