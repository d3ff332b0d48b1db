"""What a server does wrong with a long file, and that no half archive is taken for a whole one."""

import io
import time
import zipfile
from dataclasses import replace

import pytest

from ctmonitor.sources.client import Client, Manners
from ctmonitor.sources.download import NAME, Bounds, download
from tests.registry import On, faults, serving
from tests.registry.archive import archive_of
from tests.registry.wire import head
from tests.sources.asking import Clock, saying
from tests.sources.fetching import EVER, PIECE, big, fetch, ranges, refused, whole


def test_a_length_that_was_wrong(tmp_path):
    """A file that ends before its length is asked about again, and fetched with the right one."""
    with serving(big(), On(faults.wrong_length(7))) as served:
        got = fetch(served, tmp_path)
    assert ranges(served) == ["", f"bytes={got.size}-", ""]
    assert got.path.read_bytes() == archive_of(served.registry.current)


def test_a_server_that_mixes_files_up(tmp_path):
    """A part of another file, given against the question, is thrown away with what was there."""
    swapped = replace(faults.careless_range(), before=faults.refreshed().before)
    with serving(big(), On(faults.cut(200_000)), On(swapped, nth=2)) as served:
        got = fetch(served, tmp_path)
    assert ranges(served) == ["", "bytes=200000-", ""]
    assert got.path.read_bytes() == archive_of(served.registry.current)


@pytest.mark.parametrize(("begin", "count"), [(200_000, 50_000), (199_000, 10**9)])
def test_a_server_that_gives_another_part(tmp_path, begin, count):
    """Less than was asked for is gone on with; what begins elsewhere is thrown away."""

    def remake(answer, asked, registry):
        whole = archive_of(registry.current)
        part = whole[begin : begin + count]
        span = f"bytes {begin}-{begin + len(part) - 1}/{len(whole)}"
        return replace(answer, body=part, headers=(("Content-Range", span),))

    odd = faults.Fault("another part", remake=remake)
    with serving(big(), On(faults.cut(200_000)), On(odd, nth=2)) as served:
        got = fetch(served, tmp_path)
    assert ranges(served)[2] == ("bytes=250000-" if begin == 200_000 else "")
    assert got.path.read_bytes() == archive_of(served.registry.current)


@pytest.mark.parametrize(
    "fault",
    [
        faults.rangeless(),
        faults.answering(416),
        faults.answering(206, b"PK", "application/zip"),
        faults.answering(206, b"PK", "application/zip", content_range="bytes 0-1/2"),
    ],
)
def test_a_server_without_ranges(tmp_path, fault):
    """Where no part is to be had, all of it is fetched."""
    with serving(big(), On(faults.cut(200_000)), On(fault, nth=2)) as served:
        got = fetch(served, tmp_path)
    assert got.path.read_bytes() == archive_of(served.registry.current)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.maintenance(), "it sent a web page, not a zip archive"),
        (saying("{}"), "it sent something else, not a zip archive"),
        (saying("<html>", "application/zip"), "it sent something else, not a zip archive"),
        (saying("", "application/octet-stream"), "it sent something else, not a zip archive"),
        (saying("PK", "application/zip", content_encoding="gzip"), "its answer was packed in"),
        (faults.answering(304), "it said that nothing is new since a time that was not asked"),
        (faults.failing(), "it answered 503 (Service Unavailable)"),
        (faults.too_many(), "it answered 429 (Too Many Requests)"),
        (faults.hung_up(), "its answer was broken off"),
        (faults.cut(0), "its answer was broken off"),
    ],
)
def test_a_fault_is_asked_about_again(tmp_path, fault, why):
    """Once more often it comes; if it lasts, the reason is told, and there is no file."""
    with serving(big(), On(fault)) as served:
        assert fetch(served, tmp_path / "once").size
    with serving(big(), On(fault, times=EVER)) as served:
        told = refused(served, tmp_path / "ever", tries=2)
    assert f"asked 2 times, and the last time {why}" in told
    assert {path.name for path in (tmp_path / "ever").iterdir()} == {f"{NAME}.lock"}


@pytest.mark.parametrize("fault", [faults.maintenance(), saying("<p>", "application/zip")])
def test_a_web_page_costs_nothing_that_came(tmp_path, fault):
    """A page for people in between leaves what was fetched before."""
    with serving(big(), On(faults.cut(200_000)), On(fault, nth=2)) as served:
        got = fetch(served, tmp_path)
    assert ranges(served) == ["", "bytes=200000-", "bytes=200000-"]
    assert got.path.read_bytes() == archive_of(served.registry.current)


@pytest.mark.parametrize("code", [404, 403])
def test_a_refusal_is_final(tmp_path, code):
    """What no other try would mend is asked once."""
    with serving(big(), On(faults.answering(code, b"no"), times=EVER)) as served:
        assert f"{code}" in refused(served, tmp_path)
    assert len(served.asked) == 1


def test_the_server_says_when(tmp_path):
    """Retry-After is waited for."""
    clock = Clock()
    with serving(big(), On(faults.too_many(17))) as served:
        fetch(served, tmp_path, clock=clock)
    assert 17.0 in clock.waits


def test_another_host_is_not_followed(tmp_path):
    """A redirect leads nowhere but to the same server."""
    with serving(big()) as other:
        with serving(big(), On(faults.moved(f"{other.url}/studies/download"))) as served:
            assert "it sent us on to another server" in refused(served, tmp_path)
        assert other.asked == []


def test_a_redirect_on_the_same_server(tmp_path):
    """What leads to another path is followed."""
    place = "/api/v2/studies/download?format=json.zip&x=1"
    with serving(big(), On(faults.moved(place))) as served:
        got = fetch(served, tmp_path)
    assert got.path.read_bytes() == archive_of(served.registry.current)
    assert [asked.target for asked in served.asked][1] == place


