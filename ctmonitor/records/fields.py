"""The catalogue of the registry's fields: one line a field, in `fields.tsv`.

Made from the registry's own description (https://clinicaltrials.gov/api/v2/studies/metadata) by
`python -m tests.records.make_catalogue`. Columns: our name, the registry's path, its label, its
type, how list members are told apart, and flags.

How members are told apart: levels from strict to loose, split by `|`; a level is the members'
fields that must agree; of a field behind `~` the text must only be near. `=` is a set of plain
values; `#` and `-` mean by place. Flags: `v` never kept, `r` the registry's own, `n` noise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class Field:
    """One field of the registry's records."""

    name: str
    path: str
    label: str
    type: str
    """`text`, `markup`, `date`, `boolean`, `integer`, `number`, `enum` or `struct`."""
    is_list: bool
    items: str
    is_never_kept: bool
    is_registrys: bool
    is_noise: bool

    @cached_property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """The fields that tell members apart, strictest level first; empty for plain values."""
        if self.items in ("=", "#", "-"):
            return ()
        return tuple(tuple(level.split(",")) for level in self.items.split("|"))

    @cached_property
    def told_apart_by(self) -> tuple[str, ...]:
        """The members' fields that tell them apart, each once, the strictest level's first."""
        names = (name.removeprefix("~") for level in self.levels for name in level)
        return tuple(dict.fromkeys(names))

    @property
    def module(self) -> str:
        """The registry's module, as `statusModule`; the section where there is none."""
        parts = self.path.split(".")
        return parts[1] if len(parts) > 1 else parts[0]


@cache
def catalogue() -> dict[str, Field]:
    """Every known field by the registry's path, in the registry's order."""
    text = files("ctmonitor.records").joinpath("fields.tsv").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        name, path, label, type_, items, flags = line.split("\t")
        found[path] = Field(
            name=name,
            path=path,
            label=label,
            type=type_.removesuffix("[]"),
            is_list=type_.endswith("[]"),
            items=items,
            is_never_kept="v" in flags,
            is_registrys="r" in flags,
            is_noise="n" in flags,
        )
    return found


@lru_cache(maxsize=10_000)  # names from outside must not fill the memory
def field_at(path: str) -> Field:
    """The field at the registry's path; a field the catalogue does not know is made up for it."""
    known = catalogue().get(path)
    if known is not None:
        return known
    above, _, last = path.rpartition(".")
    parent = field_at(above) if above else None
    name = snake(last) if parent is None else f"{_stem(parent)}{snake(last)}"
    return Field(
        name=name,
        path=path,
        label=_words(last),
        type="any",
        is_list=False,
        items="-",
        is_never_kept=parent is not None and parent.is_never_kept,
        is_registrys=parent is not None and parent.is_registrys,
        is_noise=parent is not None and parent.is_noise,
    )


@cache
def field_named(name: str) -> Field | None:
    """The field by our name, the registry's path, or its last part; None when there is none."""
    for field in catalogue().values():
        if name in (field.name, field.path):
            return field
    wanted = name.casefold().replace("_", "").replace(" ", "")
    for field in catalogue().values():
        if wanted in (
            field.path.rsplit(".", 1)[-1].casefold(),
            field.label.casefold().replace(" ", ""),
        ):
            return field
    return None


def snake(name: str) -> str:
    """`primaryOutcomes` -> `primary_outcomes`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _stem(parent: Field) -> str:
    in_protocol = parent.path.startswith("protocolSection.") and parent.path.count(".") == 1
    return "" if in_protocol else f"{parent.name}."


def _words(name: str) -> str:
    return snake(name).replace("_", " ").capitalize()
