"""The answer to any request, as long as nothing goes wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from urllib.parse import urlsplit

import orjson

from tests.registry.archive import PATH, download
from tests.registry.counts import described, size_stats, value_counts
from tests.registry.messages import Answer, Asked, NotCopied, Refused, sentence
from tests.registry.pages import PARAMETERS, page, study_body
from tests.registry.releases import Registry, Release, by_alias, by_number, spelled
from tests.registry.selection import listed

BASE = "/api/v2"
API_VERSION = "2.0.5"
_ONE_STUDY = ("format", "markupFormat", "fields")
_NOT_COPIED = (
    "/studies/search-areas",
    "/studies/enums",
    "/stats/field/sizes",
)
_LEFT_OUT = ("types", "includeIndexedOnly", "includeHistoricOnly")
_TOLD: dict[str, tuple[tuple[str, ...], Callable[[Release, Asked], object]]] = {
    "/version": ((), lambda release, _: _version(release)),
    "/stats/size": ((), lambda release, _: size_stats(release)),
    "/stats/field/values": (
        ("fields",),
        lambda release, asked: value_counts(release, listed(asked.query.get("fields", ""))),
    ),
    "/studies/metadata": ((), lambda *_: described()),
}
"""The parameters of each path that tells of the whole release, and what it tells."""


def usual_answer(asked: Asked, registry: Registry) -> Answer:
    """What the registry says to a request; its own refusals are answers too."""
    release = registry.current
    try:
        answer = _answer(asked, registry, release)
    except Refused as refused:
        return sentence(refused.code, str(refused))
    if answer.code not in (200, 206):
        return answer
    tag = f'"{release.etag}"'
    if asked.headers.get("if-none-match", "").replace('-gzip"', '"') == tag:
        return Answer(304, headers=(("ETag", tag),))
    return replace(answer, headers=(*answer.headers, ("ETag", tag)))


def not_found() -> Answer:
    """The page of the server in front, for paths that the API does not have."""
    page_ = "<html>\n<head><title>404 Not Found</title></head>\n<body>Not Found</body>\n</html>\n"
    return Answer(404, page_.encode(), "text/html")


def _answer(asked: Asked, registry: Registry, release: Release) -> Answer:
    if asked.path in _NOT_COPIED:
        raise NotCopied(f"the path {asked.path}")
    if asked.path in _TOLD:
        known, told = _TOLD[asked.path]
        _check(asked, known)
        return Answer(200, orjson.dumps(told(release, asked)))
    if asked.path == PATH:
        return download(release, asked)
    if asked.path == "/studies":
        _check(asked, PARAMETERS)
        old_too = registry.tokens_outlive_releases
        return page(release, asked.query, takes_old_tokens=old_too)
    if asked.path.startswith("/studies/") and asked.path.count("/") == 2:
        _check(asked, _ONE_STUDY)
        return _one_study(asked, release)
    return not_found()


def _check(asked: Asked, known: Collection[str]) -> None:
    for name in asked.query:
        if name not in known:
            if "." in name and not any("." in one for one in known):
                raise Refused(f"Invalid prefix in parameter name: {name}")
            if name in _LEFT_OUT:
                raise NotCopied(f"the parameter {name}")
            raise Refused(f"`{name}` is unknown parameter")


def _one_study(asked: Asked, release: Release) -> Answer:
    number = spelled(asked.path.rpartition("/")[2])
    if number is None:
        raise Refused("Parameter `nctId` has incorrect format")
    study = by_number(release).get(number)
    if study is not None:
        return Answer(200, study_body(study, asked.query))
    heir = by_alias(release).get(number)
    if heir is None:
        raise Refused(f"NCT number {number} not found", code=404)
    asked_more = urlsplit(asked.target).query
    place = f"{BASE}/studies/{heir}{f'?{asked_more}' if asked_more else ''}"
    return Answer(301, headers=(("Location", place),))


def _version(release: Release) -> dict[str, str]:
    return {"apiVersion": API_VERSION, "dataTimestamp": release.data_timestamp}