@pytest.mark.parametrize("fault", [faults.drip_body(50), faults.drip_headers(50), faults.silent()])
def test_a_drip_is_cut_off(tmp_path, fault):
    """A server that is as good as silent ends a try, not the download."""
    began = time.monotonic()
    with serving(big(), On(fault)) as served:
        got = fetch(served, tmp_path, request_seconds=0.4)
    assert got.path.read_bytes() == archive_of(served.registry.current)
    assert (len(served.asked), time.monotonic() - began < 3) == (2, True)


def test_a_drip_that_lasts(tmp_path):
    """It is told what was too little."""
    with serving(big(), On(faults.drip_body(50), times=EVER)) as served:
        told = refused(served, tmp_path, request_seconds=0.3, tries=2)
    assert "it sent less than 1 MB within 0.3 seconds" in told


def test_a_long_download_is_not_late(tmp_path):
    """As long as bytes come, no deadline ends it: neither that of one request nor that of all."""
    manners = {"rate": EVER, "request_seconds": 0.4, "look_seconds": 0.5, "first_wait": 0.01}
    with (
        serving(big(), On(slow(cut_off=9)), On(slow(seconds=0), nth=2)) as served,
        Client(Manners(served.url, **manners)) as client,
    ):
        began = time.monotonic()
        got = download(client, tmp_path, check=whole)
    assert (len(served.asked), got.is_new) == (2, True)
    assert time.monotonic() - began > 0.7


def slow(parts=8, seconds=0.1, cut_off=0):
    """A larger archive in so many parts with time between them, each as long as a stretch."""

    def remake(*asked):
        larger = faults.rangeless().remake(*asked)
        return replace(larger, body=padded(larger.body, parts * 2**20))

    def send(answer, wire):
        wire.is_over = True
        wire.send(head(answer, ("Content-Length", str(len(answer.body)))))
        step = -(-len(answer.body) // parts)
        for at in range(0, len(answer.body) - cut_off, step):
            wire.send(answer.body[at : min(at + step, len(answer.body) - cut_off)])
            wire.wait(seconds)

    return faults.Fault("slow", remake=remake, send=send)


def padded(archive, size):
    """An archive with a member more, of so many zeros."""
    held = io.BytesIO(archive)
    with zipfile.ZipFile(held, "a") as opened:
        opened.writestr("filler", bytes(size))
    return held.getvalue()


def test_a_gain_begins_the_tries_anew(tmp_path):
    """A server that cuts often is asked as often as it brings something; one that does not, not."""
    steps = Bounds(gain_bytes=40_000)
    with serving(big(), On(faults.cut(50_000), times=EVER)) as served:
        got = fetch(served, tmp_path / "a", tries=2, bounds=steps)
        assert len(served.asked) == -(-got.size // 50_000)
        refused(served, tmp_path / "b", tries=2)
        assert len(served.asked) == -(-got.size // 50_000) + 2


def test_beginning_anew_is_no_gain(tmp_path):
    """A server that never gives a part and always breaks off is not asked for ever."""
    cut = replace(faults.rangeless(), send=faults.cut(200_000).send, is_plain=True)
    with serving(big(), On(cut, times=EVER)) as served:
        refused(served, tmp_path, tries=3, bounds=Bounds(gain_bytes=1_000))
    assert len(served.asked) == 3


@pytest.mark.parametrize("fault", [faults.wrong_length(-9), faults.cut_unsized(200_000)])
def test_what_came_whole_and_is_none(tmp_path, fault):
    """An archive that ends where it was told to, and has no table of contents, is fetched again."""
    with serving(big(), On(fault)) as served:
        got = fetch(served, tmp_path / "once")
    assert got.path.read_bytes() == archive_of(served.registry.current)
    with serving(big(), On(fault, times=EVER)) as served:
        told = refused(served, tmp_path / "ever")
    assert "it sent an archive 2 times that cannot be used: it is cut off" in told
    assert {path.name for path in (tmp_path / "ever").iterdir()} == {f"{NAME}.lock"}


def test_an_archive_without_a_length(tmp_path):
    """One whose size nobody tells is taken by its table of contents."""
    chunked = faults.cut_unsized(10**9)
    with serving(big(), On(chunked)) as served:
        heard = []
        got = fetch(served, tmp_path, progress=lambda *told: heard.append(told))
    assert got.path.read_bytes() == archive_of(served.registry.current)
    assert heard[-1] == (got.size, None)


def test_a_length_that_is_told_later(tmp_path):
    """Where only a part tells of how much it is one, that counts."""
    heard = []
    with serving(big(), On(faults.cut_chunks(200_000))) as served:
        got = fetch(served, tmp_path, progress=lambda *told: heard.append(told))
    assert got.path.read_bytes() == archive_of(served.registry.current)
    assert (heard[0], heard[-1]) == ((PIECE, None), (got.size, got.size))


@pytest.mark.parametrize("fault", [faults.wrong_length(0), faults.cut_unsized(10**9)])
def test_an_archive_that_is_too_large(tmp_path, fault):
    """It is refused by its size, or at the first byte too many; nothing of it is kept."""
    heard = []
    with serving(big(), On(fault)) as served:
        told = refused(
            served,
            tmp_path,
            bounds=Bounds(most_bytes=100_000),
            progress=lambda *one: heard.append(one),
        )
    assert heard == ([] if fault.name.startswith("length") else [(PIECE, None)])
    assert "its archive has more than 100.0 kB" in told
    assert {path.name for path in tmp_path.iterdir()} == {f"{NAME}.lock"}
