"""The registry's own API: pages of studies, single studies, and which release they are from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final, TypeVar
from urllib.parse import quote

import msgspec

from ctmonitor.errors import TokenExpired, TooMany
from ctmonitor.sources.bodies import Unfit
from ctmonitor.sources.client import Answer, Client
from ctmonitor.sources.reasons import words_in

T = TypeVar("T")

_ASKING_TOO_MUCH: Final = frozenset({400, 413, 414, 431})
_TIMESTAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    """Some studies of a listing."""

    studies: tuple[bytes, ...]
    """The exact bytes of each; that they are JSON is checked, what is in them is not."""
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


class Registry:
    """ClinicalTrials.gov, or a server that answers as it does."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return self.client.requests

    def version(self) -> str:
        """The instant of the release on show, in UTC: `2026-09-04T09:00:06`."""
        return self.client.get("/version", read=_timestamp)

    def page(
        self,
        asked: Mapping[str, str],
        *,
        fields: Sequence[str] = (),
        token: str | None = None,
        size: int = 1000,
    ) -> Page:
        """The first page of what is asked for, with its count, or the one that a token leads to.

        Raises TokenExpired when a token leads nowhere any more.
        """
        last = {"countTotal": "true"} if token is None else {"pageToken": token}
        query = _query({**asked, **_fields(fields), "pageSize": str(size), **last})
        if token is None:
            return self.client.get("/studies", query, read=_page)

        def read(answer: Answer) -> Page:
            if answer.code == HTTPStatus.OK:
                return _page(answer)
            why = words_in(answer) or "it answered 400 (Bad Request) to a page token"
            raise TokenExpired(self.client.manners.name, why)

        return self.client.get("/studies", query, read=read, answers=(200, 400))

    def numbers(self, nct_ids: Sequence[str], *, fields: Sequence[str] = ()) -> Page:
        """The studies that have or had these numbers, on one page.

        Raises TooMany when they are more than the registry answers at once.
        """
        named = {"filter.ids": ",".join(nct_ids), **_fields(fields)}
        query = _query({**named, "pageSize": str(len(nct_ids))})
        if len(nct_ids) < 2:
            return self.client.get("/studies", query, read=_page)

        def read(answer: Answer) -> Page:
            if answer.code == HTTPStatus.OK:
                return _page(answer)
            why = words_in(answer) or f"it answered {answer.code} to {len(nct_ids)} numbers"
            raise TooMany(self.client.manners.name, why)

        return self.client.get("/studies", query, read=read, answers=(200, *_ASKING_TOO_MUCH))

    def study(self, nct_id: str) -> Answered | None:
        """One study, also by a number it had before; None when there is none."""
        return self.client.get(f"/studies/{nct_id}", read=_study, answers=(200, 404))


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


def _page(answer: Answer) -> Page:
    body = _decoded(answer, _PAGE)
    studies = tuple(bytes(study) for study in body.studies)
    for study in studies:
        _check_letters(study)
    return Page(studies, body.nextPageToken, body.totalCount, answer.release)


def _timestamp(answer: Answer) -> str:
    told = _decoded(answer, _VERSION).dataTimestamp
    found = _TIMESTAMP.fullmatch(told)
    try:
        return datetime.fromisoformat(found[1]).isoformat() if found else _no_timestamp()
    except ValueError:
        return _no_timestamp()


def _no_timestamp() -> str:
    raise Unfit("it told no instant of a release that can be read")


def _study(answer: Answer) -> Answered | None:
    if answer.code == HTTPStatus.NOT_FOUND:
        return None
    number = _decoded(answer, _STUDY).protocolSection.identificationModule.nctId
    _check_letters(answer.body)
    moved = tuple(path.rpartition("/")[2] for path in answer.moved)
    return Answered(answer.body, number, moved, answer.release)


def _decoded(answer: Answer, decoder: msgspec.json.Decoder[T]) -> T:
    """The body as what it should be; each part that is handed on raw is JSON too."""
    if answer.content_type not in ("application/json", ""):
        page = answer.content_type in ("text/html", "application/xhtml+xml")
        raise Unfit(f"it sent {'a web page' if page else 'something else'}, not JSON")
    try:
        return decoder.decode(answer.body)
    except msgspec.ValidationError as problem:
        raise Unfit(f"its answer was not what it should be ({problem})") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unfit("its answer was cut off or is not JSON") from None


def _check_letters(study: bytes) -> None:
    # The decoder looks at the shape of what it hands on raw, not at its letters.
    try:
        _ = study.isascii() or study.decode()
    except UnicodeDecodeError:
        raise Unfit("its answer is not UTF-8") from None


def _fields(fields: Sequence[str]) -> dict[str, str]:
    return {"fields": ",".join(fields)} if fields else {}


def _query(asked: Mapping[str, str]) -> str:
    """The query, with commas as they are: a thousand numbers are long enough without."""
    return "&".join(f"{quote(name)}={quote(value, safe=',')}" for name, value in asked.items())
