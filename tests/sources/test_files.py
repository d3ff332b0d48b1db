"""Files, folders and standard input."""

import gzip
import io
import os
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from ctmonitor.errors import CommandWrong, SourceUnreadable
from ctmonitor.formats import Piece, Reject, read
from ctmonitor.sources import Files, open_source
from tests.builders import NUMBER, a_page, a_payload, a_study

OTHER = "NCT00000002"
LINES = a_payload() + b"\n\n" + a_payload(nct_id=OTHER) + b"\n"


def made(folder: Path, payload: bytes, name: str = "made.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(payload)
    return path


def told(*paths: Path) -> list[tuple[str, str | None]]:
    """Each piece's place and number; for a reject its place and None."""
    return [
        (found.place, read(found).nct_id if isinstance(found, Piece) else None)
        for found in Files(paths).pieces()
    ]


def only_reject(path: Path) -> Reject:
    (found,) = Files((path,)).pieces()
    assert isinstance(found, Reject)
    return found


KINDS = {
    "a study": (a_payload(), ["the whole file"]),
    "a study on many lines": (
        orjson.dumps(a_study(), option=orjson.OPT_INDENT_2),
        ["the whole file"],
    ),
    "a study with a mark": (b"\xef\xbb\xbf\n" + a_payload(), ["the whole file"]),
    "a page": (a_page().encode(), ["the whole file"]),
    "a list": (orjson.dumps([a_study(), a_study()]), ["[0]", "[1]"]),
    "an API page": (
        orjson.dumps({"totalCount": 2, "studies": [a_study(), a_study()], "nextPageToken": "x"}),
        ["studies[0]", "studies[1]"],
    ),
    "an API page, a study a line": (
        b'{"studies": [\n' + a_payload() + b",\n" + a_payload() + b"\n]}",
        ["studies[0]", "studies[1]"],
    ),
    "an empty API page": (b'{"studies": []}', []),
    "NDJSON": (LINES, ["line 1", "line 3"]),
    "NDJSON with CRLF": (LINES.replace(b"\n", b"\r\n"), ["line 1", "line 3"]),
    "NDJSON without a last line end": (LINES.rstrip(), ["line 1", "line 3"]),
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
@pytest.mark.parametrize(("payload", "places"), KINDS.values(), ids=KINDS)
def test_a_file_is_read_by_its_content(tmp_path, payload, places, pack):
    """Whatever its name ends in, its bytes say what it is."""
    for name in ("made.json", "made.ndjson", "made"):
        found = told(made(tmp_path, pack(payload), name))
        assert [place for place, _ in found] == places
        assert all(number in (NUMBER, OTHER) for _, number in found)


def test_the_members_of_a_list_are_handed_over_alone(tmp_path):
    """A member that is no record spoils no other."""
    path = made(tmp_path, orjson.dumps([a_study(), 7, None, a_study(nct_id=OTHER)]))
    assert told(path) == [("[0]", NUMBER), ("[1]", None), ("[2]", None), ("[3]", OTHER)]


def test_broken_lines_spoil_no_other_line(tmp_path):
    """Even a first line that is cut after an opening is told from a document."""
    lines = [b'{"protocolSection":{', a_payload(), b"{", b"nonsense", a_payload(nct_id=OTHER)]
    found = told(made(tmp_path, b"\n".join(lines) + b"\n"))
    assert [number for _, number in found] == [None, NUMBER, None, None, OTHER]


@pytest.mark.parametrize("payload", [a_payload()[:-9], LINES[:-9], orjson.dumps([a_study()])[:-9]])
def test_a_cut_file_is_a_gap(tmp_path, payload):
    """The end of a file within a record is told, and what stood before it is used."""
    *before, last = Files((made(tmp_path, payload),)).pieces()
    assert all(isinstance(piece, Piece) for piece in before)
    assert isinstance(last, Reject)
    assert last.is_gap
    assert "ends in the middle of" in last.reason


def test_cut_gzip_is_a_gap(tmp_path):
    """What could be inflated is used."""
    lines = b"".join(a_payload(brief_summary=os.urandom(400).hex()) + b"\n" for _ in range(50))
    packed = gzip.compress(lines)
    *before, last = Files((made(tmp_path, packed[: len(packed) // 2]),)).pieces()
    assert len(before) > 10
    assert last.is_gap
    assert "gzip" in last.reason


def test_damaged_gzip_is_a_gap(tmp_path):
    """A flipped byte is noticed, at the latest by the checksum."""
    packed = bytearray(gzip.compress(LINES))
    packed[-6] ^= 1
    *_, last = Files((made(tmp_path, bytes(packed)),)).pieces()
    assert isinstance(last, Reject)
    assert last.is_gap


def test_a_gzip_bomb_is_refused(tmp_path):
    """Compressed data that swell out of proportion are given up early."""
    lines = a_payload() + b"\n" + b" " * 50_000_000
    *_, last = Files((made(tmp_path, gzip.compress(lines)),)).pieces()
    assert "swells" in last.reason
    assert last.is_gap


def test_an_over_long_line_is_skipped(tmp_path, monkeypatch):
    """A line that is too long is a gap; its neighbors are read."""
    monkeypatch.setattr("ctmonitor.sources.documents.MAX_LINE", 4000)
    lines = [a_payload(), b'{"a": "' + b"x" * 9000, a_payload(nct_id=OTHER)]
    for order in (lines, [lines[1], lines[0], lines[2]]):
        found = list(Files((made(tmp_path, b"\n".join(order) + b"\n"),)).pieces())
        (refused,) = [one for one in found if isinstance(one, Reject)]
        assert "longer than" in refused.reason
        assert len(found) == 3


def peak_of(act: Callable[[], object]) -> float:
    """The most MB that were held at once."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("start", [b"[\n", b'{\n"a": 1,\n"b": 2,\n', b'{"studies": [\n'])
def test_a_huge_document_is_not_read(tmp_path, start):
    """A document of 2 GB is refused with what to do instead, and takes no memory."""
    path = made(tmp_path, start + b" " * 5000)
    os.truncate(path, 2 * 2**30)
    assert "NDJSON" in only_reject(path).reason
    assert peak_of(lambda: only_reject(path)) < 1


def test_ndjson_streams(tmp_path):
    """Memory does not grow with the number of records."""
    path = made(tmp_path, gzip.compress((a_payload() + b"\n") * 100_000, 1))
    counts: list[int] = []
    pieces = (isinstance(piece, Piece) for piece in Files((path,)).pieces())
    assert peak_of(lambda: counts.append(sum(pieces))) < 10
    assert counts == [100_000]


FOREIGN = {
    "HTML": (b"<!doctype html><title>Busy</title>", "web page"),
    "blank": (b" \n \n", "empty"),
    "UTF-16": ("{}".encode("utf-16"), "UTF-16"),
    "binary": (bytes(range(254, 0, -1)), "not UTF-8"),
    "text": (b"Dear reader", "neither"),
    "packed twice": (gzip.compress(gzip.compress(LINES)), "packed twice"),
    "a broken list": (b'[{"a": 1 "b"}]', "not JSON"),
    "no list of studies": (b'{"studies": 3}', "not a list"),
}


@pytest.mark.parametrize(("payload", "word"), FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_refused_with_its_reason(tmp_path, payload, word):
    """A file that holds no records says what it is instead."""
    refused = only_reject(made(tmp_path, payload))
    assert word in refused.reason
    assert refused.is_gap


def test_a_folder_is_read_in_the_order_of_names(tmp_path):
    """Folders below are entered; files of other kinds and hidden ones are passed over."""
    for name in ("b/x.json", "a/x.NDJSON", "c.txt", "c/d.jsonl", "e.gz"):
        made(tmp_path, a_payload(), name)
    for name in ("notes.md", ".hidden.json", ".git/x.json", "x.json.bak"):
        made(tmp_path, b"?", name)
    sources = [Path(piece.source) for piece in Files((tmp_path,)).pieces()]
    names = [str(path.relative_to(tmp_path)) for path in sources]
    assert names == ["a/x.NDJSON", "b/x.json", "c/d.jsonl", "c.txt", "e.gz"]


def test_a_folder_that_holds_itself_is_read_once(tmp_path):
    """A loop of links ends, and is no gap."""
    made(tmp_path, a_payload(), "a.json")
    (tmp_path / "loop").symlink_to(tmp_path)
    piece, refused = Files((tmp_path,)).pieces()
    assert isinstance(piece, Piece)
    assert not refused.is_gap


def test_what_cannot_be_opened_is_a_gap_beside_what_can(tmp_path):
    """Missing, empty and special files are told in their place; the look goes on."""
    good = made(tmp_path, a_payload())
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    empty = made(tmp_path, b"", "empty.json")
    bad = [tmp_path / "missing", tmp_path / "pipe.json", tmp_path / "round", empty, good / "x"]
    found = list(Files((*bad, good, tmp_path / "missing")).pieces())
    assert [isinstance(one, Piece) for one in found] == [False] * 5 + [True, False]
    assert all(one.is_gap and one.reason for one in found if isinstance(one, Reject))


def test_a_socket_is_refused(tmp_path):
    """A socket is never opened."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.json"))
        with pytest.raises(SourceUnreadable, match="not a file"):
            list(Files((tmp_path / "s.json",)).pieces())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_gap(tmp_path):
    """What may not be read is told."""
    secret = made(tmp_path, a_payload(), "a.json")
    secret.chmod(0)
    refused, piece = Files((secret, made(tmp_path, a_payload(), "b.json"))).pieces()
    assert "permission" in refused.reason
    assert isinstance(piece, Piece)


def test_a_name_that_is_no_text_is_shown(tmp_path):
    """A name in another encoding, or with a line end in it, is read and printed escaped."""
    for name in (b"\xe9.json", b"a\nb.json"):
        (tmp_path / os.fsdecode(name)).write_bytes(a_payload())
    sources = [Path(piece.source).name for piece in Files((tmp_path,)).pieces()]
    assert sources == ["a\\nb.json", "\\xe9.json"]


@pytest.mark.parametrize("names", [["missing"], ["a folder"], ["missing", "a folder"]])
def test_nothing_to_read_at_all_is_an_error(tmp_path, names):
    """When no source could be opened the look fails, and says for what."""
    (tmp_path / "a folder").mkdir()
    with pytest.raises(SourceUnreadable, match=names[0]):
        list(Files([tmp_path / name for name in names]).pieces())


def test_standard_input_is_read_as_lines():
    """`-` is standard input, which stays open."""
    stdin = io.BytesIO(LINES)
    source = open_source(["-"], stdin)
    assert [piece.place for piece in source.pieces()] == ["line 1", "line 3"]
    assert source.name == "standard input"
    assert not stdin.closed


def test_standard_input_may_be_left_early():
    """A reader that stops does not close what it was given."""
    stdin = io.BytesIO(LINES)
    pieces = open_source(["-"], stdin).pieces()
    next(pieces)
    del pieces
    assert not stdin.closed


def test_empty_standard_input_is_an_error():
    """Nothing came: nothing could be read."""
    with pytest.raises(SourceUnreadable, match="standard input: it is empty"):
        list(open_source(["-"], io.BytesIO()).pieces())


def test_several_sources_are_one_look(tmp_path, monkeypatch):
    """Files and standard input are read in the order they are named."""
    monkeypatch.chdir(tmp_path)
    made(tmp_path, a_payload(nct_id="NCT00000003"), "-")
    source = open_source(["./-", "-"], io.BytesIO(LINES))
    assert [read(piece).nct_id for piece in source.pieces()] == ["NCT00000003", NUMBER, OTHER]
    assert source.name.endswith("/- and 1 more")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([], CommandWrong),
        (["-", "-"], CommandWrong),
        ([""], CommandWrong),
    ],
)
def test_what_names_no_source_is_refused(words, error):
    """The command line's words are judged before anything is read."""
    with pytest.raises(error):
        open_source(words, io.BytesIO())


def test_a_listing_that_holds_less_than_it_counts_is_not_whole(tmp_path):
    """A page that no other follows must hold what it counts; one of several need not."""
    page = {"studies": [a_study()], "totalCount": 5}
    path = tmp_path / "page.json"
    path.write_bytes(orjson.dumps(page))
    *_, last = Files([path]).pieces()
    assert isinstance(last, Reject) and last.is_gap and "counts 5 studies" in last.reason
    path.write_bytes(orjson.dumps({**page, "nextPageToken": "x"}))
    assert len(list(Files([path]).pieces())) == 1
