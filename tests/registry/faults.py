"""Everything that goes wrong with a registry, each to be had on demand.

A `Fault` says what happens; an `On` says to which requests. Without an `On` nothing is wrong.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from fnmatch import fnmatchcase
from typing import Protocol

import orjson

from tests.registry import wire
from tests.registry.answers import usual_answer
from tests.registry.messages import Answer, Asked, sentence
from tests.registry.pages import Token, page_body, read_token
from tests.registry.releases import Registry

MAINTENANCE = b"<html><head><title>Maintenance</title></head><body>Back soon.</body></html>"


class Host(Protocol):
    """The server that a fault may act on before it answers."""

    registry: Registry

    def go_away(self, seconds: float) -> None:
        """Refuse connections for a while."""


Remake = Callable[[Answer, Asked, Registry], Answer]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong: before the answer is made, in the answer, or while it is sent."""

    name: str
    before: Callable[[Host], object] = lambda host: None
    remake: Remake = lambda answer, asked, registry: answer
    send: wire.Sender = wire.whole
    is_plain: bool = False
    """Whether the answer is never packed, so that a cut falls where it is told to."""


@dataclass(frozen=True, slots=True)
class On:
    """To which requests a fault happens: from the `nth` that fits on, `times` times."""

    fault: Fault
    path: str = "*"
    """`/studies`, `/version`, `/studies/*`, or all."""
    nth: int = 1
    times: float = 1
    """`math.inf` for ever."""
    holding: str = ""
    """Text that the path or query as sent must hold."""

    def fits(self, asked: Asked) -> bool:
        """Whether it is about such a request."""
        return fnmatchcase(asked.path, self.path) and self.holding in asked.target


@dataclass(slots=True)
class Script:
    """Which faults happen when; the first that fits is the one."""

    lines: tuple[On, ...]
    seen: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault_for(self, asked: Asked) -> Fault | None:
        """What goes wrong with this request."""
        found = None
        with self.lock:
            for place, on in enumerate(self.lines):
                if on.fits(asked):
                    self.seen[place] += 1
                    if found is None and 0 <= self.seen[place] - on.nth < on.times:
                        found = on.fault
        return found


def answering(
    code: int, body: bytes = b"", content_type: str = "text/html", **headers: str
) -> Fault:
    """Another answer altogether; `retry_after` in a header's name is Retry-After."""
    named = tuple((name.replace("_", "-").title(), value) for name, value in headers.items())
    answer = Answer(code, body, content_type, named)
    return Fault(f"answering {code}", remake=lambda *_: answer)


def too_many(retry_after: int | datetime | str | None = None) -> Fault:
    """429; with Retry-After as seconds, as a date, or as it is given."""
    answer = sentence(429, "Too Many Requests")
    if isinstance(retry_after, datetime):
        retry_after = format_datetime(retry_after, usegmt=True)
    if retry_after is not None:
        answer = replace(answer, headers=(("Retry-After", str(retry_after)),))
    return Fault("too many requests", remake=lambda *_: answer)


def narrow(most: int = 2000) -> Fault:
    """Addresses longer than so many characters are refused with 414, by the server in front."""

    def remake(answer: Answer, asked: Asked, registry: Registry) -> Answer:
        refusal = b"<html><body>414 URI Too Long</body></html>"
        return answer if len(asked.target) <= most else Answer(414, refusal, "text/html")

    return Fault(f"narrow {most}", remake=remake)


def failing(code: int = 503) -> Fault:
    """500, 502, 503 or 504, with the page of a server in front."""
    return replace(
        answering(code, b"<html><body>upstream error</body></html>"), name=f"failing {code}"
    )


def maintenance() -> Fault:
    """A page for people, and 200."""
    return replace(answering(200, MAINTENANCE, "text/html; charset=utf-8"), name="maintenance")


