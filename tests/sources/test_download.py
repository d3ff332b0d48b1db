"""The bulk download: fetched once a release, and gone on with where it broke off."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from ctmonitor.sources.bulk import read_directory
from ctmonitor.sources.ctgov import Registry
from ctmonitor.sources.download import NAME, download
from ctmonitor.sources.part import origin_of
from tests.registry import On, faults, serving
from tests.registry.archive import archive_of
from tests.sources.asking import a_client
from tests.sources.fetching import EVER, PIECE, big, bodies, fetch, ranges, refused, whole


def test_the_archive_is_fetched(tmp_path):
    """It has its name, its bytes, and the instant of its release."""
    with serving(big()) as served, a_client(served.url) as client:
        got = download(Registry(client), tmp_path / "new" / "folder", check=whole)
    assert got.path == tmp_path / "new" / "folder" / NAME
    assert got.path.read_bytes() == archive_of(served.registry.current)
    assert (got.size, got.release) == (got.path.stat().st_size, "2026-03-02T09:00:05")
    assert got.is_new
    assert got.etag == f'"{served.registry.current.etag}"'
    left = {path.name for path in got.path.parent.iterdir()}
    assert left == {NAME, f"{NAME}.origin", f"{NAME}.lock"}


def test_the_directory_is_a_check(tmp_path):
    """What reads the archive later says first whether it is whole."""
    counts = []

    def check(opened):
        counts.append(len(read_directory("it", opened)))

    with serving(big(), On(faults.cut_unsized(200_000))) as served:
        got = fetch(served, tmp_path, check=check)
    assert got.path.read_bytes() == archive_of(served.registry.current)
    assert counts == [20]


def test_it_is_asked_for_as_it_is(tmp_path):
    """One request, below the address of the registry, for bytes that are not packed again."""
    with serving(big()) as served:
        fetch(served, tmp_path)
    (asked,) = served.asked
    assert asked.target == "/api/v2/studies/download?format=json.zip"
    assert asked.headers["accept-encoding"] == "identity"
    assert "range" not in asked.headers


def test_what_is_there_is_not_fetched_again(tmp_path):
    """One conditional request says that nothing is new; a new release is fetched."""
    with serving(big()) as served:
        first, second = fetch(served, tmp_path), fetch(served, tmp_path)
        assert (second, len(served.asked)) == (replace(first, is_new=False), 2)
        assert bodies(served) < first.size + 1_000
        served.registry.advance()
        third = fetch(served, tmp_path)
    assert (third.is_new, third.release) == (True, "2026-03-03T09:00:05")
    assert third.path.read_bytes() == archive_of(served.registry.current)


def without(name, fault):
    """A fault of a server that does not see a header, too."""

    def remake(answer, asked, registry):
        answer = faults.asked_without(name)(answer, asked, registry)
        return fault.remake(answer, asked, registry)

    return replace(fault, remake=remake)


@pytest.mark.parametrize("header", ["If-None-Match", "If-Modified-Since"])
def test_a_server_that_does_not_compare(tmp_path, header):
    """What it sends is not read when it is what is there."""
    label = "ETag" if header == "If-None-Match" else "Last-Modified"
    faulty = On(without(header, faults.unlabeled(label)), times=EVER)
    with serving(big(), faulty) as served:
        first = fetch(served, tmp_path)
        with a_client(served.url) as client:
            again = download(client, tmp_path, check=whole)
            assert client.bytes_received == 0
    assert (first.is_new, again.is_new, again.size) == (True, False, first.size)
    assert header.lower() in served.asked[1].headers


@pytest.mark.parametrize("spoil", ["cut", "longer", "bytes", "word", "gone", "other"])
def test_what_is_there_must_be_whole(tmp_path, spoil):
    """An archive that was cut, or of which nothing is known, is fetched again."""
    with serving(big()) as served:
        path = fetch(served, tmp_path).path
        if spoil == "cut":
            path.write_bytes(path.read_bytes()[:-1])
        elif spoil == "longer":
            path.write_bytes(path.read_bytes() + b"-")
        elif spoil == "bytes":
            path.write_bytes(bytes(path.stat().st_size))
        elif spoil == "word":
            origin_of(path).write_text('{"url": 1}')
        elif spoil == "gone":
            origin_of(path).unlink()
        else:
            told = json.loads(origin_of(path).read_text())
            origin_of(path).write_text(json.dumps({**told, "url": "https://example.org/"}))
        assert fetch(served, tmp_path).is_new
    assert path.read_bytes() == archive_of(served.registry.current)


def test_it_goes_on_where_it_broke_off(tmp_path):
    """A connection that ends early costs one request more, and hardly any bytes."""
    with serving(big(), On(faults.cut(200_000))) as served:
        got = fetch(served, tmp_path)
    size = len(archive_of(served.registry.current))
    assert got.path.read_bytes() == archive_of(served.registry.current)
    assert ranges(served) == ["", "bytes=200000-"]
    assert size < bodies(served) < size + 1_000


def test_a_reset_costs_little(tmp_path):
    """What came before a reset is used, but for a piece that was on its way."""
    with serving(big(), On(faults.reset(200_000))) as served:
        got = fetch(served, tmp_path)
    assert got.path.read_bytes() == archive_of(served.registry.current)
    assert len(served.asked) == 2


def test_it_goes_on_in_another_run(tmp_path):
    """The next run asks for what is missing, of the same file, and says so before."""
    with serving(big(), On(faults.cut(200_000)), On(faults.failing(), nth=2, times=2)) as served:
        told = refused(served, tmp_path, tries=3)
        assert "asked 3 times" in told
        assert "; 200.0 kB of 37" in told
        assert "are kept; run it again to go on from there" in told
        assert not (tmp_path / NAME).exists()
        got = fetch(served, tmp_path)
    assert got.path.read_bytes() == archive_of(served.registry.current)
    assert ranges(served)[3] == "bytes=200000-"
    assert served.asked[3].headers["if-range"] == got.etag
    assert bodies(served) < got.size + 3_000


def test_a_part_from_another_address(tmp_path):
    """What came from one server is never joined with what another has."""
    with serving(big(), On(faults.cut(200_000)), On(faults.answering(404), nth=2)) as served:
        refused(served, tmp_path)
    with serving(big()) as other:
        got = fetch(other, tmp_path)
    assert ranges(other) == [""]
    assert got.path.read_bytes() == archive_of(other.registry.current)


def test_what_was_there_stays_until_the_new_one_is_whole(tmp_path):
    """A download that fails leaves the archive of the day before, which is still the one known."""
    with serving(big(), On(faults.cut(100_000), nth=2), On(faults.failing(), nth=3)) as served:
        first = fetch(served, tmp_path)
        before = first.path.read_bytes()
        served.registry.advance()
        refused(served, tmp_path, tries=2)
        assert first.path.read_bytes() == before
        served.registry.step_back()
        assert not fetch(served, tmp_path).is_new
    assert not (tmp_path / f"{NAME}.part").exists()


def test_another_file_is_begun_anew(tmp_path):
    """When a new release came out meanwhile, nothing of the old one is in the archive."""
    tale = [On(faults.cut(200_000)), On(faults.refreshed(), nth=2)]
    with serving(big(), *tale) as served:
        got = fetch(served, tmp_path)
    assert ranges(served) == ["", "bytes=200000-"]
    assert got.release == "2026-03-03T09:00:05"
    assert got.path.read_bytes() == archive_of(served.registry.current)


def test_a_file_that_cannot_be_told_from_another(tmp_path):
    """Without a tag or a date nothing is gone on with; with a date it is."""
    for kept, wanted in (("", ""), ("Last-Modified", "bytes=200000-")):
        dumb = replace(faults.unlabeled(kept), send=faults.cut(200_000).send)
        with serving(big(), On(dumb)) as served:
            got = fetch(served, tmp_path / f"x{kept}")
        assert got.path.read_bytes() == archive_of(served.registry.current)
        assert ranges(served) == ["", wanted]


def test_what_came_whole_is_not_fetched_again(tmp_path):
    """A run that ended between the last byte and the name asks for one byte."""
    with serving(big()) as served:
        got = fetch(served, tmp_path)
        told = json.loads(origin_of(got.path).read_text())
        got.path.rename(tmp_path / f"{NAME}.part")
        origin_of(got.path).rename(tmp_path / f"{NAME}.part.origin")
        assert told["kept"] == got.size
        assert fetch(served, tmp_path).path.read_bytes() == archive_of(served.registry.current)
    assert ranges(served)[1] == f"bytes={got.size - 1}-"
    assert bodies(served) < got.size + 1_000


def test_progress_is_told(tmp_path):
    """It counts what is there, of how much; after a break it goes on counting."""
    heard = []
    with serving(big(), On(faults.cut(200_000))) as served:
        got = fetch(served, tmp_path, progress=lambda *told: heard.append(told))
    assert heard[0] == (PIECE, got.size)
    assert heard == sorted(heard)
    assert heard[-1] == (got.size, got.size)


def test_an_interrupt_keeps_what_came(tmp_path):
    """Whoever stops the program loses nothing."""

    def stop(there, _):
        if there > 150_000:
            raise KeyboardInterrupt

    with serving(big()) as served:
        with pytest.raises(KeyboardInterrupt):
            fetch(served, tmp_path, progress=stop)
        got = fetch(served, tmp_path)
    assert ranges(served)[1] == f"bytes={3 * PIECE}-"
    assert got.path.read_bytes() == archive_of(served.registry.current)


KILLED = """
import os, signal, sys
from pathlib import Path
from ctmonitor.sources.client import Client, Manners
from ctmonitor.sources.download import Bounds, download

def stop(there, _):
    if there > 150_000:
        os.kill(os.getpid(), signal.SIGKILL)

client = Client(Manners(sys.argv[1]))
download(client, Path(sys.argv[2]), check=print, progress=stop, bounds=Bounds(sure_bytes=100_000))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_process_costs_what_was_not_sure(tmp_path):
    """What was surely on the disk is gone on from, and the lock is free."""
    with serving(big()) as served:
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, served.url, str(tmp_path)], check=False, timeout=20
        )
        assert ended.returncode == -signal.SIGKILL
        got = fetch(served, tmp_path)
    assert ranges(served)[1] == f"bytes={2 * PIECE}-"
    assert got.path.read_bytes() == archive_of(served.registry.current)
