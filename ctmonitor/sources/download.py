"""The registry's bulk download: fetched once a release, gone on with where it broke off, whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from ctmonitor.errors import SourceUnreadable
from ctmonitor.sources.arriving import Arriving
from ctmonitor.sources.bodies import Unfit
from ctmonitor.sources.client import Client
from ctmonitor.sources.ctgov import Registry
from ctmonitor.sources.names import printable
from ctmonitor.sources.part import (
    Origin,
    Part,
    Unwritable,
    alone,
    amount,
    disk,
    origin_of,
    read_origin,
)
from ctmonitor.sources.tags import release_in

NAME: Final = "ctg-studies.json.zip"
"""The file, in whatever folder; until it is whole it is called `.part`."""

_PATH, _QUERY = "/studies/download", "format=json.zip"
_ANSWERS: Final = (200, 206, 304, 416)
_TYPES: Final = (
    "application/zip",
    "application/x-zip-compressed",
    "application/octet-stream",
    "binary/octet-stream",
)
_SPAN: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII | re.IGNORECASE)
_ARCHIVE: Final = b"PK"
_WHOLE_TRIES: Final = 2

Check = Callable[[BinaryIO], object]
"""Raises SourceUnreadable for an archive that is not whole."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is written, and what counts as getting on."""

    most_bytes: int = 64 * 2**30
    """Of the archive; the registry's has some 2.7 GB."""
    gain_bytes: int = 16 * 2**20
    """A try that gets so much further than any before begins the count of tries anew."""
    sure_bytes: int = 64 * 2**20
    """The most that a power cut can cost."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """The registry's archive, whole."""

    path: Path
    size: int
    release: str | None
    """The instant of its release, in UTC: `2026-03-02T09:00:05`; None where none is told."""
    etag: str | None
    is_new: bool
    """Whether it was fetched now; otherwise it was there, and is what the server has."""


def download(
    asked: Client | Registry,
    folder: Path,
    *,
    check: Check,
    progress: Callable[[int, int | None], object] | None = None,
    bounds: Bounds | None = None,
) -> Downloaded:
    """Bring the registry's archive into a folder, as far as it is not there yet.

    `progress` hears how many bytes are there, and of how many where that is known. An archive has
    its name only when its size is right and `check` has nothing against it; what there was before
    stays until then, and so does what came of one that broke off.
    """
    client = asked.client if isinstance(asked, Registry) else asked
    try:
        with alone(folder / f"{NAME}.lock") as is_alone:
            if not is_alone:
                why = "another process is fetching the archive into it"
                raise Unwritable(why, "wait until it has finished, or name another folder")
            fetching = _Fetching(
                client, folder, check, progress=progress or _silent, bounds=bounds or Bounds()
            )
            return fetching.fetched()
    except Unwritable as problem:
        raise SourceUnreadable(printable(str(folder)), problem.why, problem.mend) from problem


