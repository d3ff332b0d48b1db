"""The quick way to the canonical form, for records in which nothing is to be mended.

Nearly all are such. Their types are checked by a decoder made from the catalogue of fields, at
the speed of C; what it refuses, and what holds signs of something to mend, goes the long way
through `canonical`, which also knows the words for what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Annotated, Any, Final

import msgspec
import orjson

from ctmonitor.records import PartialDate, catalogue

_LEAST, _MOST = -(2**63), 2**63 - 1
_TYPES: Final[dict[str, Any]] = {
    "text": str,
    "markup": str,
    "enum": str,
    "date": str,
    "boolean": bool,
    "integer": Annotated[int, msgspec.Meta(ge=_LEAST, le=_MOST)],
    "number": Annotated[int, msgspec.Meta(ge=_LEAST, le=_MOST)] | float,
}
_TO_MEND: Final = (rb"\r", rb"\u0000", b'"D000')
"""Line ends of other systems, NUL, and MeSH numbers as they were written until 2023."""

HOLDER: Final = "derivedSection.miscInfoModule.versionHolder"

Tree = dict[str, "Tree"]


def quick_content(payload: bytes) -> tuple[dict[str, Any], PartialDate | None] | None:
    """The canonical content of one study's JSON, and the date of its release, if it says one.

    None where only the long way can tell.
    """
    if any(sign in payload for sign in _TO_MEND):
        return None
    try:
        _decoder().decode(payload)
        content = orjson.loads(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, orjson.JSONDecodeError):
        return None
    if not all(map(_is_date, _values(content, _dates()))):
        return None
    if not all(type(value) is int for value in _values(content, _integers())):
        return None  # The decoder takes 1.0 for an integer.
    released = _values(content, _holder())
    _drop(content, _never_kept())
    return content, PartialDate.parse(released[0]) if released else None


@cache
def _decoder() -> msgspec.json.Decoder[Any]:
    """A decoder that knows every field of the catalogue, and refuses every other."""
    below: dict[str, list[tuple[str, str]]] = {}
    for path in catalogue():
        above, _, name = path.rpartition(".")
        below.setdefault(above, []).append((name, path))

    def struct(path: str) -> Any:
        fields = [
            (f"f{at}", of(child) | msgspec.UnsetType, msgspec.UNSET)
            for at, (_, child) in enumerate(below.get(path, ()))
        ]
        names = {f"f{at}": name for at, (name, _) in enumerate(below.get(path, ()))}
        return msgspec.defstruct("Part", fields, rename=names, forbid_unknown_fields=True, gc=False)

    def of(path: str) -> Any:
        field = catalogue()[path]
        kind = struct(path) if field.type == "struct" else _TYPES[field.type]
        return list[kind] if field.is_list else kind  # type: ignore[valid-type]

    return msgspec.json.Decoder(struct(""))


@cache
def _dates() -> Tree:
    return _tree(path for path, field in catalogue().items() if field.type == "date")


@cache
def _integers() -> Tree:
    return _tree(path for path, field in catalogue().items() if field.type == "integer")


@cache
def _holder() -> Tree:
    return _tree(iter([HOLDER]))


@cache
def _never_kept() -> Tree:
    return _tree(path for path, field in catalogue().items() if field.is_never_kept)


def _tree(paths: Iterator[str]) -> Tree:
    """Paths as a tree; an empty tree stands for the place itself, and all below it."""
    whole: Tree = {}
    kept: list[str] = []
    for path in sorted(paths):
        if any(path.startswith(f"{above}.") for above in kept):
            continue
        kept.append(path)
        branch = whole
        for name in path.split("."):
            branch = branch.setdefault(name, {})
    return whole


def _values(value: Any, wanted: Tree) -> list[Any]:
    """Every plain value at the wanted places."""
    found: list[Any] = []
    _gather(value, wanted, found)
    return found


def _gather(value: Any, wanted: Tree, found: list[Any]) -> None:
    if type(value) is list:
        if wanted:
            for member in value:
                _gather(member, wanted, found)
        else:
            found.extend(value)
        return
    for name in wanted.keys() & value.keys():
        below, there = wanted[name], value[name]
        if below or type(there) is list:
            _gather(there, below, found)
        else:
            found.append(there)


@lru_cache(maxsize=50_000)  # texts from outside must not fill the memory
def _is_date(text: str) -> bool:
    try:
        PartialDate.parse(text)
    except ValueError:
        return False
    return True


def _drop(value: Any, unwanted: Tree) -> None:
    """Take away what is never kept, and what held nothing else."""
    if type(value) is list:
        for member in value:
            _drop(member, unwanted)
        return
    for name, below in unwanted.items():
        if name not in value:
            continue
        if not below:
            del value[name]
        elif value[name] != {}:
            _drop(value[name], below)
            if value[name] == {}:
                del value[name]