def moved(to: str, code: int = 302) -> Fault:
    """A redirect to a path or to another host."""
    return replace(answering(code, location=to), name=f"moved {code}")


def gone(seconds: float) -> Fault:
    """This request is hung up on, and connections are refused for a while."""
    return Fault("gone", before=lambda host: host.go_away(seconds), send=wire.hung_up)


def hung_up() -> Fault:
    """The connection is closed without a word."""
    return Fault("hung up", send=wire.hung_up)


def reset(at: int = 0) -> Fault:
    """The connection is reset after so many bytes."""
    return Fault(f"reset at {at}", send=wire.reset_at(at))


def silent() -> Fault:
    """Nothing is ever said."""
    return Fault("silent", send=wire.silent)


def cut(at: int) -> Fault:
    """The body ends after so many bytes; its length told otherwise."""
    return Fault(f"cut at {at}", send=wire.cut_at(at), is_plain=True)


def wrong_length(more: int) -> Fault:
    """The length that is told is wrong by so many bytes."""
    return Fault(f"length off by {more}", send=wire.length_off_by(more), is_plain=True)


def cut_chunks(at: int) -> Fault:
    """A chunked body ends after so many bytes, with no last chunk."""
    return Fault(f"chunks cut at {at}", send=wire.chunks_cut_at(at), is_plain=True)


def cut_unsized(at: int) -> Fault:
    """A body without a length ends after so many bytes; only a reader of JSON can tell."""
    return Fault(f"unsized cut at {at}", send=wire.unsized_cut_at(at), is_plain=True)


def drip_headers(per_second: float = 2) -> Fault:
    """The headers come a byte at a time."""
    return Fault("dripped headers", send=wire.headers_dripped(per_second))


def drip_body(per_second: float = 2) -> Fault:
    """The body comes a byte at a time."""
    return Fault("dripped body", send=wire.body_dripped(per_second), is_plain=True)


def bomb(megabytes: int = 200) -> Fault:
    """The right answer behind so many megabytes of blanks, packed small."""
    return Fault("gzip bomb", send=wire.bomb_of(megabytes), is_plain=True)


def rangeless() -> Fault:
    """Whoever asks for a part gets all."""
    return Fault("rangeless", remake=asked_without("range"))


def careless_range() -> Fault:
    """A part is given of whatever file is there, though it was asked for of another one."""
    return Fault("careless range", remake=asked_without("if-range"))


def unlabeled(*kept: str) -> Fault:
    """Nothing tells one file from another: no ETag and no Last-Modified, or only what is kept."""

    def remake(answer: Answer, asked: Asked, registry: Registry) -> Answer:
        gone = {"ETag", "Last-Modified"} - set(kept)
        return replace(answer, headers=tuple(one for one in answer.headers if one[0] not in gone))

    return Fault("unlabeled", remake=remake)


def expired_token() -> Fault:
    """A page token is refused though the release is the same; a first page is answered."""

    def remake(answer: Answer, asked: Asked, registry: Registry) -> Answer:
        token = asked.query.get("pageToken")
        if token is None:
            return answer
        return sentence(400, f"Invalid value in parameter `pageToken`: `{token}`")

    return Fault("expired token", remake=remake)


def refreshed() -> Fault:
    """The next release comes out just before this answer."""
    return Fault("refreshed", before=lambda host: host.registry.advance())


def stepped_back() -> Fault:
    """An older replica answers, from now on: the data timestamp goes backwards."""
    return Fault("stepped back", before=lambda host: host.registry.step_back())


def reshuffled(seed: int = 1) -> Fault:
    """The order of the release's studies changes, so that pages overlap and miss some."""
    return Fault(
        "reshuffled",
        before=lambda host: host.registry.replace(host.registry.current.shuffled(seed)),
    )


def vanished(*numbers: str) -> Fault:
    """These studies are no longer in the release, whose date stays."""
    return Fault(
        "vanished",
        before=lambda host: host.registry.replace(host.registry.current.without(*numbers)),
    )