class _Fetching:
    """One download, in as many tries as it needs."""

    def __init__(
        self,
        client: Client,
        folder: Path,
        check: Check,
        *,
        progress: Callable[[int, int | None], object],
        bounds: Bounds,
    ) -> None:
        self._client = client
        self._final = folder / NAME
        self._check = check
        self._progress = progress
        self._bounds = bounds
        self._url = _address(client)
        self._held = self._whole_one()
        self._part = Part(folder / f"{NAME}.part", sure_bytes=bounds.sure_bytes)
        self._furthest = self._part.length
        self._from = 0

    def fetched(self) -> Downloaded:
        """The archive; asked for again when it came whole and was none."""
        try:
            for _ in range(_WHOLE_TRIES):
                if not self._arrived() and self._held is not None:
                    self._part.drop()
                    return self._downloaded(self._held, is_new=False)
                why = self._fault_in(self._part.path)
                if why is None:
                    self._part.become(self._final)
                    origin = self._part.origin or Origin(self._url)
                    return self._downloaded(origin, is_new=True)
                self._part.drop()
        finally:
            self._part.close()
        raise SourceUnreadable(
            self._client.manners.name,
            f"it sent an archive {_WHOLE_TRIES} times that cannot be used: {why}",
            "try again later",
        )

    def headers(self) -> Mapping[str, str]:
        """All of it, or what is missing; nothing if the server has what is there whole."""
        part = self._part
        if part.origin is not None and part.origin.url != self._url:
            part.drop()
        asked = _unless_as(self._held) if self._held else {}
        self._from = 0
        if part.origin is not None and part.length and part.origin.validator:
            # Of what came whole the last byte is asked for again: the server tells by that
            # whether it still is its file.
            self._from = min(part.length, (part.origin.size or part.length + 1) - 1)
            asked["Range"] = f"bytes={self._from}-"
            asked["If-Range"] = part.origin.validator
        return asked

    def take(self, arriving: Arriving) -> bool:
        """Write what comes; False when the server has nothing but what is there whole."""
        if arriving.code == HTTPStatus.NOT_MODIFIED:
            if self._held is None:
                raise Unfit("it said that nothing is new since a time that was not asked about")
            return False
        if arriving.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            self._part.drop()
            raise Unfit("its file ends before what is already there")
        _check_head(arriving)
        told = self._told(arriving)
        if arriving.code == HTTPStatus.OK and self._held is not None and self._held.is_as(told):
            return False
        self._check_size(told.size)
        first = next(arriving.pieces, b"")
        if arriving.code == HTTPStatus.PARTIAL_CONTENT:
            self._part.go_on(self._from, told)
        elif first.startswith(_ARCHIVE):
            self._part.begin(told)
        else:
            raise Unfit("it sent something else, not a zip archive")
        self._write(chain((first,), arriving.pieces), told.size)
        return True

    def is_further(self) -> bool:
        """Whether the last try got far beyond all before."""
        is_further = self._part.length >= self._furthest + self._bounds.gain_bytes
        if is_further:
            self._furthest = self._part.length
        return is_further

    def _arrived(self) -> bool:
        try:
            return self._client.stream(_PATH, _QUERY, self, answers=_ANSWERS)
        except SourceUnreadable as problem:
            origin, length = self._part.origin, self._part.length
            if origin is None or origin.validator is None or length == 0:
                raise
            whole = f" of {amount(origin.size)}" if origin.size else ""
            mend = f"{amount(length)}{whole} are kept; run it again to go on from there"
            raise SourceUnreadable(problem.source, problem.why, mend) from problem

    def _write(self, pieces: Iterable[bytes], size: int | None) -> None:
        try:
            for piece in pieces:
                if self._part.length + len(piece) > self._bounds.most_bytes:
                    self._refuse_size()
                self._part.append(piece)
                self._progress(self._part.length, size)
        finally:
            self._part.keep()
        if size is not None and self._part.length != size:
            raise Unfit("its answer was broken off")

    def _told(self, arriving: Arriving) -> Origin:
        """Which file an answer is of; a part of another one than was begun is Unfit."""
        headers = arriving.headers
        told = Origin(self._url, _word(headers.get("ETag")), _word(headers.get("Last-Modified")))
        if arriving.code == HTTPStatus.OK:
            return replace(told, size=_number(headers.get("Content-Length")))
        begun = self._part.origin
        span = _SPAN.fullmatch(headers.get("Content-Range", "").strip())
        if begun is None or span is None or int(span[1]) != self._from:
            self._part.drop()
            raise Unfit("it sent another part of its file than was asked for")
        told = replace(told, size=_number(span[3]))
        if begun.is_other_than(told):
            self._part.drop()
            raise Unfit("it sent a part of another file than was begun")
        return replace(begun, size=begun.size or told.size)

    def _check_size(self, size: int | None) -> None:
        if size is not None:
            if size > self._bounds.most_bytes:
                self._refuse_size()
            self._part.check_room(size)

    def _refuse_size(self) -> None:
        self._part.drop()
        most = amount(self._bounds.most_bytes)
        raise SourceUnreadable(self._client.manners.name, f"its archive has more than {most}")

    def _whole_one(self) -> Origin | None:
        """The archive that is there, of the same address; None when there is none to be used."""
        origin = read_origin(origin_of(self._final))
        if origin is None or origin.url != self._url or not self._final.is_file():
            return None
        is_whole = _size(self._final) == origin.size
        return origin if is_whole and self._fault_in(self._final) is None else None

    def _fault_in(self, path: Path) -> str | None:
        """Why an archive cannot be used; None when it can."""
        with disk(), path.open("rb") as opened:
            try:
                self._check(opened)
            except SourceUnreadable as problem:
                return problem.why
        return None

    def _downloaded(self, origin: Origin, *, is_new: bool) -> Downloaded:
        size = _size(self._final)
        return Downloaded(self._final, size, release_in(origin.etag), origin.etag, is_new)


def _check_head(arriving: Arriving) -> None:
    if arriving.content_type not in _TYPES:
        what = "a web page" if "html" in arriving.content_type else "something else"
        raise Unfit(f"it sent {what}, not a zip archive")
    if arriving.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise Unfit("its answer was packed in a way that was not asked for")


def _unless_as(held: Origin) -> dict[str, str]:
    """Ask for a file unless it is as one that is there."""
    if held.etag:
        return {"If-None-Match": held.etag}
    return {"If-Modified-Since": held.last_modified} if held.last_modified else {}


def _address(client: Client) -> str:
    """What is fetched, without credentials."""
    base = urlsplit(client.manners.url).path.rstrip("/")
    return f"{client.manners.name}{base}{_PATH}?{_QUERY}"


def _size(path: Path) -> int:
    with disk():
        return path.stat().st_size


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _word(text: str | None) -> str | None:
    """What can be sent back in a header."""
    return text if text and text.isascii() and text.isprintable() else None


def _silent(*_: int | None) -> None:
    """Say nothing."""
