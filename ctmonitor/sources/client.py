"""Asks a server politely: one request at a time, paced, bounded, and again when that may help."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPException
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from ctmonitor.errors import QuestionRefused, SourceUnreadable, TooMany
from ctmonitor.sources.arriving import Arriving, Taker
from ctmonitor.sources.bodies import TooLarge, Unfit, read_body
from ctmonitor.sources.deadline import Lines
from ctmonitor.sources.pace import Manners, Pace, server_name
from ctmonitor.sources.reasons import lasting, said, said_of, words_in
from ctmonitor.sources.session import is_same_server, session
from ctmonitor.sources.tags import release_in

__all__ = ["Answer", "Client", "Manners", "Unfit", "release_in"]

T = TypeVar("T")

_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_CONNECT_SECONDS: Final = 10.0
_MOST_MOVES: Final = 5
_PIECE_BYTES: Final = 2**16
_STRETCH_BYTES: Final = 2**20
_STRETCH_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, unpacked."""

    code: int
    body: bytes
    content_type: str
    """In small letters, without parameters: `application/json`."""
    release: str | None
    """The instant of the registry's release, from the ETag: `2026-03-02T09:00:05`, in UTC."""
    path: str
    """Below the address, after any redirects."""
    moved: tuple[str, ...] = ()
    """The paths that led here by a redirect, in order."""


@dataclass(slots=True)
class _Asked:
    """One question on its way through tries and redirects."""

    target: str
    moved: tuple[str, ...] = ()
    tries: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    late: str = "it gave no whole answer within {}"


_Read: TypeAlias = Callable[[requests.Response, _Asked, float], T]


