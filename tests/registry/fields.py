"""The registry's names for fields, and the part of a study that `fields=` asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from ctmonitor.records import Field, catalogue
from tests.registry.messages import NotCopied, Refused
from tests.registry.releases import Study

_STATUS = "protocolSection.statusModule."
_PIECES = {
    f"{_STATUS}statusVerifiedDate": "StatusVerifiedDate",
    f"{_STATUS}whyStopped": "WhyStopped",
    f"{_STATUS}studyFirstPostDateStruct.date": "StudyFirstPostDate",
    f"{_STATUS}resultsFirstSubmitDate": "ResultsFirstSubmitDate",
    f"{_STATUS}resultsFirstPostDateStruct.date": "ResultsFirstPostDate",
    f"{_STATUS}lastUpdatePostDateStruct.date": "LastUpdatePostDate",
    "resultsSection": "ResultsSection",
    "annotationSection.annotationModule.unpostedAnnotation.unpostedEvents.dateUnknown": (
        "UnpostedEventDateUnknown"
    ),
    "documentSection": "DocumentSection",
}
"""Pieces that are not the field's label without its spaces."""
Tree = dict[str, "Tree"]


def piece_of(field: Field) -> str:
    """The registry's piece name of a field: `LastUpdatePostDate`."""
    return _PIECES.get(field.path, field.label.replace(" ", ""))


@cache
def _by_piece() -> dict[str, Field]:
    return {piece_of(field): field for field in catalogue().values()}


def field_called(name: str) -> Field | None:
    """The field of a piece name or a dotted path."""
    return _by_piece().get(name) or catalogue().get(name)


def asked_fields(names: Iterable[str]) -> tuple[str, ...]:
    """The paths that a list of names asks for; an unknown name is refused."""
    return tuple(_path_of(name) for name in names)


def _path_of(name: str) -> str:
    field = field_called(name)
    if field is not None:
        return field.path
    if name == "@query" or name.endswith("Search"):
        raise NotCopied(f"the search area {name} in `fields`")
    raise Refused(f"Parameter `fields` contains invalid field name: '{name}'")


def projected(study: Study, paths: Iterable[str]) -> Study:
    """The part of a study at these paths, with all below them.

    A parent that has nothing of what is asked for stays, empty.
    """
    return _part(study, _tree(paths))


def values_at(study: Any, path: str) -> Iterator[Any]:
    """Every plain value at a path and below, members of lists one by one."""
    if isinstance(study, list):
        for member in study:
            yield from values_at(member, path)
    elif not path:
        yield from (texts(study) if isinstance(study, dict) else (study,))
    elif isinstance(study, dict):
        name, _, rest = path.partition(".")
        if name in study:
            yield from values_at(study[name], rest)


def texts(tree: Any) -> Iterator[Any]:
    """Every plain value of a tree."""
    if isinstance(tree, dict | list):
        for value in tree.values() if isinstance(tree, dict) else tree:
            yield from texts(value)
    else:
        yield tree


def _tree(paths: Iterable[str]) -> Tree:
    """Paths as a tree; an empty tree stands for all that is below."""
    whole: Tree = {}
    kept: list[str] = []
    for path in sorted(paths):  # a path above comes first
        if any(path == above or path.startswith(f"{above}.") for above in kept):
            continue
        kept.append(path)
        branch = whole
        for name in path.split("."):
            branch = branch.setdefault(name, {})
    return whole


def _part(value: Any, wanted: Tree) -> Any:
    if not wanted:
        return value
    if isinstance(value, list):
        return [_part(member, wanted) for member in value]
    if not isinstance(value, dict):
        return value
    return {name: _part(below, wanted[name]) for name, below in value.items() if name in wanted}
