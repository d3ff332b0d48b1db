"""The parameters by which the registry chooses studies, and what may stand in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from ctmonitor.errors import CommandWrong
from ctmonitor.records import NCT_ID

LABELS = {
    "query.cond": "condition",
    "query.intr": "intervention",
    "query.term": "words",
    "query.titles": "title",
    "query.outc": "outcome measure",
    "query.spons": "sponsor or collaborator",
    "query.lead": "lead sponsor",
    "query.locn": "place",
    "query.id": "number",
    "query.patient": "for a patient",
    "filter.ids": "studies",
    "filter.overallStatus": "status",
    "aggFilters": "filter",
    "filter.geo": "near",
    "filter.advanced": "where",
    "filter.synonyms": "synonyms",
}
"""Every parameter that chooses, with a word for it, in the order a question is said."""

FACETS: Mapping[str, Mapping[str, str]] = {
    "status": {
        "not": "not yet recruiting",
        "rec": "recruiting",
        "enr": "enrolling by invitation",
        "act": "active, not recruiting",
        "sus": "suspended",
        "ter": "terminated",
        "com": "completed",
        "wit": "withdrawn",
        "unk": "unknown",
        "ava": "available",
        "nla": "no longer available",
        "tna": "temporarily not available",
        "afm": "approved for marketing",
    },
    "phase": {"0": "early 1", "1": "1", "2": "2", "3": "3", "4": "4", "NA": "not applicable"},
    "studyType": {
        "int": "interventional",
        "obs": "observational",
        "obs_patreg": "patient registry",
        "exp": "expanded access",
        "exp_indiv": "expanded access for individuals",
        "exp_inter": "expanded access, intermediate size",
        "exp_treat": "expanded access, treatment",
    },
    "ages": {"child": "child", "adult": "adult", "older": "older adult"},
    "sex": {"f": "female", "m": "male", "all": "all"},
    "healthy": {"y": "yes"},
    "results": {"with": "with", "without": "without", "ressub": "submitted"},
    "docs": {"prot": "protocol", "sap": "statistical analysis plan", "icf": "consent form"},
    "funderType": {"nih": "NIH", "fed": "U.S. federal", "industry": "industry", "other": "other"},
    "violation": {"y": "yes"},
}
"""The options of `aggFilters`. The registry refuses a facet it does not know, but takes an
option it does not know, also `na` for `NA`, and finds nothing (seen 2026-08-16)."""

FACET_LABELS = {
    "studyType": "study type",
    "healthy": "healthy volunteers",
    "docs": "documents",
    "funderType": "funder",
    "violation": "FDAAA 801 violation",
}
LONGEST = 6_000
"""Characters of a whole question as it stands in a request; servers refuse lines of 8,192."""

_GEO = re.compile(r"distance\(-?\d+(\.\d+)?,-?\d+(\.\d+)?,\d+(\.\d+)?(km|mi)?\)")
_ONLY_NUMBERS = re.compile(r"[\s,]*(?:NCT\d{1,8}[\s,]*)+", re.IGNORECASE)
_OPENED_BY = {")": "(", "]": "["}


def checked(asked: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The parameters in one canonical form, empty ones left out; CommandWrong for a wrong one."""
    pairs = {name: _value(name, _tidy(name, text)) for name, text in asked.items() if text.strip()}
    if not pairs:
        raise CommandWrong("the question asks for every study; watch those with --all")
    if len(urlencode(pairs)) > LONGEST:
        raise CommandWrong(
            f"the question is longer than a request may be ({LONGEST:,} characters); "
            "ask for less, or watch numbers from a file with --from"
        )
    _check_filters_count(pairs)
    return tuple(sorted(pairs.items()))


def both(name: str, first: str, second: str) -> str:
    """What asks for two values of one parameter together."""
    if first == second:
        return first
    if not is_expression(name):
        raise CommandWrong(f"{name} is asked twice, as {first!r} and {second!r}; say it once")
    return f"({first}) AND ({second})"


def is_expression(name: str) -> bool:
    """Whether a parameter holds an expression of the registry's search language."""
    return name.startswith("query.") or name == "filter.advanced"


def facets(text: str) -> dict[str, tuple[str, ...]]:
    """The facets in an `aggFilters` and their options, each sorted."""
    found: dict[str, tuple[str, ...]] = {}
    for item in _listed(text):
        facet, colon, options = item.partition(":")
        if not colon or not facet or not options.split():
            raise CommandWrong(f"aggFilters: {item!r} is not written like status:rec com")
        if facet in found:
            raise CommandWrong(f"aggFilters: {facet} stands there twice; say it once")
        for option in options.split():
            if facet in FACETS and option not in FACETS[facet]:
                known = ", ".join(FACETS[facet])
                raise CommandWrong(f"aggFilters: {facet} knows no {option!r}, only {known}")
        found[facet] = tuple(sorted(set(options.split())))
    return dict(sorted(found.items()))


def _tidy(name: str, text: str) -> str:
    """A value with single spaces; CommandWrong for signs that cannot be seen."""
    tidy = " ".join(text.split())
    if not tidy.isprintable():
        raise CommandWrong(f"{name} holds a sign that cannot be seen ({tidy!a}); leave it out")
    return tidy


def _value(name: str, text: str) -> str:
    if name not in LABELS:
        raise CommandWrong(f"{name} is no parameter by which the registry chooses studies")
    if is_expression(name):
        check_closed(name, text)
        return text
    if name == "filter.geo":
        geo = text.replace(" ", "")
        if not _GEO.fullmatch(geo):
            raise CommandWrong(
                f"filter.geo: {text!r} is not written like distance(42.4,-71.1,50mi)"
            )
        return geo
    if name == "aggFilters":
        return ",".join(f"{facet}:{' '.join(options)}" for facet, options in facets(text).items())
    if name == "filter.ids":
        return ",".join(sorted({_number(item) for item in _listed(text)}))
    return ",".join(sorted(set(_listed(text))))


def _listed(text: str) -> list[str]:
    return [item.strip() for item in re.split(r"[,|]", text) if item.strip()]


def _number(text: str) -> str:
    if not NCT_ID.fullmatch(text.upper()):
        raise CommandWrong(f"{text!r} is not a study number; write NCT and eight digits")
    return text.upper()


def check_closed(name: str, text: str) -> None:
    """Refuse what would not stay one term when something is asked beside it."""
    opened: list[str] = []
    is_quoted = False
    for sign in re.sub(r"\\.", "", text):
        if sign == '"':
            is_quoted = not is_quoted
        elif not is_quoted and sign in "([":
            opened.append(sign)
        elif not is_quoted and sign in ")]" and (not opened or opened.pop() != _OPENED_BY[sign]):
            opened.append(sign)
            break
    if opened or is_quoted:
        raise CommandWrong(f"{name}: the brackets or quotes in {text!r} do not match; close them")


def _check_filters_count(pairs: Mapping[str, str]) -> None:
    """Refuse filters beside a query of numbers alone: the registry would not look at them."""
    numbers = [
        name
        for name, text in pairs.items()
        if name.startswith("query.") and _ONLY_NUMBERS.fullmatch(text)
    ]
    ignored = [name for name in pairs if not name.startswith("query.")]
    if numbers and ignored:
        raise CommandWrong(
            f"{numbers[0]} holds study numbers alone, and beside such the registry ignores "
            f"{ignored[0]}; leave one of them out, or watch the numbers with --nct"
        )