class _Fault(Exception):
    """A try failed in a way that another may not; `wait` is what the server asked for."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.wait = wait


class Client:
    """Asks one server; for one thread."""

    def __init__(
        self,
        manners: Manners,
        *,
        sleep: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.manners = manners
        self.requests = 0
        self.retries = 0
        self.bytes_received = 0
        self._base = manners.url.rstrip("/")
        self._pace = Pace(manners, sleep, monotonic, now, jitter)
        self._lines = Lines()
        self._session = session(manners, self._lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()
        self._lines.close()

    def get(
        self,
        path: str,
        query: str = "",
        *,
        read: Callable[[Answer], T],
        answers: Collection[int] = (200,),
    ) -> T:
        """What `read` makes of the answer to a path and an encoded query.

        `answers` are the codes that `read` is given. It raises Unfit for a body that is not what
        it should be, and the question is then asked again, as it is after a fault on the way.
        """
        asked = _Asked(self._target(path, query))
        while True:
            try:
                answer = self._ask(asked, self._whole)
                if answer is not None:
                    if answer.code in answers:
                        return read(answer)
                    raise self._refusal(answer)
            except (_Fault, Unfit) as fault:
                self._try_again(asked, fault)

    def stream(
        self, path: str, query: str, taker: Taker[T], *, answers: Collection[int] = (200,)
    ) -> T:
        """What `taker` makes of an answer while its body comes, however long that takes in all.

        A body that stands still or drips is a fault, as what breaks it off. The time of a body is
        not counted among that which all requests together may take.
        """
        asked = _Asked(self._target(path, query), late="it sent less than 1 MB within {}")

        def read(response: requests.Response, asked: _Asked, seconds: float) -> T:
            if response.status_code not in answers:
                raise self._refusal(self._whole(response, asked, seconds))
            begun_at = self._pace.monotonic()
            try:
                return taker.take(_arriving(response, self._pieces(response, seconds)))
            finally:
                self._pace.allow(self._pace.monotonic() - begun_at)

        while True:
            try:
                asked.headers = {"Accept-Encoding": "identity", **taker.headers()}
                taken = self._ask(asked, read, most_seconds=_STRETCH_SECONDS)
                if taken is not None:
                    return taken
            except (_Fault, Unfit) as fault:
                asked.tries = 0 if taker.is_further() else asked.tries
                self._try_again(asked, fault)

    def _ask(self, asked: _Asked, read: _Read[T], *, most_seconds: float = math.inf) -> T | None:
        """What is read of one answer; None when it led elsewhere, which is asked next."""
        seconds = min(self._pace.turn(), most_seconds)
        late = asked.late.format(lasting(seconds))
        self.requests += 1
        with self._lines.bounded(seconds) as past:
            try:
                answer, place = self._exchange(asked, seconds, read)
            except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
                raise _Fault(said(error) if not past.is_set() else late) from error
            except Unfit as error:
                raise _Fault(error.why if not past.is_set() else late) from error
            if past.is_set():
                raise _Fault(late)
        if place is None:
            return answer
        self._follow(asked, place)
        return None

    def _exchange(
        self, asked: _Asked, seconds: float, read: _Read[T]
    ) -> tuple[T | None, str | None]:
        """One request and what is read of its answer, or the place a redirect leads to."""
        # A name may have several addresses, each tried in turn; once connected, what bounds the
        # request is its deadline, and the timeout of one read only stands behind it.
        timeout = (min(_CONNECT_SECONDS, seconds / 4), seconds + 1)
        how: dict[str, Any] = {"headers": asked.headers, "timeout": timeout, "stream": True}
        with self._session.get(asked.target, allow_redirects=False, **how) as response:
            code, headers = response.status_code, response.headers
            place = headers.get("Location") if 300 <= code < 400 else None
            if code in _RETRIED:
                wait = self._pace.asked_for(headers.get("Retry-After"))
                raise _Fault(f"it answered {said_of(code)}", wait)
            return (read(response, asked, seconds) if place is None else None), place

    def _whole(self, response: requests.Response, asked: _Asked, _: float) -> Answer:
        """An answer with all of its body."""
        return Answer(
            response.status_code,
            self._body(response),
            _content_type(response),
            release_in(response.headers.get("ETag")),
            self._path(asked.target),
            asked.moved,
        )

    def _pieces(self, response: requests.Response, seconds: float) -> Iterator[bytes]:
        """A body as it comes; each stretch of it must come within so many seconds."""
        read = response.raw.read
        stretch = 0
        while piece := read(_PIECE_BYTES, decode_content=False):
            self.bytes_received += len(piece)
            stretch += len(piece)
            if stretch >= _STRETCH_BYTES:
                self._lines.renew(seconds)
                stretch = 0
            yield piece

    def _body(self, response: requests.Response) -> bytes:
        raw = response.raw

        def read(count: int) -> bytes:
            part: bytes = raw.read(count, decode_content=False)
            self.bytes_received += len(part)
            return part

        coding = response.headers.get("Content-Encoding", "").strip().lower()
        try:
            return read_body(read, coding)
        except TooLarge as problem:
            if problem.is_swollen:
                raise self._unreadable(problem.why) from None
            raise TooMany(self.manners.name, problem.why) from None

    def _follow(self, asked: _Asked, place: str) -> None:
        """Turn a question to where a redirect leads, which must be the same server."""
        try:
            target = urljoin(asked.target, place)
            is_same = is_same_server(target, asked.target)
        except ValueError:
            raise self._unreadable("it sent us on to an address that is none") from None
        if not is_same:
            raise self._unreadable(f"it sent us on to another server, {server_name(target)}")
        asked.moved = (*asked.moved, self._path(asked.target))
        asked.target = target
        if len(asked.moved) > _MOST_MOVES:
            raise self._unreadable(
                f"it sent us on more than {_MOST_MOVES} times, perhaps in a circle"
            )

    def _refusal(self, answer: Answer) -> Exception:
        """What an answer means that no question was prepared for; no other try would help."""
        if answer.code == HTTPStatus.BAD_REQUEST and (words := words_in(answer)):
            return QuestionRefused(words)
        if answer.code == HTTPStatus.FORBIDDEN:
            why = "it refuses to answer us (403, Forbidden), perhaps this address or this program"
            return self._unreadable(why)
        return self._unreadable(f"it answered {said_of(answer.code)} about {answer.path}")

    def _try_again(self, asked: _Asked, fault: _Fault | Unfit) -> None:
        """Wait before another try; when there is none left, say what is wrong."""
        asked.tries += 1
        why = fault.why
        if asked.tries > 1:
            why = f"asked {asked.tries} times, and the last time {why}"
        if asked.tries >= self.manners.tries:
            raise self._unreadable(why) from fault
        # What is left of a bad answer is not to be taken for the next: another line is.
        self._session.close()
        self._pace.back_off(asked.tries, fault.wait if isinstance(fault, _Fault) else 0.0, why)
        self.retries += 1

    def _target(self, path: str, query: str) -> str:
        return f"{self._base}{path}{f'?{query}' if query else ''}"

    def _path(self, target: str) -> str:
        """The path of a target, below the address where it is."""
        base = urlsplit(self._base).path
        path = urlsplit(target).path
        return path.removeprefix(base) if path.startswith(f"{base}/") else path

    def _unreadable(self, why: str) -> SourceUnreadable:
        return SourceUnreadable(self.manners.name, why)


def _content_type(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _arriving(response: requests.Response, pieces: Iterator[bytes]) -> Arriving:
    return Arriving(response.status_code, response.headers, _content_type(response), pieces)
