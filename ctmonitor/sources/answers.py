"""What the registry's answers hold; an answer that is not what it should be is Unfit."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final, TypeVar

import msgspec

from ctmonitor.sources.bodies import Unfit
from ctmonitor.sources.client import Answer
from ctmonitor.sources.reasons import words_in

T = TypeVar("T")

_TIMESTAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z?", re.ASCII)
_STUDIES: Final = re.compile(r'"studies"\s*:\s*\[\s*')
_BETWEEN: Final = re.compile(r"\s*(?:,\s*(?!\])|(?=\]))")
_LENIENT: Final = json.JSONDecoder(strict=False)
_WEB_PAGES: Final = ("text/html", "application/xhtml+xml")
_UTF_8: Final = codecs.getincrementaldecoder("utf-8")
_SLICE_BYTES: Final = 2**16
_OPENING: Final = re.compile(rb'\{(?:"totalCount":\d+,)?"studies":\[\n *(?=\{"protocolSection":)')
_NEXT: Final = b',\n  {"protocolSection":'
_CLOSING: Final = re.compile(rb'(?<=\})\n(\](?:,"nextPageToken":"[^"\\]+")?\})\Z')
_BROKEN: Final = "its answer was cut off or is not JSON"


@dataclass(frozen=True, slots=True)
class Page:
    """Some studies of a listing."""

    studies: tuple[bytes, ...]
    """The exact bytes of each; whether it is JSON is told where it is read."""
    token: str | None
    """Asks for the page after this; None on the last."""
    total: int | None
    """How many studies the listing has, where that was asked."""
    release: str | None


@dataclass(frozen=True, slots=True)
class Answered:
    """One study, and what became of the number it was asked for by."""

    payload: bytes
    nct_id: str
    """The number that the study has now."""
    moved: tuple[str, ...]
    """The numbers that led to it, in order; empty when it was asked for by its own."""
    release: str | None


def page_in(answer: Answer) -> Page:
    """The studies of a page, without looking into them."""
    _check_type(answer)
    lines = _lines(answer.body)
    if lines is not None:
        studies, around = lines
        head = _decoded(around, _PAGE)
        return Page(studies, head.nextPageToken, head.totalCount, answer.release)
    try:
        head = _PAGE.decode(answer.body)
        studies = tuple(bytes(study) for study in head.studies)
    except msgspec.ValidationError:
        raise Unfit("its answer was not what it should be: JSON of another kind") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        studies, around = _split(answer.body)
        head = _decoded(around, _PAGE)
        if head.studies:  # of two lists it cannot be told which is meant
            raise Unfit(_BROKEN) from None
    _check_letters(answer.body)
    return Page(studies, head.nextPageToken, head.totalCount, answer.release)


def study_in(answer: Answer) -> Answered | None:
    """The study; None when the registry itself says that it has none."""
    if answer.code == HTTPStatus.NOT_FOUND:
        # The registry says so in plain text; a web page comes from a server in front of it, which
        # knows nothing of studies.
        if words_in(answer) is None:
            raise Unfit("it answered 404 (Not Found) with a web page, not in its own words")
        return None
    _check_type(answer)
    number = _decoded(answer.body, _STUDY).protocolSection.identificationModule.nctId
    _check_letters(answer.body)
    moved = tuple(path.rpartition("/")[2] for path in answer.moved)
    return Answered(answer.body, number, moved, answer.release)


def timestamp_in(answer: Answer) -> str:
    """The instant of the release on show, to the second."""
    _check_type(answer)
    told = _TIMESTAMP.fullmatch(_decoded(answer.body, _VERSION).dataTimestamp)
    try:
        return datetime.fromisoformat(told[1] if told else "").isoformat()
    except ValueError:
        raise Unfit("it told no instant of a release that can be read") from None


class _PageBody(msgspec.Struct):
    studies: list[msgspec.Raw]
    nextPageToken: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    totalCount: Annotated[int, msgspec.Meta(ge=0)] | None = None


class _VersionBody(msgspec.Struct):
    dataTimestamp: str


class _Identification(msgspec.Struct):
    nctId: str


class _Protocol(msgspec.Struct):
    identificationModule: _Identification


class _StudyBody(msgspec.Struct):
    protocolSection: _Protocol


_PAGE: Final = msgspec.json.Decoder(_PageBody)
_VERSION: Final = msgspec.json.Decoder(_VersionBody)
_STUDY: Final = msgspec.json.Decoder(_StudyBody)


def _check_type(answer: Answer) -> None:
    if answer.content_type not in ("application/json", ""):
        what = "a web page" if answer.content_type in _WEB_PAGES else "something else"
        raise Unfit(f"it sent {what}, not JSON")


def _decoded(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise Unfit("its answer was not what it should be: JSON of another kind") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unfit(_BROKEN) from None


def _lines(body: bytes) -> tuple[tuple[bytes, ...], bytes] | None:
    """The studies of a page that has each on a line of its own, and what is around them.

    So the registry writes its pages, and no line break stands inside of JSON's strings. That a
    line holds one whole study is told where it is read: unless it is one that is known to be.
    """
    opening = _OPENING.match(body)
    last = body.rfind(b"\n")
    closing = _CLOSING.match(body, last)
    if opening is None or closing is None:
        return None
    studies = []
    at = opening.end()
    while at < last:
        end = body.find(b"\n", at)
        line = body[at:end] if end == last else body[at : end - 1]
        if not line.endswith(b"}") or (end < last and not body.startswith(_NEXT, end - 1)):
            return None
        studies.append(line)
        at = end + 3
    return tuple(studies), opening[0] + closing[1]


def _split(body: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """The studies of a whole page, one of which is not JSON by the letter; and what is around.

    A single half of a surrogate pair, or a control character, must cost that study and not all
    that share its page, on every day until somebody mends it.
    """
    try:
        text = body.decode()
        opening = _STUDIES.search(text)
        at = opening.end() if opening else len(text)
        studies = []
        while not text.startswith("]", at):
            _, end = _LENIENT.raw_decode(text, at)
            studies.append(text[at:end].encode())
            between = _BETWEEN.match(text, end)
            at = between.end() if between else len(text)
    except (ValueError, RecursionError):
        raise Unfit(_BROKEN) from None
    around = text[: opening.end()] + text[at:] if opening else text
    return tuple(studies), around.encode()


def _check_letters(body: bytes) -> None:
    # The decoder looks at the shape of what it hands on raw or passes over, not at its letters.
    # In slices: as one text a large page would take several times its size.
    decoder = _UTF_8()
    try:
        for at in range(0, len(body), _SLICE_BYTES):
            decoder.decode(body[at : at + _SLICE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Unfit("its answer is not UTF-8") from None
