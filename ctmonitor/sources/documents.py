"""The pieces in one stream of bytes: NDJSON, one JSON document or a page, gzipped or not.

What a stream is, its first bytes say. NDJSON of any length goes by line by line; a document is
read whole, up to a limit.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, cast

import orjson

from ctmonitor.formats import (
    MAX_PAGE,
    Kind,
    Piece,
    Reject,
    kind_of,
    number_in,
    without_mark,
)
from ctmonitor.sources.limits import FREE_BYTES, MAX_DOCUMENT, MAX_LINE, MAX_RATIO, SHOWN_BYTES

GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_BUFFER_BYTES = 2**18
_HEAD_BYTES = 2**12
_WHOLE = "the whole file"
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error)
_OPENERS = (b"{", b"[", b",", b":")
_SPLIT = "split it, or save it as NDJSON with one study a line"


class Swollen(Exception):
    """Compressed data grows out of all proportion."""


@dataclass(slots=True)
class Stream:
    """An open stream with its name; `size` is its length in bytes where that is known."""

    source: str
    bytes_in: io.BufferedReader[Any]
    size: int | None = None

    def head(self) -> bytes:
        """The first bytes, which stay to be read."""
        return self.bytes_in.peek(_HEAD_BYTES)[:_HEAD_BYTES]

    def reject(
        self, place: str, reason: str, payload: bytes = b"", *, is_gap: bool = False
    ) -> Reject:
        """A refusal of something in this stream."""
        shown = payload[:SHOWN_BYTES]
        return Reject(self.source, place, reason, shown, number_in(payload), is_gap)


class _Inflating(io.RawIOBase):
    """What gzipped bytes hold; Swollen when it is too much for their size."""

    def __init__(self, packed: io.BufferedReader[Any]) -> None:
        self._counted = _Counted(packed)
        self._inflated = gzip.GzipFile(fileobj=self._counted)
        self._count = 0
        self._problem: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill at least the head of a stream; what came before damage is handed over first."""
        filled = 0
        while filled < min(len(buffer), _HEAD_BYTES) and (
            given := self._some(len(buffer) - filled, is_first=not filled)
        ):
            buffer[filled : filled + len(given)] = given
            filled += len(given)
        return filled

    def _some(self, count: int, *, is_first: bool) -> bytes:
        try:
            given = b"" if self._problem else self._inflated.read1(count)
        except _DAMAGE as problem:
            self._problem, given = problem, b""
        if self._problem and is_first:
            raise self._problem
        self._count += len(given)
        if self._count > FREE_BYTES and self._count > MAX_RATIO * self._counted.count:
            raise Swollen
        return given


class _Counted(io.RawIOBase):
    """Bytes passed on, and how many they were."""

    def __init__(self, below: io.BufferedReader[Any]) -> None:
        self._below = below
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        count = self._below.readinto(buffer)
        self.count += count
        return count


@contextmanager
def streaming(source: str, opened: BinaryIO, size: int | None = None) -> Iterator[Stream]:
    """A stream over an open file or standard input, which stays open for the caller to close."""
    buffered = io.BufferedReader(cast(Any, opened), _BUFFER_BYTES)
    try:
        yield Stream(source, buffered, size)
    finally:
        buffered.detach()


def pieces_in(stream: Stream) -> Iterator[Piece | Reject]:
    """Every piece in a stream; what cannot be read comes as a Reject."""
    try:
        if stream.head().startswith(GZIP):
            inflated = io.BufferedReader(_Inflating(stream.bytes_in), _BUFFER_BYTES)
            stream = Stream(stream.source, inflated)
        yield from _by_kind(stream)
    except Swollen:
        why = f"it swells to more than {MAX_RATIO} times its size; unpack it if it is to be trusted"
        yield stream.reject(_WHOLE, why, is_gap=True)
    except EOFError:
        yield stream.reject(_WHOLE, "the file ends in the middle of its gzip data", is_gap=True)
    except (gzip.BadGzipFile, zlib.error) as problem:
        yield stream.reject(_WHOLE, f"its gzip data are damaged ({problem})", is_gap=True)
    except OSError as problem:
        why = f"it could not be read on ({problem.strerror or problem})"
        yield stream.reject(_WHOLE, why, is_gap=True)


def _by_kind(stream: Stream) -> Iterator[Piece | Reject]:
    head = stream.head()
    kind = kind_of(head)
    if kind is Kind.EMPTY and len(head) >= _HEAD_BYTES:
        kind = Kind.OTHER
    if kind is Kind.JSON_OBJECT:
        yield from _lines_or_document(stream)
    elif kind is Kind.JSON_LIST:
        yield from _document(stream, b"")
    elif kind is Kind.PAGE:
        yield Piece(stream.source, _WHOLE, stream.bytes_in.read(MAX_PAGE + 1))
    elif head.startswith((GZIP, *ZIP)):
        yield stream.reject(_WHOLE, "packed twice or piped in; give it as a file", is_gap=True)
    else:
        yield stream.reject(_WHOLE, kind.value, head, is_gap=True)


