"""What an address of the registry's site asks, in the parameters of its API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import SplitResult, parse_qsl, urlsplit

from ctmonitor.errors import CommandWrong
from ctmonitor.records import PartialDate
from ctmonitor.watches.question import classic
from ctmonitor.watches.question.parameters import LABELS, both, check_closed

Pairs = Sequence[tuple[str, str]]
HOSTS = frozenset(f"{name}clinicaltrials.gov" for name in ("", "www.", "beta.", "classic."))
LONGEST_URL = 16_000
_STUDY = re.compile(r"(?:/.*)?/(NCT\d{8})(?:/.*)?", re.IGNORECASE | re.ASCII)
_WORDS = ("cond", "term", "intr", "titles", "outc", "spons", "lead", "id", "patient")
_DATES = {
    "start": "StartDate",
    "primComp": "PrimaryCompletionDate",
    "studyComp": "CompletionDate",
    "firstPost": "StudyFirstPostDate",
    "resFirstPost": "ResultsFirstPostDate",
    "lastUpdPost": "LastUpdatePostDate",
}
_NAMED_PLACES = {
    "country": "LocationCountry",
    "state": "LocationState",
    "city": "LocationCity",
}
_PLACES = (*_NAMED_PLACES, "locn", "locStr", "lat", "lng", "distance")
_SHOWING = {
    *("viewType", "page", "limit", "rank", "sort", "tab", "from", "columns", "highlight"),
    *("fields", "checkSpell", "agg.synonyms", "dateField"),
}
"""What only changes how the site shows the studies it found."""
_API_SHOWING = {
    *("format", "markupFormat", "fields", "sort", "countTotal", "pageSize", "pageToken"),
    "geoDecay",
}
"""What only changes how the API gives the studies; `geoDecay` ranks them."""
_TRACKING = re.compile(r"utm_.*|gclid|fbclid|_ga|_gl")
_NOT_KNOWN = {
    "ageRange": "ask with --query, as 'AREA[MinimumAge]RANGE[18 years,MAX] AND "
    "AREA[MaximumAge]RANGE[MIN,64 years]', since it is not documented how the site reads ages",
}


def asked_by(url: str) -> dict[str, str]:
    """The parameters of `/studies` that ask what an address asks; CommandWrong where none do.

    An address of one study's page asks for that study, whatever search led to it.
    """
    split = _split(url)
    study = _STUDY.fullmatch(split.path)
    if study:
        return {"filter.ids": study[1].upper()}
    pairs = _pairs(split.query)
    path = split.path.rstrip("/")
    readers: dict[str, Callable[[Pairs], dict[str, str]]] = {
        "/search": _site,
        "/expert-search": _site,
        "/api/rss": _site,
        "/api/v2/studies": _api,
        "/ct2/results": _classic,
        "/ct2/results/refine": _classic,
        "/ct2/results/details": _classic,
    }
    if path not in readers:
        raise CommandWrong(
            f"{url!r} is no search on the registry's site; "
            "paste an address that begins with https://clinicaltrials.gov/search?"
        )
    return readers[path](pairs)


def _split(url: str) -> SplitResult:
    text = url.strip()
    if len(text) > LONGEST_URL:
        raise CommandWrong(f"the URL is longer than {LONGEST_URL:,} characters; paste a shorter")
    try:
        split = urlsplit(text if "://" in text else f"https://{text}")
        host = split.hostname
    except ValueError:
        host = None
    if host not in HOSTS or split.scheme not in ("http", "https"):
        raise CommandWrong(f"{text!r} is no address on clinicaltrials.gov; paste one of a search")
    return split


def _pairs(query: str) -> list[tuple[str, str]]:
    """The parameters that say something, as they stand."""
    try:
        pairs = parse_qsl(query, errors="strict", max_num_fields=500)
    except ValueError:
        raise CommandWrong("the URL's parameters cannot be read; copy it anew") from None
    return [(name, text) for name, text in pairs if text.strip() and not _TRACKING.fullmatch(name)]


def _classic(pairs: Pairs) -> dict[str, str]:
    return _site(classic.as_site(pairs))


def _api(pairs: Pairs) -> dict[str, str]:
    """An address of the API itself; `postFilter` has the same effect as `filter`."""
    asked: dict[str, str] = {}
    for name, text in pairs:
        if name in _API_SHOWING:
            continue
        known = name.replace("postFilter.", "filter.")
        if known not in LABELS:
            raise _unknown(name)
        asked[known] = both(known, asked[known], text) if known in asked else text
    return asked


def _site(pairs: Pairs) -> dict[str, str]:
    """An address of the site's search."""
    given = _once(pairs)
    for name in given:
        if name not in (*_WORDS, *_DATES, *_PLACES, "aggFilters", *_SHOWING):
            raise _unknown(name)
    asked = {f"query.{name}": given[name] for name in _WORDS if name in given}
    if "aggFilters" in given:
        asked["aggFilters"] = given["aggFilters"]
    if near := _near(given):
        asked["filter.geo"] = near
    terms = [*_spans(given), *_where(given, is_near=near is not None)]
    if terms:
        asked["filter.advanced"] = " AND ".join(terms)
    return asked


