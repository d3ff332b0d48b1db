"""Print the field catalogue from the registry's own description of its fields.

    python -m tests.records.make_catalogue studies-metadata.json > ctmonitor/records/fields.tsv

The registry's file is served at /api/v2/studies/metadata. What it cannot say (how list members
are told apart, what moves by itself) is written down here.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STATUS = "protocolSection.statusModule."
NAMES = {
    **{
        f"{STATUS}{stem}DateStruct.{part}": name
        for stem, word in {
            "start": "start",
            "primaryCompletion": "primary_completion",
            "completion": "completion",
            "studyFirstPost": "study_first_posted",
            "resultsFirstPost": "results_first_posted",
            "dispFirstPost": "disp_first_posted",
            "lastUpdatePost": "last_update_posted",
        }.items()
        for part, name in {"date": f"{word}_date", "type": f"{word}_date_type"}.items()
    },
    "protocolSection.designModule.enrollmentInfo.count": "enrollment",
    "protocolSection.designModule.enrollmentInfo.type": "enrollment_type",
    "protocolSection.sponsorCollaboratorsModule.leadSponsor.name": "lead_sponsor",
    "protocolSection.sponsorCollaboratorsModule.leadSponsor.class": "lead_sponsor_class",
}
LABELS = {
    f"{STATUS}statusVerifiedDate": "Record Verification Date",
    f"{STATUS}lastKnownStatus": "Last Known Status",
    f"{STATUS}whyStopped": "Why Study Stopped",
    f"{STATUS}lastUpdatePostDateStruct.date": "Last Update Posted",
    f"{STATUS}studyFirstPostDateStruct.date": "First Posted",
    f"{STATUS}resultsFirstPostDateStruct.date": "Results First Posted",
}
ITEMS = {  # how the members of a list are told apart: strictest level first
    "secondaryIdInfos": "id,type|id",
    "collaborators": "name",
    "armGroups": "label",
    "interventions": "type,name|name",
    "primaryOutcomes": "measure|~measure",
    "secondaryOutcomes": "measure|~measure",
    "otherOutcomes": "measure|~measure",
    "centralContacts": "name,role|name",
    "overallOfficials": "name,role|name",
    "locations": "facility,city,zip,country|facility,city,country|facility,zip,country"
    "|~facility,city,country",
    "contacts": "name,role|name",
    "references": "pmid|citation|~citation",
    "retractions": "pmid",
    "seeAlsoLinks": "url|label",
    "availIpds": "id,url|url|id",
    "groups": "id",
    "periods": "title",
    "milestones": "type",
    "achievements": "groupId",
    "dropWithdraws": "type",
    "reasons": "groupId",
    "denoms": "units",
    "counts": "groupId",
    "measures": "title",
    "classes": "title",
    "categories": "title",
    "measurements": "groupId",
    "outcomeMeasures": "type,title|title|~title",
    "analyses": "groupIds,statisticalMethod,paramType|groupIds",
    "eventGroups": "id",
    "seriousEvents": "term,organSystem,sourceVocabulary|term,organSystem",
    "otherEvents": "term,organSystem,sourceVocabulary|term,organSystem",
    "stats": "groupId",
    "unpostedEvents": "type,date",
    "violationEvents": "type,creationDate|type",
    "largeDocs": "filename|label",
    "submissionInfos": "releaseDate",
    "meshes": "term",
    "ancestors": "term",
}
NEVER_KEPT = re.compile(
    r"derivedSection\.(miscInfoModule\.versionHolder"
    r"|(condition|intervention)BrowseModule\.browse(Leaves|Branches))(\..*)?"
)
REGISTRYS = re.compile(
    r"derivedSection\..*|annotationSection\..*"
    r"|.*\.locations\.geoPoint(\..*)?|.*\.references\.retractions(\..*)?"
    r"|.*\.(statusForNctId|nPtrsToThisExpAccNctId|fdaaa801Violation|resultsWaived)"
    r"|.*\.statusModule\.(lastKnownStatus|(studyFirst|resultsFirst|dispFirst|lastUpdate)PostDateStruct"
    r"\.type)|.*\.identificationModule\.nctIdAliases"
)
NOISE = re.compile(
    r"derivedSection\.miscInfoModule\.(modelPredictions|removedCountries).*"
    r"|derivedSection\.(condition|intervention)BrowseModule\..*"
    r"|.*\.locations\.geoPoint(\..*)?|.*\.(statusForNctId|nPtrsToThisExpAccNctId)"
    r"|.*PostDateStruct\.type|.*\.largeDocs\.(size|uploadDate)"
    r"|.*\.statusModule\.(lastUpdateSubmitDate|lastUpdatePostDateStruct\.date)"
)
EXTRA = [  # in the records and the OpenAPI document, not in the file of fields
    ("derivedSection.miscInfoModule.modelPredictions", "Model Predictions", "struct"),
    ("protocolSection.contactsLocationsModule.locations.geoPoint.lat", "Latitude", "number"),
    ("protocolSection.contactsLocationsModule.locations.geoPoint.lon", "Longitude", "number"),
    (
        "protocolSection.armsInterventionsModule.interventions.interventionMappedName",
        "Intervention Mapped Name",
        "text[]",
    ),
]
TYPES = {
    "text": "text",
    "markup": "markup",
    "PartialDate": "date",
    "NormalizedDate": "date",
    "DateTimeMinutes": "text",
    "boolean": "boolean",
    "integer": "integer",
    "long": "integer",
    "number": "integer",
    "NormalizedTime": "text",
}


def words(piece: str) -> str:
    """`OrgStudyIdType` -> `Org Study Id Type`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", piece)


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def rows(nodes: list[dict[str, Any]], above: str = "") -> list[tuple[str, str, str]]:
    """Path, label and type of every field below `nodes`, in the registry's order."""
    found = []
    for node in nodes:
        path = f"{above}.{node['name']}" if above else node["name"]
        label = LABELS.get(path) or node.get("title") or words(node["piece"])
        many = "[]" if node["type"].endswith("[]") else ""
        if node.get("children") or node["type"] == "GeoPoint":
            kind = "struct"
        elif node.get("isEnum"):
            kind = "enum"
        else:
            kind = TYPES[node["type"].removesuffix("[]")]
        found.append((path, label, kind + many))
        found += rows(node.get("children", []), path)
    return found


