"""A study's JSON as parts made from the catalogue of fields: types checked at the speed of C.

A part has an attribute for each field of the catalogue below its place; one that a study does
not say is None, which no field of the registry's may be. A decoder of parts refuses every field
that the catalogue does not know, and every value of another type.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, Final

import msgspec

from ctmonitor.records import catalogue

_INTEGER = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
# Larger fractions are written in other signs by the two encoders.
_NUMBER = _INTEGER | Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
_TYPES: Final[dict[str, Any]] = {
    "text": str,
    "markup": str,
    "enum": str,
    "date": str,
    "boolean": bool,
    "integer": _INTEGER,
    "number": _NUMBER,
}
_NAME = Annotated[str, msgspec.Meta(max_length=100)]
_PLAIN = str | bool | _NUMBER
_UNLISTED = dict[_NAME, _PLAIN | dict[_NAME, _PLAIN]]
"""What stands where the registry says only that there is a struct (`modelPredictions`)."""

_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def parts_of(payload: bytes) -> Any:
    """The parts of one study's JSON; one of UNREADABLE where it is not of the usual kind."""
    return _decoder().decode(payload)


def sorted_bytes(value: Any) -> bytes:
    """Parts and plain values as compact JSON, keys in order."""
    return _ENCODER.encode(value)


@cache
def _decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(part_at(""))


@cache
def part_at(path: str) -> type[msgspec.Struct]:
    """The class of the parts at a path of the registry's; of the whole study, at no path."""
    # In order of their names: so they are written in order without being sorted each time.
    fields = [(attribute(child), _type_at(child), None) for child in sorted(_below()[path])]
    return msgspec.defstruct(
        "Part",
        fields,
        rename={attribute(child): child.rpartition(".")[2] for child in _below()[path]},
        forbid_unknown_fields=True,
        omit_defaults=True,
        gc=False,
    )


def attribute(path: str) -> str:
    """The name of a field's attribute: some of the registry's names are words of Python."""
    return f"{path.rpartition('.')[2]}_"


def _type_at(path: str) -> Any:
    field = catalogue()[path]
    if field.type != "struct":
        kind = _TYPES[field.type]
    else:
        kind = part_at(path) if path in _below() else _UNLISTED
    return list[kind] if field.is_list else kind  # type: ignore[valid-type]


@cache
def _below() -> dict[str, list[str]]:
    """The fields right below each place."""
    below: dict[str, list[str]] = {}
    for path in catalogue():
        below.setdefault(path.rpartition(".")[0], []).append(path)
    return below


class Places:
    """Some fields of parts, wherever they stand in the tree; the fields are no lists."""

    __slots__ = ("_below", "_leaves", "_values")

    def __init__(self, paths: Iterable[str]) -> None:
        below: dict[str, list[str]] = {}
        for path in paths:
            name, _, rest = path.partition(".")
            below.setdefault(attribute(name), []).append(rest)
        leaves = [name for name, rests in below.items() if rests == [""]]
        # One getter of several attributes is faster than several of one.
        self._values = attrgetter(*leaves) if len(leaves) > 1 else None
        self._leaves = leaves if len(leaves) == 1 else []
        self._below = [(name, Places(rests)) for name, rests in below.items() if name not in leaves]

    def values_in(self, part: Any) -> list[Any]:
        """Every value at these places that is said."""
        found: list[Any] = []
        self._gather(part, found)
        return [value for value in found if value is not None]

    def _gather(self, part: Any, found: list[Any]) -> None:
        if self._values is not None:
            found += self._values(part)
        for name in self._leaves:
            found.append(getattr(part, name))
        for name, below in self._below:
            value = getattr(part, name)
            if value is None:
                continue
            if type(value) is list:
                for member in value:
                    below._gather(member, found)
            else:
                below._gather(value, found)