def _once(pairs: Pairs) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, text in pairs:
        if given.setdefault(name, text) != text:
            raise CommandWrong(f"{name} stands in the URL twice; leave one of them out")
    return given


def _unknown(name: str) -> CommandWrong:
    mend = _NOT_KNOWN.get(name, "leave it out if it does not choose studies")
    return CommandWrong(
        f"{name!r} in the URL is not understood, and without it other studies would be watched; "
        f"{mend}"
    )


def _spans(given: Mapping[str, str]) -> Iterator[str]:
    """A term for each span of dates, written `2020-01-01_2021-12-31` with either end open."""
    for name, area in _DATES.items():
        if name not in given:
            continue
        first, line, last = given[name].strip().partition("_")
        try:
            low, high = (PartialDate.parse(end) if end else None for end in (first, last))
        except ValueError:
            low = high = None
        if not line or (low is None and high is None):
            raise CommandWrong(
                f"{name}={given[name]!r} in the URL is no span of dates; "
                "write it as 2020-01-01_2021-12-31, with an end left out where it is open"
            )
        if low and high and high.last < low.first:
            raise CommandWrong(f"{name} in the URL ends ({last}) before it begins ({first})")
        yield f"AREA[{area}]RANGE[{low or 'MIN'},{high or 'MAX'}]"


def _near(given: Mapping[str, str]) -> str | None:
    """The circle that a search near a point asks for; a plain distance is in miles.

    The site writes `distance` also where no place was asked for: without a point to be measured
    from it says nothing, except beside a city, where it might.
    """
    numbers = [given.get(name, "").strip() for name in ("lat", "lng", "distance")]
    if not any(numbers[:2]):
        if numbers[2] and "city" in given:
            raise CommandWrong(
                "'distance' in the URL has no lat and lng to be measured from; "
                "leave it out to watch the city itself, or add lat and lng"
            )
        return None
    if not all(numbers):
        raise CommandWrong("lat, lng and distance make a place only together; add what is missing")
    unit = "" if numbers[2].endswith(("km", "mi")) else "mi"
    return f"distance({','.join(numbers)}{unit})"


def _where(given: Mapping[str, str], *, is_near: bool) -> Iterator[str]:
    """The term for one site at a named place; beside a circle the names only describe it."""
    named = {name: given[name] for name in _NAMED_PLACES if name in given and not is_near}
    if "locStr" in given and not named and not is_near:
        raise CommandWrong(
            "'locStr' in the URL names no place alone; choose the place from the list that the "
            "site offers, so that the URL has a country, a state or a city"
        )
    if named.get("state") == named.get("city"):
        named.pop("state", None)  # city states: their sites often bear the city alone
    parts = [f'AREA[{_NAMED_PLACES[name]}]"{_unquoted(text)}"' for name, text in named.items()]
    if "locn" in given:
        check_closed("locn", given["locn"])
        parts.append(f"AREA[LocationFacility]({given['locn'].strip()})")
    if len(parts) > 1:
        yield f"SEARCH[Location]({' AND '.join(parts)})"
    else:
        yield from parts


def _unquoted(text: str) -> str:
    return re.sub(r'["\\]', " ", text).strip()