def short(path: str) -> str:
    """The path without its section, and in the protocol without its module."""
    section, *rest = path.split(".")
    if len(rest) < 2:
        return snake((rest or [section])[0])
    if section in ("protocolSection", "annotationSection", "documentSection"):
        rest = rest[1:]
    else:
        rest[0] = rest[0].removesuffix("Module")
    return ".".join(snake(part) for part in rest)


def name_of(path: str, taken: Counter[str]) -> str:
    name = NAMES.get(path) or short(path)
    if taken[name] < 2 or path in NAMES:
        return name
    module = path.split(".")[1].removesuffix("Module")
    return f"{snake(module)}.{name}"


def lines(described: str) -> Iterator[str]:
    """The catalogue's lines, from the registry's description in a file."""
    found = rows(json.loads(Path(described).read_text(encoding="utf-8"))) + EXTRA
    taken = Counter(NAMES.get(path) or short(path) for path, *_ in found)
    for path, label, kind in found:
        flags = "".join(
            letter
            for letter, pattern in (("v", NEVER_KEPT), ("r", REGISTRYS), ("n", NOISE))
            if pattern.fullmatch(path)
        )
        last = path.rsplit(".", 1)[-1]
        items = ITEMS.get(last, "#") if kind == "struct[]" else "=" if kind.endswith("[]") else "-"
        yield "\t".join((name_of(path, taken), path, label, kind, items, flags or "-"))


if __name__ == "__main__":
    print("\n".join(lines(sys.argv[1])))
