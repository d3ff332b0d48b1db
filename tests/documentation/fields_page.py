"""The page of fields, from the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ctmonitor.records import Field, catalogue

TOP = """# Fields

<!-- Printed by `make docs` from ctmonitor/records/fields.tsv; change it there instead. -->

ctmonitor knows every field that the registry's API describes, by a name in small letters made from
the registry's own, such as `overall_status` for `protocolSection.statusModule.overallStatus`. A
field that the registry adds later is compared and kept all the same. `--field` takes our name, the
registry's path or label; a struct or list stands for all below it. `--module` takes a module.

## Modules

| module | fields |
|---|---|
"""
LISTS = """
## How members of lists are told apart

A member of a list is known by what it is, not by its place, so that sorting a list is no change,
and a member that was only renamed is *changed*. The fields named first must agree; of those that
are left over, the next ones must; *near* means that the texts need only be alike. Lists of plain
words, such as keywords, are compared as sets.

| list | label | told apart by |
|---|---|---|
"""
NOISE = """
## What moves by itself

Kept as changes, shown with `--noise`, told by no rule:

"""
NEVER = """
## What is never kept

The date of the release, which is kept with the snapshot instead, and what the registry derives
from its own browse trees:

"""


def page() -> str:
    """The whole page."""
    fields = catalogue().values()
    noise = _tops([one for one in fields if one.is_noise and not one.is_never_kept])
    never = _tops([one for one in fields if one.is_never_kept])
    parts = [
        TOP,
        *(f"| {module} | {count} |\n" for module, count in _modules()),
        LISTS,
        *(_list_row(one) for one in fields if one.is_list and one.levels),
        NOISE,
        *(f"- `{one.name}` ({one.label})\n" for one in noise),
        NEVER,
        *(f"- `{one.name}` ({one.label})\n" for one in never),
    ]
    return "".join(parts)


def _modules() -> list[tuple[str, int]]:
    named = Counter(one.module for one in catalogue().values() if one.path.count(".") > 1)
    return list(named.items())


def _list_row(field: Field) -> str:
    levels = "; else ".join(_level(level) for level in field.levels)
    return f"| `{field.name}` | {field.label} | {levels} |\n"


def _level(level: tuple[str, ...]) -> str:
    return ", ".join(f"near `{name[1:]}`" if name[0] == "~" else f"`{name}`" for name in level)


def _tops(fields: list[Field]) -> Iterator[Field]:
    """Those that stand below no other of them."""
    paths = {one.path for one in fields}
    return (one for one in fields if not any(one.path.startswith(f"{path}.") for path in paths))