def _lines_or_document(stream: Stream) -> Iterator[Piece | Reject]:
    """NDJSON, or a document when that is on one line or its first line cannot stand alone."""
    if _holds_studies(stream.head()):
        yield from _document(stream, b"")
        return
    numbered = _lines(stream)
    first = next(numbered)
    second = next(numbered, None)
    if second is None and not first.is_too_long:
        yield from _members(stream, first.text)
    elif second is None or _is_by_line(first, second):
        for line in chain((first,), (second,) if second else (), numbered):
            yield _line_piece(stream, line)
    else:
        gap = b"\n" * (second.number - first.number)
        yield from _document(stream, first.text + gap + second.text + b"\n")


def _holds_studies(head: bytes) -> bool:
    """Whether a page of the API begins here: one document that holds many records."""
    return b'"studies"' in head.partition(b'"protocolSection"')[0]


def _document(stream: Stream, start: bytes) -> Iterator[Piece | Reject]:
    """The pieces of one JSON document, of which `start` was read before."""
    if stream.size is not None and stream.size > MAX_DOCUMENT:
        document = None
    else:
        rest = stream.bytes_in.read(MAX_DOCUMENT + 1 - len(start))
        document = start + rest if len(start) + len(rest) <= MAX_DOCUMENT else None
    if document is None:
        why = f"one JSON document of more than {MAX_DOCUMENT // 2**20} MB; {_SPLIT}"
        yield stream.reject(_WHOLE, why, is_gap=True)
    else:
        yield from _members(stream, without_mark(document))


def _members(stream: Stream, document: bytes) -> Iterator[Piece | Reject]:
    try:
        tree = orjson.loads(document)
    except orjson.JSONDecodeError as problem:
        yield from _broken(stream, document, problem)
        return
    if isinstance(tree, dict) and "studies" not in tree:
        yield Piece(stream.source, _WHOLE, document)
        return
    name, members = ("", tree) if isinstance(tree, list) else ("studies", tree["studies"])
    if not isinstance(members, list):
        yield stream.reject("studies", "is not a list of studies", document, is_gap=True)
        return
    for at in range(len(members)):
        place = f"{name}[{at}]"
        # Each member is let go as soon as it is handed over.
        member, members[at] = members[at], None
        try:
            yield Piece(stream.source, place, orjson.dumps(member))
        except orjson.JSONEncodeError:
            yield stream.reject(place, "is nested too deep to be a study")
    if isinstance(tree, dict) and _is_short(tree, len(members)):
        why = f"the listing counts {tree['totalCount']:,} studies and holds {len(members):,}"
        yield stream.reject("totalCount", why, is_gap=True)


def _is_short(page: dict[str, Any], held: int) -> bool:
    """Whether a page that no other follows holds fewer studies than its listing counts."""
    counted = page.get("totalCount")
    return type(counted) is int and held < counted and "nextPageToken" not in page


def _broken(
    stream: Stream, document: bytes, problem: orjson.JSONDecodeError
) -> Iterator[Piece | Reject]:
    if problem.msg.startswith("unexpected end of data") or _ends_in_a_letter(document):
        yield stream.reject(
            _WHOLE, "the file ends in the middle of its JSON", document, is_gap=True
        )
    elif document[:1] == b"[" or b'"studies"' in document[:1000]:
        why = f"not JSON that can be read ({problem.msg}, at character {problem.pos})"
        yield stream.reject(_WHOLE, why, document, is_gap=True)
    else:
        yield Piece(stream.source, _WHOLE, document)


def _ends_in_a_letter(document: bytes) -> bool:
    """Whether the bytes stop within one UTF-8 character."""
    try:
        document[-4:].decode(errors="strict")
    except UnicodeDecodeError as problem:
        return problem.reason == "unexpected end of data"
    return False


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: bytes
    is_ended: bool = True
    is_too_long: bool = False


def _lines(stream: Stream) -> Iterator[_Line]:
    """Every line that is not blank; of an over-long one only the beginning is kept."""
    number = 0
    while whole := stream.bytes_in.readline(MAX_LINE + 1):
        number += 1
        is_ended = whole.endswith(b"\n")
        if len(whole) > MAX_LINE and not is_ended:
            beginning = whole[:SHOWN_BYTES]
            del whole
            while (more := stream.bytes_in.readline(2**20)) and not more.endswith(b"\n"):
                pass
            yield _Line(number, beginning, is_too_long=True)
        elif text := without_mark(whole).rstrip():
            yield _Line(number, text, is_ended)


def _line_piece(stream: Stream, line: _Line) -> Piece | Reject:
    place = f"line {line.number}"
    if line.is_too_long:
        why = f"is longer than {MAX_LINE // 2**20} MB, too long for one study; {_SPLIT}"
        return stream.reject(place, why, line.text, is_gap=True)
    if not line.is_ended and not _is_json(line.text):
        return stream.reject(
            place, "the file ends in the middle of a record", line.text, is_gap=True
        )
    return Piece(stream.source, place, line.text)


def _is_by_line(first: _Line, second: _Line) -> bool:
    """Whether two lines are two records, and not the beginning of one document on many lines.

    A document on many lines breaks after an opening or a comma; so may a damaged record, but then
    the line after it is a record by itself.
    """
    if first.is_too_long or second.is_too_long or not first.text.endswith(_OPENERS):
        return True
    return b'"protocolSection"' in second.text and _is_json(second.text)


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
