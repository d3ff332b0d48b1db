"""What the registry counts and describes: sizes, values of enums, and its own fields."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import Any

from ctmonitor.records import Field, catalogue
from tests.registry.fields import field_called, piece_of, values_at
from tests.registry.messages import NotCopied, Refused
from tests.registry.releases import Release, sizes

_SOURCE_TYPES = {
    **{kind: kind.upper() for kind in ("text", "markup", "date", "boolean", "struct")},
    **{"integer": "NUMERIC", "number": "NUMERIC", "enum": "TEXT"},
}


def size_stats(release: Release) -> dict[str, Any]:
    """How large the studies are, in bytes of JSON that is not packed."""
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


def value_counts(release: Release, names: list[str]) -> list[dict[str, Any]]:
    """How many studies have each value of each enum that is named."""
    if not names:
        raise NotCopied("the values of all fields at once")
    return [_counted(release, name) for name in names]


def described() -> list[dict[str, Any]]:
    """The registry's fields as a tree, as far as the catalogue knows them.

    The registry's `type` names a structure or an enum; here it is the catalogue's plainer word.
    """
    roots: list[dict[str, Any]] = []
    nodes: dict[str, dict[str, Any]] = {}
    for path, field in catalogue().items():
        nodes[path] = node = _node(field)
        above = nodes.get(path.rpartition(".")[0])
        (roots if above is None else above.setdefault("children", [])).append(node)
    return roots


def _counted(release: Release, name: str) -> dict[str, Any]:
    field = field_called(name)
    if field is None:
        raise Refused(f"Parameter `fields` contains invalid field name: '{name}'")
    if field.type != "enum":
        raise NotCopied(f"the values of {name}, which is no enum")
    held = [set(values_at(study, field.path)) for study in release.studies]
    counts = Counter(value for values in held for value in values)
    return {
        "type": "ENUM",
        "piece": piece_of(field),
        "field": field.path,
        "missingStudiesCount": sum(not values for values in held),
        "uniqueValuesCount": len(counts),
        "topValues": [
            {"value": value, "studiesCount": count} for value, count in counts.most_common()
        ],
    }


def _node(field: Field) -> dict[str, Any]:
    node = {
        "name": field.path.rpartition(".")[2],
        "piece": piece_of(field),
        "sourceType": _SOURCE_TYPES[field.type],
        "type": f"{field.type}[]" if field.is_list else field.type,
    }
    return {**node, "isEnum": True} if field.type == "enum" else node
