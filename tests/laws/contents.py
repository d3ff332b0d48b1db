"""Contents of studies as Hypothesis invents them: small, and alike enough to be compared."""

from __future__ import annotations

import random
from typing import Any

import orjson
from hypothesis import strategies as st

from ctmonitor.changes.members import label_of
from ctmonitor.records import DateType, Field, OverallStatus, catalogue, field_at
from tests.builders import NUMBER

PATHS = [
    f"protocolSection.{path}"
    for path in (
        "identificationModule.briefTitle",
        "identificationModule.secondaryIdInfos.id",
        "identificationModule.secondaryIdInfos.type",
        "statusModule.overallStatus",
        "statusModule.statusVerifiedDate",
        "statusModule.completionDateStruct.date",
        "statusModule.completionDateStruct.type",
        "statusModule.lastUpdatePostDateStruct.date",
        "sponsorCollaboratorsModule.collaborators.name",
        "sponsorCollaboratorsModule.collaborators.class",
        "oversightModule.oversightHasDmc",
        "descriptionModule.briefSummary",
        "conditionsModule.conditions",
        "designModule.phases",
        "designModule.enrollmentInfo.count",
        "armsInterventionsModule.armGroups.label",
        "armsInterventionsModule.armGroups.description",
        "armsInterventionsModule.armGroups.interventionNames",
        "outcomesModule.primaryOutcomes.measure",
        "outcomesModule.primaryOutcomes.timeFrame",
        "contactsLocationsModule.locations.facility",
        "contactsLocationsModule.locations.city",
        "contactsLocationsModule.locations.country",
        "contactsLocationsModule.locations.status",
        "contactsLocationsModule.locations.geoPoint.lat",
        "contactsLocationsModule.locations.contacts.name",
        "contactsLocationsModule.locations.contacts.phone",
        "referencesModule.references.pmid",
        "referencesModule.references.citation",
        "referencesModule.references.type",
        "newModule.newField",
    )
] + [
    f"resultsSection.{path}"
    for path in (
        "participantFlowModule.periods.title",
        "participantFlowModule.periods.milestones.type",
        "participantFlowModule.periods.milestones.achievements.groupId",
        "participantFlowModule.periods.milestones.achievements.numSubjects",
    )
]
_WORDS = ("One", "one", "Two  words", "3 of 4", "a <b>bold</b> é", "Two words.", "")
_ENUMS = {"overallStatus": [str(one) for one in OverallStatus], "type": [str(t) for t in DateType]}
_DATES = ("2026", "2026-01", "2026-01-31", "2024-02-29", "2025-12")


def contents() -> st.SearchStrategy[dict[str, Any]]:
    """Trees of one study, with few fields and short lists."""
    return _struct("").map(_numbered)


def json_values() -> st.SearchStrategy[Any]:
    """Any value that JSON can hold, and a few that it should not."""
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=5),
        st.sampled_from(_DATES),
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        ),
        max_leaves=8,
    )


def shuffled(value: Any, chance: random.Random, path: str = "") -> Any:
    """The same content with every list whose order means nothing in another one."""
    if isinstance(value, dict):
        return {
            name: shuffled(value[name], chance, f"{path}.{name}" if path else name)
            for name in chance.sample(sorted(value), len(value))
        }
    if not isinstance(value, list):
        return value
    members = [shuffled(member, chance, path) for member in value]
    return chance.sample(members, len(members)) if _is_unordered(path, members) else members


def leaves_only(value: Any, path: str = "") -> Any:
    """A content without what holds nothing, its lists in order where order means nothing."""
    if isinstance(value, dict):
        kept = {
            name: leaves_only(below, f"{path}.{name}" if path else name)
            for name, below in value.items()
        }
        return {name: below for name, below in kept.items() if below not in ({}, [], None)}
    if not isinstance(value, list):
        return value
    members = [leaves_only(member, path) for member in value]
    return sorted(members, key=_bytes) if _is_unordered(path, members) else members


def _is_unordered(path: str, members: list[Any]) -> bool:
    field = field_at(path)
    plain = field.items == "=" and all(isinstance(member, str) for member in members)
    return plain or (bool(field.levels) and all(isinstance(member, dict) for member in members))


def _struct(path: str) -> st.SearchStrategy[dict[str, Any]]:
    depth = path.count(".") + 1 if path else 0
    below = [one for one in PATHS if not path or one.startswith(f"{path}.")]
    names = dict.fromkeys(one.split(".")[depth] for one in below)
    fields = {name: _field(f"{path}.{name}" if path else name) for name in names}
    return st.fixed_dictionaries({}, optional=fields)


def _field(path: str) -> st.SearchStrategy[Any]:
    field = field_at(path)
    is_struct = any(one.startswith(f"{path}.") for one in PATHS)
    value = _struct(path) if is_struct else _leaf(field)
    if not field.is_list:
        return value
    if not is_struct:
        return st.lists(value, max_size=3)
    return st.lists(value, max_size=3, unique_by=lambda member: _told_apart(field, member))


def _leaf(field: Field) -> st.SearchStrategy[Any]:
    name = field.path.rsplit(".", 1)[-1]
    if field.path.endswith("Struct.type") or name == "overallStatus":
        return st.sampled_from(_ENUMS[name])
    return {
        "date": st.sampled_from(_DATES),
        "boolean": st.booleans(),
        "integer": st.integers(0, 3),
        "number": st.sampled_from([0.5, 1, 2.25]),
        "any": st.sampled_from(["x", "y", [1, 2], {"a": "x"}]),
    }.get(field.type, st.sampled_from(_WORDS))


def _told_apart(field: Field, member: dict[str, Any]) -> str:
    return " ".join(label_of(field, member).casefold().split())


def _numbered(tree: dict[str, Any]) -> dict[str, Any]:
    protocol = tree.setdefault("protocolSection", {})
    protocol.setdefault("identificationModule", {})["nctId"] = NUMBER
    return tree


def _bytes(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


KNOWN = tuple(
    field.path
    for field in catalogue().values()
    if not field.is_never_kept and field.path.count(".") > 1
)
