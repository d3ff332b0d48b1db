"""Asks a server politely: one request at a time, paced, bounded, and again when that may help."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPException
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

import ctmonitor
from ctmonitor.errors import QuestionRefused, SourceUnreadable, TooMany
from ctmonitor.sources.bodies import TooLarge, Unfit, read_body
from ctmonitor.sources.deadline import Lines, Tied
from ctmonitor.sources.names import printable
from ctmonitor.sources.pace import Manners, Pace, server_name
from ctmonitor.sources.reasons import lasting, said, said_of, words_in

__all__ = ["Answer", "Client", "Manners", "Unfit"]

T = TypeVar("T")

_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_CONNECT_SECONDS: Final = 10.0
_MOST_MOVES: Final = 5
_TAG: Final = re.compile(r'(?:W/)?"?[^"/]*/[^"/]*/([0-9a-z]+)(?:-+gzip|;gzip)?"?', re.ASCII)
_FIRST_YEAR: Final = 2000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


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
        self._session = _session(manners, Tied(self._lines))

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
        asked = _Asked(f"{self._base}{path}{f'?{query}' if query else ''}")
        while True:
            try:
                answer = self._ask(asked)
                if answer is not None:
                    if answer.code in answers:
                        return read(answer)
                    raise self._refusal(answer)
            except (_Fault, Unfit) as fault:
                self._try_again(asked, fault)

    def _ask(self, asked: _Asked) -> Answer | None:
        """The answer to one request; None when it led elsewhere, which is asked next."""
        seconds = self._pace.turn()
        self.requests += 1
        with self._lines.bounded(seconds) as past:
            try:
                answer, place = self._exchange(asked, seconds)
            except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
                raise _Fault(said(error) if not past.is_set() else _late(seconds)) from error
            except Unfit as error:
                raise _Fault(error.why if not past.is_set() else _late(seconds)) from error
            if past.is_set():
                raise _Fault(_late(seconds))
        if place is None:
            return answer
        self._follow(asked, place)
        return None

    def _exchange(self, asked: _Asked, seconds: float) -> tuple[Answer, str | None]:
        """One request and its answer, with the place a redirect leads to."""
        # A name may have several addresses, each tried in turn; once connected, what bounds the
        # request is its deadline, and the timeout of one read only stands behind it.
        timeout = (min(_CONNECT_SECONDS, seconds / 4), seconds + 1)
        with self._session.get(
            asked.target, stream=True, timeout=timeout, allow_redirects=False
        ) as response:
            code, headers = response.status_code, response.headers
            place = headers.get("Location") if 300 <= code < 400 else None
            if code in _RETRIED:
                wait = self._pace.asked_for(headers.get("Retry-After"))
                raise _Fault(f"it answered {said_of(code)}", wait)
            body = b"" if place is not None else self._body(response)
            answer = Answer(
                code,
                body,
                headers.get("Content-Type", "").partition(";")[0].strip().lower(),
                release_in(headers.get("ETag")),
                self._path(asked.target),
                asked.moved,
            )
            return answer, place

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
            is_same = _server(target) == _server(asked.target)
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
        self._pace.back_off(asked.tries, fault.wait if isinstance(fault, _Fault) else 0.0, why)
        self.retries += 1

    def _path(self, target: str) -> str:
        """The path of a target, below the address where it is."""
        base = urlsplit(self._base).path
        path = urlsplit(target).path
        return path.removeprefix(base) if path.startswith(f"{base}/") else path

    def _unreadable(self, why: str) -> SourceUnreadable:
        return SourceUnreadable(self.manners.name, why)


def release_in(tag: str | None) -> str | None:
    """The instant of a release, in UTC, from the ETag of an answer; None when it tells none.

    Its third part is that instant in base-36 milliseconds: `"5a4d1c7/0.34.1/mtmq3wmo"`.
    """
    found = _TAG.fullmatch((tag or "").strip())
    if found is None or len(found[1]) > 10:
        return None
    try:
        instant = _EPOCH + timedelta(milliseconds=int(found[1], 36))
    except OverflowError:
        return None
    return f"{instant:%Y-%m-%dT%H:%M:%S}" if instant.year >= _FIRST_YEAR else None


def _late(seconds: float) -> str:
    return f"it gave no whole answer within {lasting(seconds)}"


def _server(address: str) -> tuple[str, str | None, int | None]:
    split = urlsplit(address)
    return split.scheme, split.hostname, split.port or {"http": 80, "https": 443}.get(split.scheme)


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: redirects are followed here, and there the body would be read without a bound."""
        return None


def _session(manners: Manners, adapter: Tied) -> requests.Session:
    session = _Session()
    letters = [letter for letter in manners.contact or "" if letter.isascii()]
    contact = f" (+{printable(''.join(letters))})" if letters else ""
    session.headers.update(
        {
            "User-Agent": f"ctmonitor/{ctmonitor.__version__}{contact}",
            "Accept-Encoding": "gzip",
        }
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
    return session
