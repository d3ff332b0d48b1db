"""Which studies a request for a list wants, and in what order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ctmonitor.records import Field
from tests.registry.fields import field_called, values_at
from tests.registry.messages import NotCopied, Refused
from tests.registry.queries import EVERYWHERE, STATUSES, Fields, Test, read_query
from tests.registry.releases import Release, Study, aliases, number_of, spelled

_PIECES_SEARCHED = {
    "query.cond": ("Condition", "BriefTitle", "OfficialTitle", "Keyword", "ConditionMeshTerm"),
    "query.term": (),
    "query.patient": (),
    "query.locn": ("LocationFacility", "LocationCity", "LocationState", "LocationCountry"),
    "query.titles": ("BriefTitle", "OfficialTitle", "Acronym"),
    "query.intr": ("InterventionName", "InterventionOtherName", "BriefTitle", "OfficialTitle"),
    "query.outc": ("PrimaryOutcomeMeasure", "SecondaryOutcomeMeasure", "OtherOutcomeMeasure"),
    "query.spons": ("LeadSponsorName", "CollaboratorName", "OrgFullName"),
    "query.lead": ("LeadSponsorName",),
    "query.id": ("NCTId", "NCTIdAlias", "OrgStudyId", "SecondaryId"),
}
"""The fields each query looks in; nothing means all of them."""
_FILTERS = ("overallStatus", "geo", "ids", "advanced", "synonyms")
_ONLY_NUMBERS = re.compile(r"[\s,]*(?:NCT\d{8}[\s,]*)+", re.IGNORECASE)
_NOT_COPIED = ("filter.geo", "filter.synonyms", "aggFilters", "geoDecay")
CHOOSING = (
    *_PIECES_SEARCHED,
    *(f"{kind}.{name}" for kind in ("filter", "postFilter") for name in _FILTERS),
    *("aggFilters", "geoDecay", "sort"),
)
"""Every parameter that decides which studies come, or in what order."""


def selected(release: Release, query: Mapping[str, str]) -> tuple[Study, ...]:
    """The studies of a release that a request asks for."""
    tests = _tests(query)
    found = [study for study in release.studies if all(test(study) for test in tests)]
    for key, is_upwards in reversed(_order(query.get("sort", ""))):
        found = _sorted(found, key, is_upwards=is_upwards)
    return tuple(found)


def listed(text: str) -> list[str]:
    """The items of a list that was written with commas or pipes."""
    return [item.strip() for item in re.split(r"[,|]", text) if item.strip()]


def _tests(query: Mapping[str, str]) -> list[Test]:
    asked = {name: text for name, text in query.items() if text.strip()}
    for name in asked:
        if name.replace("postFilter", "filter") in _NOT_COPIED:
            raise NotCopied(f"the parameter {name}")
    queries = {name: asked[name] for name in _PIECES_SEARCHED if name in asked}
    tests = [_found_by(name, text) for name, text in queries.items()]
    if any(_ONLY_NUMBERS.fullmatch(text) for text in queries.values()):
        return tests  # the registry then ignores all filters
    for kind in ("filter", "postFilter"):
        if statuses := asked.get(f"{kind}.overallStatus"):
            tests.append(_has_status(statuses))
        if numbers := asked.get(f"{kind}.ids"):
            tests.append(_has_number(numbers, f"{kind}.ids"))
        if expression := asked.get(f"{kind}.advanced"):
            tests.append(read_query(expression, "advanced filter"))
    return tests


def _found_by(name: str, text: str) -> Test:
    if _ONLY_NUMBERS.fullmatch(text):
        return _has_number(",".join(text.replace(",", " ").split()), name)
    return read_query(text, f"`{name}`", area=_fields(_PIECES_SEARCHED[name]))


def _fields(pieces: Iterable[str]) -> Fields:
    return tuple(filter(None, map(field_called, pieces))) or EVERYWHERE


def _has_status(text: str) -> Test:
    wanted = listed(text)
    for status in wanted:
        if status not in STATUSES:
            raise Refused(f"Invalid value in parameter `overallStatus`: `{status}`")
    path = "protocolSection.statusModule.overallStatus"
    return lambda study: any(value in wanted for value in values_at(study, path))


def _has_number(text: str, where: str) -> Test:
    wanted = set()
    for place, item in enumerate(listed(text), start=1):
        number = spelled(item)
        if number is None:
            raise Refused(f"Item {place} in parameter `{where}` has incorrect format")
        wanted.add(number)
    return lambda study: not wanted.isdisjoint({number_of(study), *aliases(study)})


def _order(text: str) -> list[tuple[Field, bool]]:
    """The fields to sort by, the first first, each with whether its least comes first."""
    items = listed(text)
    if len(items) > 2:
        raise Refused("Parameter `sort` has too many items")
    return [_key(item) for item in items if not item.startswith("@relevance")]


def _key(item: str) -> tuple[Field, bool]:
    name, _, direction = item.partition(":")
    field = field_called(name)
    if field is None or direction not in ("", "asc", "desc"):
        raise Refused(f"Parameter `sort` contains invalid field name: '{item}'")
    if field.type not in ("date", "integer", "number"):
        raise Refused(f"Unsupported sort field type: {field.type}")
    return field, direction == "asc" or (not direction and field.type != "date")


def _sorted(studies: list[Study], field: Field, *, is_upwards: bool) -> list[Study]:
    """Studies by the first value of a field; those without one stay behind, as they were."""
    values: list[tuple[Any, Study]] = []
    without = []
    for study in studies:
        value = next(values_at(study, field.path), None)
        if value is None:
            without.append(study)
        else:
            values.append((value, study))
    values.sort(key=lambda pair: pair[0], reverse=not is_upwards)
    return [study for _, study in values] + without
