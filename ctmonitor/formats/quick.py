"""The quick way to the canonical form, for records in which nothing is to be mended.

Nearly all are such. A decoder made from the catalogue of fields checks their types and an encoder
writes them in order, both at the speed of C; what the decoder refuses, and what holds signs of
something to mend, goes the long way through `canonical`, which also has the words for what is
wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Annotated, Any, Final, TypedDict

import msgspec

from ctmonitor.records import PartialDate, catalogue

_Number = (
    Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
    # Larger fractions are written in other signs by the two encoders.
    | Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
)
_TYPES: Final[dict[str, Any]] = {
    "text": str,
    "markup": str,
    "enum": str,
    "date": str,
    "boolean": bool,
    # A decoder of integers alone would take 1.0 for one.
    "integer": _Number,
    "number": _Number,
}
_TO_MEND: Final = (rb"\r", rb"\u0000", b'"D000')
"""Line ends of other systems, NUL, and MeSH numbers as they were written until 2023."""

_HOLDER: Final = "derivedSection.miscInfoModule.versionHolder"
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_SORTED: Final = msgspec.json.Encoder(order="sorted")

Tree = dict[str, "Tree"]


@dataclass(frozen=True, slots=True)
class Quick:
    """One study's canonical bytes, and the date of its release where it says one."""

    canonical: bytes
    released: PartialDate | None


def quickly(payload: bytes) -> Quick | None:
    """The canonical form of one study's JSON; None where only the long way can tell."""
    if any(sign in payload for sign in _TO_MEND):
        return None
    try:
        study = _decoder().decode(payload)
    except _UNREADABLE:
        return None
    if not all(map(_is_date, _values(study, _dates()))):
        return None
    if any(type(value) is float for value in _values(study, _integers())):
        return None
    released = _values(study, _holder())
    _drop(study, _never_kept())
    return Quick(_SORTED.encode(study), PartialDate.parse(released[0]) if released else None)


class _Modules(TypedDict, total=False):
    identificationModule: dict[str, Any]
    statusModule: dict[str, Any]
    designModule: dict[str, Any]
    oversightModule: dict[str, Any]
    sponsorCollaboratorsModule: dict[str, Any]


class _Few(TypedDict, total=False):
    protocolSection: _Modules
    resultsSection: msgspec.Raw
    hasResults: bool


_FEW: Final = msgspec.json.Decoder(_Few)


def few_of(canonical: bytes) -> dict[str, Any]:
    """The part of a canonical content from which its facts are read; the rest is passed over."""
    return dict(_FEW.decode(canonical))


@cache
def _decoder() -> msgspec.json.Decoder[Any]:
    """A decoder that knows every field of the catalogue, and refuses every other."""
    below: dict[str, list[str]] = {}
    for path in catalogue():
        below.setdefault(path.rpartition(".")[0], []).append(path)

    def struct(path: str) -> Any:
        names = {_attribute(child): child.rpartition(".")[2] for child in below.get(path, ())}
        fields = [
            (_attribute(child), of(child) | msgspec.UnsetType, msgspec.UNSET)
            for child in below.get(path, ())
        ]
        return msgspec.defstruct("Part", fields, rename=names, forbid_unknown_fields=True, gc=False)

    def of(path: str) -> Any:
        field = catalogue()[path]
        kind = struct(path) if field.type == "struct" else _TYPES[field.type]
        return list[kind] if field.is_list else kind  # type: ignore[valid-type]

    return msgspec.json.Decoder(struct(""))


def _attribute(path: str) -> str:
    """The name of a field's attribute: some of the registry's names are words of Python."""
    return f"{path.rpartition('.')[2]}_"


@cache
def _dates() -> Tree:
    return _tree(path for path, field in catalogue().items() if field.type == "date")


@cache
def _integers() -> Tree:
    return _tree(path for path, field in catalogue().items() if field.type == "integer")


@cache
def _holder() -> Tree:
    return _tree(iter([_HOLDER]))


@cache
def _never_kept() -> Tree:
    return _tree(path for path, field in catalogue().items() if field.is_never_kept)


def _tree(paths: Iterator[str]) -> Tree:
    """Paths as a tree of attributes; an empty tree stands for a place itself, and all below it."""
    whole: Tree = {}
    kept: list[str] = []
    for path in sorted(paths):
        if any(path.startswith(f"{above}.") for above in kept):
            continue
        kept.append(path)
        branch = whole
        for name in path.split("."):
            branch = branch.setdefault(_attribute(name), {})
    return whole


def _values(part: Any, wanted: Tree) -> list[Any]:
    """Every plain value at the wanted places."""
    found: list[Any] = []
    _gather(part, wanted, found)
    return found


def _gather(part: Any, wanted: Tree, found: list[Any]) -> None:
    for name, below in wanted.items():
        value = getattr(part, name)
        if value is msgspec.UNSET:
            continue
        if type(value) is not list:
            if below:
                _gather(value, below, found)
            else:
                found.append(value)
        elif below:
            for member in value:
                _gather(member, below, found)
        else:
            found += value


@lru_cache(maxsize=50_000)  # texts from outside must not fill the memory
def _is_date(text: str) -> bool:
    try:
        PartialDate.parse(text)
    except ValueError:
        return False
    return True


def _drop(part: Any, unwanted: Tree) -> None:
    """Take away what is never kept, and what held nothing else."""
    for name, below in unwanted.items():
        value = getattr(part, name)
        if value is msgspec.UNSET:
            continue
        if not below:
            setattr(part, name, msgspec.UNSET)
        elif type(value) is list:
            for member in value:
                _drop(member, below)
        elif not _is_empty(value):
            _drop(value, below)
            if _is_empty(value):
                setattr(part, name, msgspec.UNSET)


def _is_empty(part: Any) -> bool:
    return all(getattr(part, name) is msgspec.UNSET for name in part.__struct_fields__)
