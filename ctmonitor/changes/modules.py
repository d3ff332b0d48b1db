"""Which modules of two contents differ: told from their bytes, so that only these are read."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec
import orjson

from ctmonitor.records import catalogue

Content = dict[str, Any]
_Modules = dict[str, msgspec.Raw]
_NONE: Final[_Modules] = {}


def differing_modules(before: bytes, after: bytes) -> tuple[Content, Content]:
    """Two canonical contents without the modules that are the same, byte for byte, in both."""
    try:
        ones, others = _decoder().decode(before), _decoder().decode(after)
    except msgspec.ValidationError:  # a section that a later release adds
        return orjson.loads(before), orjson.loads(after)
    contents: tuple[Content, Content] = {}, {}
    for name in ones.__struct_fields__:
        one, other = getattr(ones, name), getattr(others, name)
        if one != other:
            for content, mine, its in zip(contents, (one, other), (other, one), strict=True):
                if mine is not None:
                    content[name] = _read(mine, its)
    return contents


def _read(mine: _Modules | msgspec.Raw, its: _Modules | msgspec.Raw | None) -> Any:
    """The modules of a section that the other content has not, or has otherwise."""
    if isinstance(mine, msgspec.Raw):
        return orjson.loads(memoryview(mine))
    same = its if isinstance(its, dict) else _NONE
    return {
        name: orjson.loads(memoryview(raw)) for name, raw in mine.items() if same.get(name) != raw
    }


@cache
def _decoder() -> msgspec.json.Decoder[Any]:
    """A decoder of a content's sections into the bytes of their modules."""
    sections = [field for field in catalogue().values() if "." not in field.path]
    types = {one.path: _Modules if one.type == "struct" else msgspec.Raw for one in sections}
    fields = [(path, types[path], None) for path in sorted(types)]
    return msgspec.json.Decoder(
        msgspec.defstruct("Sections", fields, forbid_unknown_fields=True, gc=False)
    )