def lost_page(count: int = 1) -> Fault:
    """The token of this page leads past as many studies as are lost."""
    return Fault(f"lost {count}", remake=_page_remade(lambda token, _: _shifted(token, count)))


def repeated(count: int = 1) -> Fault:
    """The next page repeats the last studies of this one."""
    return Fault(f"repeated {count}", remake=_page_remade(lambda token, _: _shifted(token, -count)))


def ended_early() -> Fault:
    """This page has no token though more studies are to come."""
    return Fault("ended early", remake=_page_remade(lambda *_: None))


def empty_page() -> Fault:
    """A page with no studies, and a token that leads to the studies it should have had."""

    def same_place(token: Token | None, asked: Asked) -> Token | None:
        said = asked.query.get("pageToken")
        if said is not None:
            return read_token(said)
        return replace(token, start=0) if token else None

    return Fault("empty page", remake=_page_remade(same_place, with_studies=False))


def empty_listing() -> Fault:
    """A registry with nothing in it: `{"studies":[]}`, well-formed and final."""
    return replace(answering(200, b'{"studies":[]}', "application/json"), name="empty listing")


def asked_without(name: str) -> Remake:
    """The answer to the same request without one of its headers."""

    def remake(answer: Answer, asked: Asked, registry: Registry) -> Answer:
        headers = {key: value for key, value in asked.headers.items() if key != name.lower()}
        return usual_answer(replace(asked, headers=headers), registry)

    return remake


def _shifted(token: Token | None, by: int) -> Token | None:
    return replace(token, start=token.start + by) if token else None


def _page_remade(
    token_after: Callable[[Token | None, Asked], Token | None], *, with_studies: bool = True
) -> Remake:
    """A page with another token; answers that are no page stay."""

    def remake(answer: Answer, asked: Asked, registry: Registry) -> Answer:
        if answer.code != 200 or asked.path != "/studies":
            return answer
        said = orjson.loads(answer.body)
        token = said.get("nextPageToken")
        more = token_after(read_token(token) if token else None, asked)
        shown = [orjson.dumps(study) for study in said["studies"]] if with_studies else []
        return replace(answer, body=page_body(shown, said.get("totalCount"), more))

    return remake


def at_random(
    kinds: Sequence[Fault], *, seed: int, share: float, among: int = 1000
) -> tuple[On, ...]:
    """Faults for a share of the first so many requests; the same for the same seed."""
    rng = random.Random(seed)
    struck = sorted(rng.sample(range(1, among + 1), round(share * among)))
    return tuple(On(rng.choice(kinds), nth=number) for number in struck)


def read_faults(lines: Iterable[str]) -> tuple[On, ...]:
    """Faults as a command line names them: `failing:503,path=/studies,nth=3,times=2`."""
    return tuple(_read_fault(line) for line in lines)


def _read_fault(line: str) -> On:
    (named, *more) = line.split(",")
    name, _, value = named.partition(":")
    made = NAMED[name](_number(value)) if value else NAMED[name]()
    said = dict(item.split("=", 1) for item in more)
    numbers = {key: float(said.pop(key)) for key in ("nth", "times") if key in said}
    return On(made, **said, **numbers)


def _number(text: str) -> int | str:
    return int(text) if text.lstrip("-").isdigit() else text


NAMED: dict[str, Callable[..., Fault]] = {
    made.__name__.replace("_", "-"): made
    for made in (
        *(too_many, failing, maintenance, moved, gone, hung_up, reset, silent, cut, wrong_length),
        *(cut_chunks, cut_unsized, drip_headers, drip_body, bomb, expired_token, refreshed),
        *(stepped_back, reshuffled, vanished, lost_page, repeated, ended_early, empty_page),
        *(empty_listing, narrow, rangeless, careless_range, unlabeled),
    )
}
"""Every fault by the name a command line gives it."""
