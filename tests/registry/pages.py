"""Lists of studies, page by page, and the tokens that lead from one to the next."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import orjson

from tests.registry.fields import asked_fields, projected
from tests.registry.messages import Answer, NotCopied, Refused
from tests.registry.releases import Release, Study
from tests.registry.selection import CHOOSING, listed, selected

USUAL_SIZE = 10
LARGEST_SIZE = 1000
PARAMETERS = (
    *CHOOSING,
    *("format", "markupFormat", "fields", "countTotal", "pageSize", "pageToken"),
)


@dataclass(frozen=True, slots=True)
class Token:
    """Where a page begins, and in which release.

    The registry's token knows no query: with another query it leads to the same place of
    another list, unnoticed.
    """

    data_timestamp: str
    start: int

    def __str__(self) -> str:
        plain = f"{self.data_timestamp} {max(self.start, 0)}".encode()
        return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def read_token(text: str) -> Token:
    """The token written so; what is none is refused."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        data_timestamp, start = plain.split(" ")
        return Token(data_timestamp, int(start))
    except ValueError as error:
        raise _wrong("pageToken", text) from error


def page(release: Release, query: Mapping[str, str], *, takes_old_tokens: bool = False) -> Answer:
    """One page of the studies of a release that a request asks for."""
    check_format(query)
    size = _size(query.get("pageSize", ""))
    paths = _paths(query)
    count_wanted = _truth("countTotal", query.get("countTotal", "false"))
    start = _start(release, query.get("pageToken", ""), takes_old_tokens=takes_old_tokens)
    choosing = tuple((name, query[name]) for name in CHOOSING if name in query)
    studies = _selected(release, choosing)
    shown = [_shown(study, paths) for study in studies[start : start + size]]
    more = Token(release.data_timestamp, start + size) if start + size < len(studies) else None
    total = len(studies) if count_wanted and "pageToken" not in query else None
    return Answer(200, page_body(shown, total, more))


def page_body(shown: list[bytes], total: int | None, more: Token | None) -> bytes:
    """A page as the registry writes it: one study a line."""
    said = [b'"studies":[\n  ' + b",\n  ".join(shown) + b"\n]" if shown else b'"studies":[  ]']
    if total is not None:
        said.insert(0, b'"totalCount":%d' % total)
    if more is not None:
        said.append(b'"nextPageToken":"%s"' % str(more).encode())
    return b"{" + b",".join(said) + b"}"


def study_body(study: Study, query: Mapping[str, str]) -> bytes:
    """One study, or the part of it that is asked for."""
    check_format(query)
    return _shown(study, _paths(query))


def check_format(query: Mapping[str, str]) -> None:
    """Refuse what is not JSON with markdown in it."""
    known = {
        "format": ("json", "csv", "json.zip", "fhir.json", "ris"),
        "markupFormat": ("markdown", "legacy"),
    }
    for name, values in known.items():
        value = query.get(name, values[0])
        if value not in values:
            raise _wrong(name, value)
        if value != values[0]:
            raise NotCopied(f"{name} {value}")


@lru_cache(maxsize=16)
def _selected(release: Release, choosing: tuple[tuple[str, str], ...]) -> tuple[Study, ...]:
    return selected(release, dict(choosing))


def _shown(study: Study, paths: tuple[str, ...]) -> bytes:
    return orjson.dumps(projected(study, paths) if paths else study)


def _paths(query: Mapping[str, str]) -> tuple[str, ...]:
    if "fields" not in query:
        return ()
    names = listed(query["fields"])
    if not names:
        raise Refused("Parameter `fields` has incorrect format")
    return asked_fields(names)


def _size(text: str) -> int:
    if text and not (text.isascii() and text.isdigit()):
        raise _wrong("pageSize", text)
    return min(int(text or 0) or USUAL_SIZE, LARGEST_SIZE)


def _start(release: Release, text: str, *, takes_old_tokens: bool) -> int:
    if not text:
        return 0
    token = read_token(text)
    if token.data_timestamp != release.data_timestamp and not takes_old_tokens:
        raise _wrong("pageToken", text)
    return token.start


def _truth(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise _wrong(name, text)
    return text == "true"


def _wrong(name: str, text: str) -> Refused:
    return Refused(f"Invalid value in parameter `{name}`: `{text}`")
