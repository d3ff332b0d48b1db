"""The answer to any request, as long as nothing goes wrong on the way."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection
from urllib.parse import urlsplit

import orjson

from tests.registry.messages import Answer, Asked, NotCopied, Refused, sentence
from tests.registry.pages import PARAMETERS, page, study_body
from tests.registry.releases import Registry, Release, by_alias, by_number, sizes, spelled

BASE = "/api/v2"
API_VERSION = "2.0.5"
_ONE_STUDY = ("format", "markupFormat", "fields")
_NOT_COPIED = (
    "/studies/metadata",
    "/studies/search-areas",
    "/studies/enums",
    "/studies/download",
    "/stats/field/values",
    "/stats/field/sizes",
)


def usual_answer(asked: Asked, registry: Registry) -> Answer:
    """What the registry says to a request; its own refusals are answers too."""
    release = registry.current
    try:
        answer = _answer(asked, registry, release)
    except Refused as refused:
        return sentence(refused.code, str(refused))
    if asked.headers.get("if-none-match", "").replace('-gzip"', '"') == f'"{release.etag}"':
        return Answer(304, headers=(("ETag", f'"{release.etag}"'),))
    return Answer(
        answer.code,
        answer.body,
        answer.content_type,
        (*answer.headers, ("ETag", f'"{release.etag}"')),
    )


def not_found() -> Answer:
    """The page of the server in front, for paths that the API does not have."""
    page_ = "<html>\n<head><title>404 Not Found</title></head>\n<body>Not Found</body>\n</html>\n"
    return Answer(404, page_.encode(), "text/html")


def _answer(asked: Asked, registry: Registry, release: Release) -> Answer:
    if asked.path in _NOT_COPIED:
        raise NotCopied(f"the path {asked.path}")
    if asked.path == "/version":
        _check(asked, ())
        told = {"apiVersion": API_VERSION, "dataTimestamp": release.data_timestamp}
        return Answer(200, orjson.dumps(told))
    if asked.path == "/stats/size":
        _check(asked, ())
        return Answer(200, orjson.dumps(_size_stats(release)))
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


def _size_stats(release: Release) -> dict[str, object]:
    told = sizes(release)
    bytes_ = [size for size, _ in told]
    ranges = Counter(size // 10_000 for size in bytes_)
    cuts = statistics.quantiles(bytes_, n=100, method="inclusive") if len(bytes_) > 1 else []
    return {
        "averageSizeBytes": round(statistics.mean(bytes_)) if bytes_ else 0,
        "largestStudies": [{"id": number, "sizeBytes": size} for size, number in told[:10]],
        "percentiles": {f"{place}%": round(cut) for place, cut in enumerate(cuts, start=1)},
        "ranges": [
            {"sizeRange": f"{step * 10}-{step * 10 + 10} KB", "studiesCount": ranges[step]}
            for step in sorted(ranges)
        ],
        "totalStudies": len(bytes_),
    }
